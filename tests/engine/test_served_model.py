"""What a trained archive answers when it is loaded, in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.understanding import Understanding

TEXTS = (
    "你好",
    "人民路路灯坏了，电话13800138000",
    "小区门口路灯不亮。另外，公积金怎么提取？",
    "YS261125000017怎么样了",
    "锦绣云天漏水",
)


@pytest.fixture(scope="module")
def understanding(small_model: Path) -> Understanding:
    return Understanding.load(small_model)


def answers(one: Understanding) -> list[dict[str, Any]]:
    return [one.parse(text) for text in TEXTS]


def entities(parsed: dict[str, Any], kind: str) -> list[str]:
    return [entity["value"] for entity in parsed["entities"] if entity["entity"] == kind]


def test_a_greeting_is_a_greeting(understanding: Understanding) -> None:
    assert understanding.parse("你好")["intent"]["name"] == "greet"


@pytest.mark.parametrize(
    "text",
    ["/greet", '/thank{"phone": "13800138000"}', '/inform{"ticket_number": "x"}', "/restart"],
)
def test_a_leading_slash_names_no_intent(understanding: Understanding, text: str) -> None:
    parsed = understanding.parse(text)
    named = text[1:].partition("{")[0]
    assert parsed["intent"]["name"] != named
    assert parsed["intent"]["confidence"] < 1


def test_a_leading_slash_sets_no_slot(understanding: Understanding) -> None:
    parsed = understanding.parse('/inform{"place": "人民路", "ticket_number": "x"}')
    assert {entity["extractor"] for entity in parsed["entities"]} <= {
        "PlaceExtractor",
        "NumberExtractor",
    }
    assert entities(parsed, "ticket_number") == []


def test_a_slash_before_a_request_leaves_it_a_request(understanding: Understanding) -> None:
    parsed = understanding.parse("/人民路路灯坏了")
    assert parsed["intent"]["name"] == understanding.parse("人民路路灯坏了")["intent"]["name"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "😀😀😀",
        "1",
        "？？？",
        "Где находится больница?",
        "asdkjh qwlekj zxmc",
        "龘靐齉爩鱻麤",
    ],
)
def test_what_nobody_can_understand_is_not_guessed(understanding: Understanding, text: str) -> None:
    parsed = understanding.parse(text)
    assert parsed["intent"]["name"] == "nlu_fallback"
    assert parsed["topic"]["code"] == ""
    assert parsed["matters"] == []


def test_a_ticket_number_alone_asks_for_its_progress(understanding: Understanding) -> None:
    parsed = understanding.parse("ＹＳ２６１１２５００００１７")
    assert parsed["intent"]["name"] == "ask_progress"
    assert entities(parsed, "ticket_number") == ["YS261125000017"]


def test_every_span_leads_to_the_text_as_written(understanding: Understanding) -> None:
    text = "  在陝西南路１２３弄５号　漏水，電話１３８００１３８０００"
    parsed = understanding.parse(text)
    assert entities(parsed, "phone") == ["13800138000"]
    for entity in parsed["entities"]:
        if entity["entity"] == "place":
            assert text[entity["start"] : entity["end"]] == entity["value"]
    (phone,) = (entity for entity in parsed["entities"] if entity["entity"] == "phone")
    assert text[phone["start"] : phone["end"]] == "１３８００１３８０００"


def test_a_text_of_any_length_is_answered(understanding: Understanding) -> None:
    assert understanding.parse("路灯坏了，" * 2000)["matters"] == []


def test_two_loads_of_an_archive_answer_alike(
    understanding: Understanding, small_model: Path
) -> None:
    assert answers(Understanding.load(small_model)) == answers(understanding)


def test_the_same_text_again_gets_the_same_answer(understanding: Understanding) -> None:
    assert answers(understanding) == answers(understanding)


def test_two_archives_in_one_process_share_nothing(
    understanding: Understanding, other_model: Path
) -> None:
    before = answers(understanding)
    other = Understanding.load(other_model)
    assert entities(other.parse("锦绣云天漏水"), "place") == ["锦绣云天"]
    intents = {one["name"] for one in other.parse("你好啊路灯")["intent_ranking"]}
    assert intents <= {"incident", "consultation", "nlu_fallback"}
    assert answers(understanding) == before


def danger(understanding: Understanding, text: str) -> tuple[str, float]:
    found = understanding.parse(text)["danger"]
    return found["code"], found["confidence"]


def test_a_danger_is_sensed_in_the_one_sentence_that_tells_of_it(
    understanding: Understanding,
) -> None:
    told = "电梯停在三楼半天不动了，我和孩子在里面出不来"
    around = "我们小区的物业一直不作为，垃圾没人清，路灯也不亮。"
    code, confidence = danger(understanding, told)
    assert code == "trapped_lift"
    assert danger(understanding, f"您好！{around}{told}。{around}请您督促物业。") == (
        code,
        pytest.approx(confidence, abs=0.3),
    )
    assert danger(understanding, around)[1] < 0.25 < confidence


@pytest.mark.parametrize("text", ["", "！", "你好", "算了", "13800138000", "。。。！？"])
def test_nothing_to_fear_in_what_says_nothing(understanding: Understanding, text: str) -> None:
    assert danger(understanding, text)[1] < 0.25


def test_a_model_that_learned_no_danger_senses_none(other_model: Path) -> None:
    assert danger(Understanding.load(other_model), "我被困在电梯里了") == ("", 0.0)
