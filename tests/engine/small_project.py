"""A small project to train in a test: the sources as they are, with few examples."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent

#: Examples of each block that the small model learns from: enough to tell a greeting from a complaint.
CONVERSATION_EXAMPLES = 12
REQUEST_EXAMPLES = 2


def copy_project(folder: Path) -> None:
    """A copy of the project's sources in `folder`, with a few examples of each block of `nlu_data`."""
    for name in ("config.yml", "domain.yml"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(
        ROOT / "bot", folder / "bot", ignore=shutil.ignore_patterns(".venv", "__pycache__")
    )
    for name in ("nlu_data/rules", "nlu_data/dictionary", "nlu_data/lookups", "nlu_data/dangers"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "cities" / "demo").mkdir(parents=True)
    shutil.copy(ROOT / "cities/demo/places.yml", folder / "cities/demo/places.yml")
    for path in (ROOT / "nlu_data" / "nlu").rglob("[!l]*.yml"):  # without long_*.yml
        kept = CONVERSATION_EXAMPLES if path.parent.name == "conversation" else REQUEST_EXAMPLES
        content: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for block in content["nlu"]:
            block["examples"] = "\n".join(block["examples"].splitlines()[:kept])
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def train_in(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs `python -m bot.train` on the project in `folder`; archives go to `folder/models`."""
    return subprocess.run(
        [sys.executable, "-m", "bot.train", "--out", str(folder / "models"), *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
