"""An archive is named by its sources: another name when any of them changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.project import Project

SOURCES = (
    "config.yml",
    "domain.yml",
    "bot/uv.lock",
    "bot/nlu/linear.py",
    "nlu_data/nlu/greet.yml",
    "nlu_data/dictionary/words.txt",
    "cities/demo/places.yml",
)


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in SOURCES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("as it was\n", encoding="utf-8")
    monkeypatch.setattr("bot.project.ROOT", tmp_path)
    return tmp_path


@pytest.mark.usefixtures("sources")
def test_the_same_sources_have_the_same_fingerprint() -> None:
    assert Project().fingerprint() == Project().fingerprint()


@pytest.mark.parametrize("name", SOURCES)
def test_a_changed_source_changes_the_fingerprint(sources: Path, name: str) -> None:
    before = Project().fingerprint()
    (sources / name).write_text("changed\n", encoding="utf-8")
    assert Project().fingerprint() != before


def test_a_renamed_source_changes_the_fingerprint(sources: Path) -> None:
    before = Project().fingerprint()
    (sources / "nlu_data/nlu/greet.yml").rename(sources / "nlu_data/nlu/hello.yml")
    assert Project().fingerprint() != before


def test_extra_lines_change_the_fingerprint(sources: Path) -> None:
    extra = sources / "extra.jsonl"
    extra.write_text('{"text": "你好"}', encoding="utf-8")
    prints = {Project().fingerprint(), Project(extra=extra).fingerprint()}
    prints.add(Project(extra=extra, only_extra=True).fingerprint())
    extra.write_text('{"text": "您好"}', encoding="utf-8")
    assert len(prints | {Project(extra=extra).fingerprint()}) == 4


def test_a_file_that_no_training_reads_does_not_count(sources: Path) -> None:
    before = Project().fingerprint()
    (sources / "nlu_data" / "README.md").write_text("read me", encoding="utf-8")
    assert Project().fingerprint() == before
