"""One message, one matter, unless it clearly holds two."""

from __future__ import annotations

from typing import Any

import pytest

from bot.nlu.matters import MAXIMUM_LENGTH, candidate_spans, separate_matters

TWO = "小区门口路灯不亮。另外，公积金怎么提取？"


def parse(text: str, intent: str, topic: str, *places: str, sure: float = 0.9) -> dict[str, Any]:
    """A part as the pipeline understands it."""
    ranking = [{"name": intent, "confidence": sure}]
    return {
        "text": text,
        "intent": ranking[0],
        "intent_ranking": ranking,
        "topic": {
            "code": topic,
            "confidence": sure,
            "first_level": {"code": topic[:2], "confidence": sure},
        },
        "entities": [{"entity": "place", "value": place} for place in places],
    }


def split(text: str, *parses: dict[str, Any]) -> list[str]:
    spans = candidate_spans(text)
    assert len(spans) == len(parses)
    return [matter["text"] for matter in separate_matters(text, spans, parses)]


def test_another_matter_that_is_announced_is_a_matter_of_its_own() -> None:
    light = parse("小区门口路灯不亮", "incident", "0306")
    fund = parse("公积金怎么提取", "consultation", "0801")
    assert split(TWO, light, fund) == ["小区门口路灯不亮。", "公积金怎么提取？"]


@pytest.mark.parametrize(
    "text",
    [
        "第一个 红绿灯坏了，第二个 猪肉缺斤少两",
        "第一件是红绿灯坏了。第二件是猪肉缺斤少两",
        "1、红绿灯坏了 2、猪肉缺斤少两",
    ],
)
def test_the_words_that_number_a_matter_are_not_part_of_it(text: str) -> None:
    parts = [text[start:end].strip("。") for start, end in candidate_spans(text)]
    assert parts == ["红绿灯坏了", "猪肉缺斤少两"]


def test_offsets_of_a_matter_lead_into_the_message() -> None:
    spans = candidate_spans(TWO)
    parses = [parse("路灯不亮", "incident", "0306"), parse("公积金提取", "consultation", "0801")]
    for matter in separate_matters(TWO, spans, parses):
        assert TWO[matter["start"] : matter["end"]] == matter["text"]


@pytest.mark.parametrize(
    "text",
    [
        "楼上装修从早到晚。孩子没法写作业。物业来过两次，没用。",
        "昨天第二次打电话还是没人管",
        "路灯坏了2天了，2、3号楼都黑",
        "第一次打电话没人接，第二次说会来修，到今天也没来",
    ],
)
def test_a_story_about_one_matter_is_not_cut(text: str) -> None:
    assert candidate_spans(text) == []


def test_more_about_the_same_matter_belongs_to_it() -> None:
    one = parse("楼上装修太吵了", "complaint", "0306")
    more = parse("半夜也在施工", "complaint", "0306")
    assert split("楼上装修太吵了，另外半夜也在施工", one, more) == []


def test_the_same_matter_at_another_place_is_another() -> None:
    one = parse("人民路路灯不亮", "incident", "0306", "人民路")
    other = parse("建设路路灯不亮", "incident", "0306", "建设路")
    assert len(split("人民路路灯不亮，另外建设路路灯不亮", one, other)) == 2


def test_a_greeting_at_the_end_is_no_matter() -> None:
    light = parse("路灯不亮很久了", "incident", "0306")
    thanks = parse("谢谢你们", "thank", "")
    assert split("路灯不亮很久了，另外谢谢你们", light, thanks) == []


def test_a_part_that_is_hardly_understood_is_not_cut_off() -> None:
    light = parse("小区门口路灯不亮", "incident", "0306")
    fund = parse("公积金怎么提取", "consultation", "0801", sure=0.3)
    assert split(TWO, light, fund) == []


def test_numbered_points_are_cut_when_there_is_a_first() -> None:
    text = "1、路灯不亮 2、公积金怎么提取"
    assert [text[start:end] for start, end in candidate_spans(text)] == [
        "路灯不亮",
        "公积金怎么提取",
    ]


def test_a_long_letter_is_not_cut() -> None:
    assert candidate_spans("路灯不亮。另外公积金怎么提取？" + "急" * MAXIMUM_LENGTH) == []
