"""One spelling for many, and the way back to what was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.normalise import MAX_LENGTH, normalise, normalise_character

WRITTEN = st.text(max_size=60)


@given(WRITTEN)
def test_every_character_comes_from_the_one_its_offset_names(text: str) -> None:
    plain = normalise(text)
    assert len(plain.text) == len(plain.origin)
    assert all(
        part in normalise_character(text[at])
        for part, at in zip(plain.text, plain.origin, strict=True)
    )


@given(WRITTEN)
def test_offsets_never_go_back(text: str) -> None:
    origin = normalise(text).origin
    assert list(origin) == sorted(origin)


@given(WRITTEN, st.data())
def test_a_span_found_leads_to_the_original_and_back(text: str, data: st.DataObject) -> None:
    plain = normalise(text)
    if not plain.text:
        return
    start = data.draw(st.integers(0, len(plain.text) - 1))
    end = data.draw(st.integers(start + 1, len(plain.text)))
    first, last = plain.normalised_span(*plain.original_span(start, end))
    assert first <= start
    assert end <= last


@given(WRITTEN)
def test_no_blank_stands_at_an_end_or_beside_another(text: str) -> None:
    plain = normalise(text).text
    assert plain == " ".join(plain.split(" ")).strip(" ")
    assert "  " not in plain


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        pytest.param("人行道積水，請儘快處理", "人行道积水,请尽快处理", id="traditional"),
        pytest.param("１３８ＡＢ（東）", "138ab(东)", id="full width"),
        pytest.param("路\u200b灯\ufe0f不亮", "路灯不亮", id="invisible"),
        pytest.param(" 路灯\n\n 不亮\u3000", "路灯 不亮", id="blanks"),
    ],
)
def test_spellings_become_one(written: str, plain: str) -> None:
    assert normalise(written).text == plain


def test_a_place_in_full_width_is_given_as_it_was_written() -> None:
    written = "在　陝西南路１２３弄，漏水"
    plain = normalise(written)
    start = plain.text.index("陕西南路123弄")
    first, last = plain.original_span(start, start + len("陕西南路123弄"))
    assert written[first:last] == "陝西南路１２３弄"


def test_a_leading_slash_stays_text() -> None:
    assert normalise("/greet{}").text == "/greet{}"


def test_what_exceeds_the_longest_message_is_not_read() -> None:
    assert len(normalise("路" * (MAX_LENGTH + 1)).text) == MAX_LENGTH
