"""What is kept of a resident's words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.conversations.receive import clean

ANY_TEXT = st.text(st.characters())  # surrogates and control characters too


@pytest.mark.parametrize(
    "words",
    [
        "😡路灯坏了👨‍👩‍👧",
        "𠮷野家和䶮街",
        "第一行\n第二行\t缩进",
        "a]]>b & <c> \"d\" 'e' %s {x} \\n",
        '/create_ticket{"address":"x"}',
        "全角　空格",
        "x" * 5000,
    ],
)
def test_ordinary_and_odd_words_stay_as_they_are(words: str) -> None:
    assert clean(words) == words


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("路灯\x00坏了", "路灯坏了"),
        ("\x1b[31m红色\x07", "[31m红色"),
        ("半个\ud83d表情", "半个表情"),
        ("  前后空格  \n", "前后空格"),
        ("换行\r\n照旧", "换行\n照旧"),
        ("\x00\x01\x02", ""),
    ],
)
def test_what_no_database_or_page_can_hold_is_left_out(sent: str, kept: str) -> None:
    assert clean(sent) == kept


@given(ANY_TEXT)
def test_what_is_kept_can_be_stored_and_is_kept_alike_the_second_time(text: str) -> None:
    kept = clean(text)
    kept.encode()
    assert "\x00" not in kept
    assert clean(kept) == kept
