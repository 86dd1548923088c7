"""Long texts: nothing is lost, nothing is torn, every part fits."""

from __future__ import annotations

import re

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from connectors.wechat import TEXT_BYTES, split_text
from connectors.wechat.split import SMALLEST_LIMIT

NUMBER = re.compile(r"^（(\d+)/(\d+)）")
FAMILY, FLAG, THUMB = "👨‍👩‍👧‍👦", "🇨🇳", "👍🏽"


def bodies(parts: list[str]) -> list[str]:
    """The parts without their numbers, which must be right."""
    if len(parts) == 1:
        return parts
    for place, part in enumerate(parts, 1):
        match = NUMBER.match(part)
        assert match is not None
        assert match.groups() == (str(place), str(len(parts)))
    return [NUMBER.sub("", part, count=1) for part in parts]


def squeezed(text: str) -> str:
    return "".join(text.split())


@given(
    text=st.text(st.characters(codec="utf-8"), max_size=400),
    limit=st.integers(SMALLEST_LIMIT, 200),
)
def test_nothing_is_lost_and_every_part_fits(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert all(0 < len(part.encode()) <= limit for part in parts)
    assert squeezed("".join(bodies(parts))) == squeezed(text)


WHOLE = st.sampled_from(
    [
        *(FAMILY, FLAG, THUMB, "1️⃣", "e\u0301", "𠮷", "路", "灯，", "坏了。", "\n"),
        *("YS261125000017", "13800138000", "0571-8888 8888", "（0571）88888888"),
        *("https://example.com/a/b?c=1&d=2", "https://example.com/幸福里/3", "a.b@example.com"),
    ]
)


@given(tokens=st.lists(WHOLE, min_size=20, max_size=80), limit=st.integers(80, 200))
def test_nothing_is_torn(tokens: list[str], limit: int) -> None:
    """Tokens are set apart by a pause, so that each is one thing."""
    text = "，".join(tokens)
    edges, place = {0}, 0
    for token in tokens:
        for piece in (token, "，"):
            place += len(squeezed(piece))
            edges.add(place)
    place = 0
    for body in bodies(split_text(text, limit)):
        assert place in edges
        place += len(squeezed(body))


def test_row_32_three_thousand_characters() -> None:
    text = "幸福里三号楼的路灯已经修好，感谢您的反映。" * 143
    parts = split_text(text)
    assert "".join(bodies(parts)) == text
    assert len(parts) == 5
    assert all(len(part.encode()) <= TEXT_BYTES for part in parts)
    assert all(part.endswith("。") for part in parts)


@pytest.mark.parametrize("pad", range(60))
def test_row_32_a_number_or_link_at_any_place_stays_whole(pad: int) -> None:
    whole = [
        *("YS261125000017", "https://city.gov.cn/t/YS261125000017", "https://city.cn/幸福里/3"),
        *("0571-88888888", "138 0013 8000", "（0571）88888888", FAMILY, FLAG),
    ]
    text = "路" * pad + "".join(f"编号，{one}，" for one in whole * 8)
    parts = split_text(text, 128)
    for one in whole:
        assert sum(part.count(one) for part in parts) == text.count(one)


def test_a_short_text_is_not_numbered() -> None:
    assert split_text("您好") == ["您好"]
    exactly = "好" * (TEXT_BYTES // 3)
    assert split_text(exactly) == [exactly]


@pytest.mark.parametrize("text", ["", "  \n ", " " * 5000])
def test_a_blank_text_has_no_parts(text: str) -> None:
    assert split_text(text) == []


def test_a_paragraph_is_a_better_place_than_a_sentence() -> None:
    text = "第一段。" * 9 + "\n" + "第二段。" * 4 + "第三段。" * 10
    assert bodies(split_text(text, 160))[0] == "第一段。" * 9


def test_a_closing_quote_stays_with_its_sentence() -> None:
    for body in bodies(split_text("居民说：“路灯坏了。”" * 30, 100)):
        assert body.endswith("。”")


@pytest.mark.parametrize("one", ["a" * 5000, "1" * 5000, "https://x.cn/" + "路" * 3000])
def test_what_is_longer_than_a_part_is_cut_anyway(one: str) -> None:
    parts = split_text(one)
    assert "".join(bodies(parts)) == one


def test_a_link_without_a_pause_after_it_stays_whole() -> None:
    link = "https://city.gov.cn/guide"
    assert sum(link in part for part in split_text("见" * 600 + link + "办" * 3000)) == 1


def test_a_character_longer_than_a_part_is_cut_anyway() -> None:
    zalgo = "路" + "\u0301" * 300
    assert "".join(bodies(split_text(zalgo, 64))) == zalgo
    assert regex.fullmatch(r"\X", zalgo)


def test_more_than_nine_parts_are_numbered_within_the_limit() -> None:
    parts = split_text("好" * 2000, 64)
    assert len(parts) > 99
    assert max(len(part.encode()) for part in parts) <= 64
    assert "".join(bodies(parts)) == "好" * 2000


def test_too_small_a_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="64"):
        split_text("您好", 63)
