"""Sentences with other places in them: what the tagger learns from must be right."""

from __future__ import annotations

from bot.place_variation import Marked, read_variation
from bot.project import ROOT

LOOKUPS = ROOT / "nlu_data" / "lookups"
ROAD = Marked("路灯坏了,人民路漆黑一片,建设路也是", ((5, 8), (13, 16)))


def varied(*examples: Marked) -> list[Marked]:
    return list(read_variation(LOOKUPS).vary(examples))


def around(one: Marked) -> str:
    """The text with its places cut out."""
    text = one.text
    for start, end in reversed(one.spans):
        text = text[:start] + "_" + text[end:]
    return text


def test_a_place_is_replaced_and_the_sentence_kept() -> None:
    assert [around(one) for one in varied(ROAD)] == ["_漆黑一片,", "_也是"]


def test_a_title_gets_the_area_it_is_about() -> None:
    found = {around(one) for one in varied(*[Marked("咨询公积金提取条件")] * 100) if one.spans}
    assert found == {"咨询_公积金提取条件"}


def test_a_firm_is_no_place() -> None:
    firms = [one for one in varied(*[ROAD] * 40) if not one.spans]
    assert firms
    assert all("公司" in one.text or "集团" in one.text for one in firms)


def test_names_differ() -> None:
    names = [one.text[slice(*one.spans[0])] for one in varied(*[ROAD] * 50) if one.spans]
    assert len(names) > 50
    assert len(set(names)) > 0.9 * len(names)


def test_the_same_examples_have_the_same_variations() -> None:
    assert varied(ROAD, ROAD) == varied(ROAD, ROAD)
