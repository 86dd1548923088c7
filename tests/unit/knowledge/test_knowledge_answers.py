"""The answers follow their files while the system runs."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from desk.knowledge import Answers, FaqError

PASSPORT = """
- id: passport
  topic: "0801"
  question: 护照怎么办
  variants: [第一次办护照去哪里]
  answer: {answer}
  source: {{title: 办事指南, updated: 2026-01-01}}
"""
LIBRARY = """
- id: library
  topic: "0103"
  question: 图书馆几点开门
  variants: [图书馆什么时候关门]
  answer: 九点。
  source: {title: 公告, updated: 2026-01-01}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.yml").write_text(PASSPORT.format(answer="到市民中心。"), encoding="utf-8")
    return tmp_path


def answer(answers: Answers, question: str) -> str | None:
    entry = answers.find(question)
    return entry and entry.answer


def test_an_edited_entry_is_answered_from_at_once(folder: Path) -> None:
    answers = Answers(folder)
    assert answer(answers, "怎么办护照") == "到市民中心。"
    (folder / "a.yml").write_text(PASSPORT.format(answer="到出入境大厅。"), encoding="utf-8")
    assert answer(answers, "怎么办护照") == "到出入境大厅。"


def test_a_new_file_is_found_and_a_removed_one_forgotten(folder: Path) -> None:
    answers = Answers(folder)
    assert answer(answers, "图书馆几点开门") is None
    (folder / "b.yml").write_text(LIBRARY, encoding="utf-8")
    assert answer(answers, "图书馆几点开门") == "九点。"
    (folder / "a.yml").unlink()
    assert answer(answers, "怎么办护照") is None


def test_a_broken_file_leaves_the_answers_as_they_were(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    answers = Answers(folder)
    (folder / "b.yml").write_text("- id: x", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert answer(answers, "怎么办护照") == "到市民中心。"
        assert answer(answers, "怎么办护照") == "到市民中心。"
    assert len(caplog.records) == 1
    assert "b.yml" in caplog.text
    (folder / "b.yml").write_text(LIBRARY, encoding="utf-8")
    assert answer(answers, "图书馆几点开门") == "九点。"


def test_a_broken_file_at_the_start_is_named(folder: Path) -> None:
    (folder / "b.yml").write_text("- id: x", encoding="utf-8")
    with pytest.raises(FaqError, match=r"b\.yml"):
        Answers(folder)
