"""What the page may post, and the sentence when it may not."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Inbound, Kind, Location
from connectors.webchat import (
    LARGEST_PICTURE,
    LONGEST_TEXT,
    Malformed,
    parse_media,
    parse_message,
)

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
ID = "7f3c0d0a-3b9e-4a55-9a51-0b1f2c3d4e5f"
JPEG = b"\xff\xd8\xff\xe0rest"


def parse(**message: object) -> Inbound:
    return parse_message(json.dumps({"client_id": ID, **message}).encode(), "s1", NOW)


def test_text() -> None:
    assert parse(text="路灯坏了") == Inbound(
        "webchat", "s1", f"s1:{ID}", Kind.TEXT, NOW, text="路灯坏了"
    )


def test_the_same_client_id_is_the_same_message_whatever_its_spelling() -> None:
    assert parse(text="一", client_id=ID.upper()).external_id == parse(text="一").external_id


def test_nobody_can_take_another_sessions_id() -> None:
    other = parse_message({"client_id": ID, "text": "一"}, "s2", NOW)
    assert other.external_id != parse(text="一").external_id


def test_location() -> None:
    point = {"latitude": 30.25, "longitude": 120.125, "accuracy": 12}
    inbound = parse(location=point)
    assert (inbound.kind, inbound.location) == (Kind.LOCATION, Location(30.25, 120.125))


def test_longest_text_counts_characters() -> None:
    assert len(parse(text="😡" * LONGEST_TEXT).text) == LONGEST_TEXT
    with pytest.raises(Malformed, match="2000字"):
        parse(text="字" * (LONGEST_TEXT + 1))


@pytest.mark.parametrize("text", ["", " \n\t", "\u3000", None, 5, ["x"]])
def test_blank_is_refused(text: object) -> None:
    with pytest.raises(Malformed, match="请写下"):
        parse(text=text)


@pytest.mark.parametrize("client_id", [None, "", "1", 5, ID + "0", {"a": 1}])
def test_client_id_must_be_a_uuid(client_id: object) -> None:
    with pytest.raises(Malformed, match="刷新页面"):
        parse(text="一", client_id=client_id)


@pytest.mark.parametrize(
    "point",
    [
        {}, 5, [30, 120], {"latitude": 91, "longitude": 0}, {"latitude": 0, "longitude": -181},
        {"latitude": "30", "longitude": 120}, {"latitude": float("nan"), "longitude": 0},
        {"latitude": 0, "longitude": float("inf")}, {"latitude": True, "longitude": 0},
        {"latitude": 0, "longitude": 0, "accuracy": -1},
    ],
)  # fmt: skip
def test_location_out_of_range(point: object) -> None:
    with pytest.raises(Malformed, match="位置"):
        parse(location=point)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_garbage(body: bytes) -> None:
    with pytest.raises(Malformed, match="格式"):
        parse_message(body, "s1", NOW)


VALUES = st.none() | st.integers() | st.floats() | st.text() | st.lists(st.integers())


@given(st.dictionaries(st.sampled_from(["text", "location", "client_id", "x"]), VALUES))
def test_any_object_is_read_or_malformed(message: dict[str, Any]) -> None:
    with contextlib.suppress(Malformed):
        assert parse_message(message, "s1", NOW).user == "s1"


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("image/jpeg", JPEG),
        ("image/png", b"\x89PNG\r\n\x1a\nrest"),
        ("IMAGE/WEBP; q=1", b"RIFF0000WEBPVP8 "),
    ],
)
def test_pictures(content_type: str, content: bytes) -> None:
    inbound = parse_media(content_type, content, ID, "s1", NOW)
    assert (inbound.kind, inbound.external_id, inbound.media) == (Kind.IMAGE, f"s1:{ID}", None)


@pytest.mark.parametrize(
    ("content_type", "content", "sentence"),
    [
        ("image/svg+xml", b"<svg/>", "JPG"),
        ("", JPEG, "JPG"),
        ("image/png", JPEG, "打不开"),
        ("image/jpeg", b"", "打不开"),
        ("image/jpeg", JPEG.ljust(LARGEST_PICTURE + 1), "8MB"),
    ],
)
def test_pictures_refused(content_type: str, content: bytes, sentence: str) -> None:
    with pytest.raises(Malformed, match=sentence):
        parse_media(content_type, content, ID, "s1", NOW)
