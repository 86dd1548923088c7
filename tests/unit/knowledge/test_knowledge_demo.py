"""The demo city's answers, asked for in other words; and questions that it has no answer to."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from desk.knowledge import Answers, load_faq
from desk.processes.world import FAQ_DIR


class Paraphrases(BaseModel):
    answered: dict[str, str]
    unanswered: list[str]


@pytest.fixture(scope="module")
def answers() -> Answers:
    return Answers(FAQ_DIR)


@pytest.fixture(scope="module")
def paraphrases() -> Paraphrases:
    text = (Path(__file__).parent / "paraphrases.yml").read_text(encoding="utf-8")
    return Paraphrases.model_validate(yaml.safe_load(text))


def test_other_words_find_the_entry(answers: Answers, paraphrases: Paraphrases) -> None:
    found = {name: answers.find(asked) for name, asked in paraphrases.answered.items()}
    wrong = [name for name, entry in found.items() if entry and entry.id != name]
    assert wrong == []
    assert sum(entry is not None for entry in found.values()) / len(found) >= 0.88


def test_no_answer_rather_than_a_wrong_one(answers: Answers, paraphrases: Paraphrases) -> None:
    assert [asked for asked in paraphrases.unanswered if answers.find(asked)] == []
    assert len(paraphrases.unanswered) >= 40


def test_every_way_of_asking_finds_its_entry(answers: Answers) -> None:
    strayed = [
        way
        for entry in load_faq(FAQ_DIR)
        for way in (entry.question, *entry.variants)
        if answers.find(way) != entry
    ]
    assert len(strayed) <= 3, strayed


def test_what_is_like_several_entries_finds_none_alone(answers: Answers) -> None:
    for question in ("周末上班吗", "需要带啥材料", "过期了怎么办"):
        assert answers.find(question, alone=True) is None, question
    for question in ("12345都能管什么", "可以匿名吗", "图书馆几点开门"):
        assert answers.find(question, alone=True) == answers.find(question) is not None, question
