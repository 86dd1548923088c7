"""Danger to life and matters that are not accepted, on sentences of our own."""

from __future__ import annotations

import time
from pathlib import Path
from typing import cast

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from desk.city import City, find_danger, find_refusal

HERE = Path(__file__).parent


def sentences(file: str, key: str) -> list[tuple[str, str]]:
    content = cast(
        "dict[str, dict[str, list[str]] | list[str]]",
        yaml.safe_load((HERE / file).read_text(encoding="utf-8")),
    )
    part = content[key]
    if isinstance(part, list):
        return [(text, "") for text in part]
    return [(text, code) for code, texts in part.items() for text in texts]


@pytest.mark.parametrize(("text", "code"), sentences("dangers.yml", "danger"))
def test_a_danger_to_life_is_seen(city: City, text: str, code: str) -> None:
    danger = find_danger(city, text)
    assert danger is not None
    assert danger.code == code


@pytest.mark.parametrize(("text", "_code"), sentences("dangers.yml", "harmless"))
def test_what_only_sounds_dangerous_is_left_alone(city: City, text: str, _code: str) -> None:
    assert find_danger(city, text) is None


@pytest.mark.parametrize(("text", "code"), sentences("refusals.yml", "refused"))
def test_what_the_city_does_not_accept_is_told_its_way(city: City, text: str, code: str) -> None:
    refusal = find_refusal(city, text, "")
    assert refusal is not None
    assert refusal.code == code


@pytest.mark.parametrize(("text", "_code"), sentences("refusals.yml", "accepted"))
def test_ordinary_matters_are_not_refused(city: City, text: str, _code: str) -> None:
    assert find_refusal(city, text, "") is None


def test_a_danger_is_never_refused(city: City) -> None:
    for text, _ in sentences("dangers.yml", "danger"):
        assert find_refusal(city, text, "") is None, text


@pytest.mark.parametrize(
    "text",
    [
        "着火了！",
        "着火了!",
        "着火了",
        "  着火了  ",
        "着火了。。。",
        "着火了🔥🔥",
        "小区\n着火了",
        "著火了",
    ],
)
def test_writing_habits_do_not_hide_a_danger(city: City, text: str) -> None:
    danger = find_danger(city, text)
    assert danger is not None
    assert danger.code == "fire"


def test_a_harmless_phrase_hides_only_itself(city: City) -> None:
    assert find_danger(city, "火锅店油烟大") is None
    assert find_danger(city, "火锅店着火了") is not None
    assert find_danger(city, "上周消防演练很好，现在六楼着火了") is not None
    assert find_danger(city, "火已经扑灭了，还有人困在电梯里") is not None


def test_someone_who_wants_to_die_gets_a_person_and_the_right_number_first(city: City) -> None:
    danger = find_danger(city, "我不想活了")
    assert danger is not None
    assert danger.then == "human"
    assert danger.numbers[0] == "12356"


def test_each_danger_names_its_first_number_before_any_other(city: City) -> None:
    for danger in city.dangers:
        places = {number: danger.told.find(number) for number in danger.numbers}
        assert places[danger.numbers[0]] >= 0, danger.code
        assert places[danger.numbers[0]] == min(p for p in places.values() if p >= 0), danger.code


def test_topics_narrow_a_refusal(city: City) -> None:
    narrow = city.refusals[0].model_copy(update={"topics": ("0306",)})
    narrowed = city.model_copy(update={"refusals": (narrow,)})
    text = "我在上海市浦东新区的小区停水了"
    assert find_refusal(narrowed, text, "030603") is narrow
    assert find_refusal(narrowed, text, "0904") is None
    assert find_refusal(narrowed, text, "") is None


@given(st.text(max_size=400))
def test_any_text_gets_an_answer(city: City, text: str) -> None:
    find_danger(city, text)
    find_refusal(city, text, "")


def test_a_very_long_text_is_quick(city: City) -> None:
    text = "孩子老人电梯楼房水里电线" * 1000
    began = time.perf_counter()
    find_danger(city, text)
    find_refusal(city, text, "")
    assert time.perf_counter() - began < 10
