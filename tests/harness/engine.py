"""A real engine process with the trained model."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx

from desk.processes.supervisor import StartError, find_model, start_engine
from desk.settings import ROOT, Settings


def trained_model() -> Path:
    """The model of the present sources; trained now when there is none.

    `YINGSHENG_TEST_MODEL` names another archive, for whoever works on the sources meanwhile."""
    if named := os.environ.get("YINGSHENG_TEST_MODEL"):
        return Path(named)
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    settings.model_dir.mkdir(parents=True, exist_ok=True)
    python = ROOT / "bot" / ".venv" / "bin" / "python"
    done = subprocess.run(
        [python, "-m", "bot.train", "--out", settings.model_dir, "--city", "demo"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        check=True,
        capture_output=True,
        text=True,
    )
    path = Path(done.stdout.strip().splitlines()[-1])
    if not path.exists():
        raise StartError(str(path))
    return path


@contextmanager
def running_engine(settings: Settings) -> Generator[subprocess.Popen[bytes]]:
    """The engine of these settings, ready."""
    find_model(settings)
    process = start_engine(settings)
    try:
        wait_until_ready(settings)
        yield process
    finally:
        process.terminate()
        process.wait(20)


def wait_until_ready(settings: Settings, seconds: float = 60) -> None:
    """Returns when the engine answers."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = httpx.get(
                f"{settings.engines[0]}/status", params={"token": settings.token()}, timeout=2
            )
            if answer.status_code == 200:
                return
        except httpx.TransportError:
            pass
        if time.monotonic() > deadline:
            raise TimeoutError("the engine is not ready")
        time.sleep(0.1)
