"""The demo city's answers, asked for in other words; and questions that it has no answer to."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from desk.knowledge import NEAR, Index, load_faq
from desk.processes.world import FAQ_DIR


class Paraphrases(BaseModel):
    answered: dict[str, str]
    unanswered: list[str]


@pytest.fixture(scope="module")
def index() -> Index:
    return Index(load_faq(FAQ_DIR))


@pytest.fixture(scope="module")
def paraphrases() -> Paraphrases:
    text = (Path(__file__).parent / "paraphrases.yml").read_text(encoding="utf-8")
    return Paraphrases.model_validate(yaml.safe_load(text))


def test_other_words_find_the_entry(index: Index, paraphrases: Paraphrases) -> None:
    wrong: list[str] = []
    right = 0
    for name, question in paraphrases.answered.items():
        hit = index.search(question, limit=1)[0]
        if hit.score >= NEAR:
            right += hit.entry.id == name
            wrong += [] if hit.entry.id == name else [question]
    assert right / len(paraphrases.answered) >= 0.9
    assert len(wrong) <= 2, wrong


def test_no_answer_rather_than_a_wrong_one(index: Index, paraphrases: Paraphrases) -> None:
    answered = [
        question
        for question in paraphrases.unanswered
        if any(hit.score >= NEAR for hit in index.search(question, limit=1))
    ]
    assert len(answered) <= 1, answered
    assert len(paraphrases.unanswered) - len(answered) >= 40


def test_every_way_of_asking_finds_its_entry() -> None:
    entries = load_faq(FAQ_DIR)
    index = Index(entries)
    strayed = [
        way
        for entry in entries
        for way in (entry.question, *entry.variants)
        if (hit := index.search(way, limit=1)[0]).entry.id != entry.id or hit.score < NEAR
    ]
    assert len(strayed) <= 3, strayed
