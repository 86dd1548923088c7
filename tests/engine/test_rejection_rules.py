"""What cannot be understood is known before its class is believed."""

from __future__ import annotations

import pytest

from bot.nlu.normalise import normalise
from bot.nlu.rejection_rules import (
    MINIMUM_KNOWN_SHARE,
    character_pairs,
    is_foreign,
    is_uncertain,
    is_unreadable,
    known_share,
)


@pytest.mark.parametrize(
    "text", ["", "   ", "😀😀👍", "1", "？？？", "……", "aaaaaa", "啊啊啊啊啊", "㈠㈡㈢", "一二三"]
)
def test_a_text_without_words_is_unreadable(text: str) -> None:
    assert is_unreadable(normalise(text).text)


@pytest.mark.parametrize("text", ["路灯坏了", "好", "路灯坏了😀", "三楼漏水"])
def test_a_text_with_words_is_readable(text: str) -> None:
    assert not is_unreadable(normalise(text).text)


@pytest.mark.parametrize(
    "text",
    [
        "the street lamp is broken",
        "Где находится больница?",
        "가로등이 고장났어요",
        "これはテストです",
        "أين المستشفى",
    ],
)
def test_other_languages_are_foreign(text: str) -> None:
    assert is_foreign(normalise(text).text)


@pytest.mark.parametrize("text", ["gjj怎么提取", "A市B区路灯坏了", "我的APP登不上去", "12345"])
def test_abbreviations_in_chinese_are_not_foreign(text: str) -> None:
    assert not is_foreign(normalise(text).text)


def test_random_characters_share_no_pairs_with_what_is_known() -> None:
    known = frozenset(character_pairs("小区门口的路灯坏了三天没人修"))
    assert known_share("龘靐齉爩鱻麤", known) < MINIMUM_KNOWN_SHARE
    assert known_share("路灯坏了没人修", known) > MINIMUM_KNOWN_SHARE


def test_a_text_too_short_for_pairs_is_not_held_against_it() -> None:
    assert known_share("好", frozenset()) == 1


def test_neither_a_class_nor_a_request_is_uncertain() -> None:
    assert is_uncertain(0.2, 0.3, 1)


def test_some_request_of_unsure_type_is_not_uncertain() -> None:
    assert not is_uncertain(0.25, 0.9, 1)


def test_a_doubtful_class_for_a_text_of_doubtful_sense_is_uncertain() -> None:
    assert is_uncertain(0.32, 0.9, 0.4)
