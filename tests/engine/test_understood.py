"""What the model of the present sources makes of our test sets. `make bench WHAT=understanding` prints the
same figures beside their targets; here are floors below which something broke."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from bot.labelled import NO_DANGER
from bot.train import train
from bot.understanding import Understanding
from tests.engine.small_project import ROOT

DATA = ROOT / "tests" / "engine" / "data"

#: Meant for the city and understood by nobody, or understood and no matter of the city.
NOT_TAKEN = {"nlu_fallback", "out_of_scope"}
#: From here on the desk warns: `actions.understanding.SURE_OF_DANGER`.
SURE_OF_DANGER = 0.25
#: Kinds of the rejection set that have sense.
MEANINGFUL = {"advertisement", "no matter of a city"}


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    """The trained model; `YINGSHENG_TEST_MODEL` names another archive."""
    named = os.environ.get("YINGSHENG_TEST_MODEL")
    models = Path(os.environ.get("YINGSHENG_DATA_DIR", str(ROOT / "var"))) / "models"
    return Understanding.load(Path(named) if named else train(models))


def lines(name: str) -> list[Any]:
    content = (DATA / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in content.splitlines()]


def test_near_miss_pairs_are_told_apart(understanding: Understanding) -> None:
    sentences = [sentence for pair in lines("near_miss.jsonl") for sentence in pair.values()]
    right = [understanding.parse(one["text"])["intent"]["name"] == one["type"] for one in sentences]
    assert len(sentences) >= 240
    assert mean(right) >= 0.95


def test_what_is_no_message_to_a_city_is_not_taken_for_one(understanding: Understanding) -> None:
    refused: defaultdict[bool, list[bool]] = defaultdict(list)
    for line in lines("rejection.jsonl"):
        intent = understanding.parse(line["text"])["intent"]["name"]
        refused[line["kind"] in MEANINGFUL].append(intent in NOT_TAKEN)
    assert len(refused[False]) >= 150
    assert mean(refused[False]) >= 0.97
    assert mean(refused[True]) >= 0.7


def test_what_people_type_on_a_phone_is_understood(understanding: Understanding) -> None:
    said = lines("chat.jsonl")
    right = [understanding.parse(one["text"])["intent"]["name"] in one["intents"] for one in said]
    assert len(said) >= 300
    assert mean(right) >= 0.92


def test_danger_is_sensed_in_words_that_were_not_learned(understanding: Understanding) -> None:
    sensed: defaultdict[bool, list[bool]] = defaultdict(list)
    for line in lines("danger.jsonl"):
        found = understanding.parse(line["text"])["danger"]
        sensed[line["danger"] != NO_DANGER].append(found["confidence"] >= SURE_OF_DANGER)
    assert len(sensed[True]) >= 190
    assert len(sensed[False]) >= 190
    assert mean(sensed[True]) >= 0.8
    assert mean(sensed[False]) <= 0.1


def test_the_test_sets_are_not_learned_from() -> None:
    folder = ROOT / "nlu_data"
    learned = [*(folder / "nlu").rglob("*.yml"), *(folder / "dangers").glob("*.txt")]
    examples = {
        line.strip().removeprefix("- ")
        for path in learned
        for line in path.read_text("utf-8").splitlines()
    }
    unlearned = lines("rejection.jsonl") + lines("danger.jsonl") + lines("chat.jsonl")
    asked = [one["text"].strip() for one in unlearned]
    assert [text for text in asked if text in examples] == []
