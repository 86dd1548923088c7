"""What the documents name exists: files, links, `make` targets, settings, commands, arrows."""

import os
import re
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest
from typer.main import get_command

from desk.city import City
from desk.cli import app, duplicates
from desk.settings import ROOT, Settings
from tests.unit.test_arrows import ARROWS

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
SETTINGS = {f"YINGSHENG_{name.upper()}" for name in Settings.model_fields}

# Where a path in a document can begin. Others are URLs, addresses, or paths of the reader's machine.
TOPS = ("actions", "benchmarks", "bot", "cities", "connectors", "desk", "docs", "nlu_data", "tests")
FILE_NAME = re.compile(r"\.?[\w-]+(\.[\w-]+)*\.(csv|css|example|html|js|lock|md|py|toml|txt|yml)")
NOT_LOOKED_INTO = {".git", ".hypothesis", ".uv", ".venv", "__pycache__", "node_modules"}
# Rasa's files that we do without.
NOT_OURS = {"credentials.yml", "endpoints.yml"}

each_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT))
)


FENCE = re.compile(r"^ *```\w*\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")


def spans(text: str) -> list[str]:
    """The code inside the sentences of a document."""
    return SPAN.findall(FENCE.sub("", text))


def code(text: str) -> list[str]:
    """All code of a document: fenced blocks, and inside its sentences."""
    return [*FENCE.findall(text), *spans(text)]


@cache
def our_files() -> list[str]:
    """Names of the files and folders that are the project's own, from its root."""
    found: list[str] = []
    for folder, inner, files in os.walk(ROOT):
        inner[:] = [name for name in inner if name not in NOT_LOOKED_INTO]
        found += [Path(folder, name).relative_to(ROOT).as_posix() for name in [*inner, *files]]
    return found


def commands() -> set[str]:
    """`run`, `ticket`, `conversation list` …: all that `yingsheng` can do."""
    found: set[str] = set()
    for name, command in getattr(get_command(app), "commands", {}).items():
        found |= {name, *(f"{name} {inner}" for inner in getattr(command, "commands", {}))}
    return found


def test_the_documents_are_there() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in DOCUMENTS}
    assert names >= {
        "README.md", "README.zh-CN.md", "ARCHITECTURE.md", "SECURITY.md", "CONTRIBUTING.md",
        "CHANGELOG.md", "docs/install.md", "docs/privacy.md",
    }  # fmt: skip
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")


@each_document
def test_links_lead_somewhere(document: Path) -> None:
    text = SPAN.sub("", FENCE.sub("", document.read_text(encoding="utf-8")))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith(("http:", "https:", "#")):
            assert (document.parent / target.partition("#")[0]).is_file(), target


@each_document
def test_paths_exist(document: Path) -> None:
    files = our_files()
    names = {Path(name).name for name in files} | NOT_OURS
    for span in spans(document.read_text(encoding="utf-8")):
        pattern = re.sub(r"<[^>]*>", "*", span).rstrip("/")
        if pattern.split("/")[0] in TOPS and re.fullmatch(r"[\w./*-]+", pattern):
            assert any(fnmatch(name, pattern) for name in files), span
        elif FILE_NAME.fullmatch(span):
            assert span in names, span


@each_document
def test_make_targets_exist(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for piece in code(document.read_text(encoding="utf-8")):
        for target in re.findall(r"(?:^|[\s;])make ([a-z]+)", piece):
            assert target in targets, piece


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_make_target_is_in_the_readme(readme: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `make (\w+)", readme.read_text(encoding="utf-8"), re.MULTILINE)
    told = set(re.findall(r"^([a-z]+):.*##", makefile, re.MULTILINE))
    assert set(rows) == told - {"help"}


@each_document
def test_settings_exist(document: Path) -> None:
    engine = (ROOT / "bot" / "settings.py").read_text(encoding="utf-8")
    known = SETTINGS | set(re.findall(r"YINGSHENG_[A-Z_]+", engine))
    named = set(re.findall(r"YINGSHENG_[A-Z_]*[A-Z]", document.read_text(encoding="utf-8")))
    assert named <= known


def test_the_example_has_every_setting() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^(YINGSHENG_[A-Z_]+)=", example, re.MULTILINE)) == SETTINGS


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_setting_is_in_the_readme(readme: Path) -> None:
    rows = re.findall(
        r"^\| `(YINGSHENG_[A-Z_]+)`", readme.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(rows) == sorted(SETTINGS)


@each_document
def test_commands_exist(document: Path) -> None:
    known = commands()
    called = re.compile(
        r"^(?:[A-Z_]+=\S+ |\S*bin/)?yingsheng ([a-z0-9-]+)(?: ([a-z-]+))?", re.MULTILINE
    )
    for piece in code(document.read_text(encoding="utf-8")):
        for name, inner in called.findall(piece):
            assert name in known, piece
            grouped = any(one.startswith(f"{name} ") for one in known)
            assert not inner or not grouped or f"{name} {inner}" in known, piece


@each_document
def test_steps_of_tickets_exist(document: Path, city: City) -> None:
    steps = r"yingsheng ticket YS\d{12} ([a-z_]+)"
    besides = {"similar", *duplicates.ACTIONS}
    for action in re.findall(steps, document.read_text(encoding="utf-8")):
        assert action in city.lifecycle.transitions or action in besides


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_command_is_in_the_readme(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    for name in commands():
        assert f"`{name.rpartition(' ')[2]}`" in text or f"`yingsheng {name}`" in text, name


def test_the_chinese_readme_is_whole() -> None:
    english, chinese = (path.read_text(encoding="utf-8") for path in READMES)
    for mark in (r"^## ", r"^\| ", r"^```", r"\]\(docs/\w+\.md\)"):
        found = [len(re.findall(mark, text, re.MULTILINE)) for text in (english, chinese)]
        assert found[0] == found[1], mark


def test_the_arrows_of_the_map_are_those_that_are_checked() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text[text.index("\n## Arrows") : text.index("\n## What to touch")]
    shown = {
        room: set(re.findall(r"`([\w.]+)`", targets))
        for room, targets in re.findall(r"^\| `([\w.]+)` \| (.+) \|$", table, re.MULTILINE)
    }
    assert shown == ARROWS
