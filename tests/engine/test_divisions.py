"""Provinces, cities, districts and counties in a text."""

from __future__ import annotations

import pytest

from bot.nlu.divisions import Divisions
from bot.nlu.place_grammar import with_missed
from bot.nlu.segmentation import Segmenter

SEGMENTER = Segmenter()
DIVISIONS = Divisions(["杭州", "杭州市", "余杭区", "上海", "陕西", "浙江省"])


def found(text: str) -> list[str]:
    spans = DIVISIONS.find(text, DIVISIONS.mentions(text), SEGMENTER.cut(text))
    return [text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("咨询杭州地铁规划", ["杭州"]),
        ("余杭区租房补贴", ["余杭区"]),
        ("浙江省直机关遴选", ["浙江省"]),
        ("a市b3县修路", ["a市", "b3县"]),
        ("路灯坏了", []),
    ],
)
def test_a_division_is_found_without_learning(text: str, expected: list[str]) -> None:
    assert found(text) == expected


def test_a_division_inside_a_place_is_no_place_of_its_own() -> None:
    assert with_missed([(0, 4)], [(0, 2)]) == [(0, 4)]


def test_a_division_beside_a_place_is_kept() -> None:
    assert with_missed([(4, 8)], [(0, 2)]) == [(0, 2), (4, 8)]
