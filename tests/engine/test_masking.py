"""A text without its places reads the same whatever street it names."""

from __future__ import annotations

from bot.nlu.masking import MARK, without_places


def test_a_place_becomes_a_mark_in_text_and_words() -> None:
    words = [("人民路", 0, 3), ("漏水", 3, 5)]
    assert without_places("人民路漏水", words, [(0, 3)]) == (f"{MARK}漏水", [MARK, "漏水"])


def test_a_word_across_the_border_keeps_what_is_outside() -> None:
    words = [("人民", 0, 2), ("路漏", 2, 4), ("水", 4, 5)]
    assert without_places("人民路漏水", words, [(0, 3)])[1] == [MARK, "漏", "水"]


def test_two_streets_look_alike() -> None:
    one = without_places("人民路黑", [("人民路", 0, 3), ("黑", 3, 4)], [(0, 3)])
    other = without_places("建设大道黑", [("建设", 0, 2), ("大道", 2, 4), ("黑", 4, 5)], [(0, 4)])
    assert one == other
