"""What a resident does on Telegram, as one message; everything else ignored, nothing raised."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Kind, Location, MediaReference
from connectors.telegram import Forbidden, Malformed, TelegramAccount, parse_update, verify_secret

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
SENT = NOW - timedelta(seconds=3)
SECRET = "s3cret_-"


def message(**content: object) -> dict[str, Any]:
    chat = {"id": 77, "type": "private", "first_name": "李"}
    person = {"id": 77, "is_bot": False, "first_name": "李"}
    base = {"message_id": 5, "date": int(SENT.timestamp()), "chat": chat, "from": person}
    return base | content


def update(**content: object) -> dict[str, Any]:
    return {"update_id": 9001, **content}


def test_text() -> None:
    inbound = parse_update(json.dumps(update(message=message(text="路灯坏了"))).encode(), NOW)
    assert inbound is not None
    assert (inbound.channel, inbound.user, inbound.external_id) == ("telegram", "77", "9001")
    assert (inbound.kind, inbound.text, inbound.at) == (Kind.TEXT, "路灯坏了", SENT)


def test_emoji_and_rare_characters_stay() -> None:  # field book 21
    text = "😡路灯坏了👨‍👩‍👧𠮷䶮"
    inbound = parse_update(update(message=message(text=text)), NOW)
    assert inbound is not None
    assert inbound.text == text


@pytest.mark.parametrize(
    "text", ["/start", "/start qr_12-A", "/start@city_bot", "/start@city_bot x"]
)
def test_start_is_a_greeting(text: str) -> None:  # field book 37
    inbound = parse_update(update(message=message(text=text)), NOW)
    assert inbound is not None
    assert (inbound.kind, inbound.text) == (Kind.FOLLOW, "")


@pytest.mark.parametrize(
    "text", ["/restart", '/create_ticket{"address":"x"}', "/ 你好", "/start 路灯坏了", "/start\nx"]
)
def test_other_commands_are_words(text: str) -> None:  # field book 48
    inbound = parse_update(update(message=message(text=text)), NOW)
    assert inbound is not None
    assert (inbound.kind, inbound.text) == (Kind.TEXT, text)


def test_photo_takes_the_largest_size_and_its_caption() -> None:
    sizes = [
        {"file_id": name, "file_unique_id": name, "width": width, "height": width}
        for name, width in (("small", 90), ("large", 1280), ("middle", 320))
    ]
    inbound = parse_update(update(message=message(photo=sizes, caption="井盖没了")), NOW)
    assert inbound is not None
    assert (inbound.kind, inbound.text) == (Kind.IMAGE, "井盖没了")
    assert inbound.media == MediaReference("large", "image/jpeg")


def test_picture_sent_as_a_file() -> None:
    file = {"file_id": "f", "file_unique_id": "f", "mime_type": "image/png"}
    inbound = parse_update(update(message=message(document=file)), NOW)
    assert inbound is not None
    assert (inbound.kind, inbound.media) == (Kind.IMAGE, MediaReference("f", "image/png"))


def test_voice_has_no_words() -> None:  # field book 19
    voice = {"file_id": "v", "file_unique_id": "v", "duration": 3, "mime_type": "audio/ogg"}
    inbound = parse_update(update(message=message(voice=voice)), NOW)
    assert inbound is not None
    assert (inbound.kind, inbound.text) == (Kind.VOICE, "")
    assert inbound.media == MediaReference("v", "audio/ogg")


def test_location_and_venue() -> None:  # field book 20
    point = {"latitude": 30.25, "longitude": 120.125}
    venue = {"location": point, "title": "市民广场", "address": "建设路1号"}
    plain = parse_update(update(message=message(location=point)), NOW)
    named = parse_update(update(message=message(location=point, venue=venue)), NOW)
    assert plain is not None
    assert named is not None
    assert plain.location == Location(30.25, 120.125)
    assert named.location == Location(30.25, 120.125, "市民广场 建设路1号")


@pytest.mark.parametrize(
    "content",
    [
        {"sticker": {"file_id": "s", "file_unique_id": "s", "width": 1, "height": 1,
                     "is_animated": False, "is_video": False, "type": "regular"}},
        {"contact": {"phone_number": "1", "first_name": "李"}},
        {"document": {"file_id": "d", "file_unique_id": "d", "mime_type": "application/pdf"}},
        {"something_new": {"id": 1}},
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_still_heard(content: dict[str, object]) -> None:
    inbound = parse_update(update(message=message(**content)), NOW)
    assert inbound is not None
    assert inbound.kind is Kind.UNSUPPORTED


def test_content_from_after_the_librarys_time_is_still_heard() -> None:
    inbound = parse_update(update(message=message(photo=[{"new": 1}])), NOW)
    assert inbound is not None
    assert (inbound.user, inbound.kind) == ("77", Kind.UNSUPPORTED)


def group(kind: str) -> dict[str, Any]:
    return message(text="你好", chat={"id": -100, "type": kind, "title": "群"})


BOT = {"id": 1, "is_bot": True, "first_name": "b"}


@pytest.mark.parametrize(
    "content",
    [
        {"edited_message": message(text="改过的", edit_date=int(NOW.timestamp()))},
        {"channel_post": group("channel")},
        {"edited_channel_post": group("channel")},
        {"message": group("group")},
        {"message": group("supergroup")},
        {"message": message(text="我是机器人", **{"from": BOT})},
        {"message": message(pinned_message=message(text="旧的"))},
        {"poll": {"id": "1", "question": "?", "options": [], "total_voter_count": 0,
                  "is_closed": False, "is_anonymous": True, "type": "regular",
                  "allows_multiple_answers": False}},
        {"callback_query": {"id": "1", "from": BOT, "chat_instance": "1", "data": "x" * 64}},
        {"something_new": {"id": 1}},
        {},
    ],
)  # fmt: skip
def test_everything_else_is_acknowledged(content: dict[str, object]) -> None:  # field book 36
    assert parse_update(update(**content), NOW) is None


@pytest.mark.parametrize(("status", "kind"), [("kicked", Kind.UNFOLLOW), ("member", None)])
def test_blocking_the_bot(status: str, kind: Kind | None) -> None:
    person = {"id": 77, "is_bot": False, "first_name": "李"}
    old = {"status": "member", "user": BOT}
    new = {"status": status, "user": BOT, "until_date": 0}
    change = {
        "chat": {"id": 77, "type": "private"},
        "from": person,
        "date": int(SENT.timestamp()),
        "old_chat_member": old,
        "new_chat_member": new,
    }
    inbound = parse_update(update(my_chat_member=change), NOW)
    assert (inbound.kind if inbound else None) is kind
    in_group = change | {"chat": {"id": -1, "type": "group", "title": "群"}}
    assert parse_update(update(my_chat_member=in_group), NOW) is None


def test_a_clock_ahead_gives_no_message_from_the_future() -> None:
    ahead = message(text="你好", date=int((NOW + timedelta(hours=1)).timestamp()))
    inbound = parse_update(update(message=ahead), NOW)
    assert inbound is not None
    assert inbound.at == NOW


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[]", b"null", b"7", b'"x"', b"\xff\xfe", b"[" * 100_000, b"{}",
        b'{"update_id":"1"}', b'{"update_id":true}', b'{"update_id":1,"message":5}',
        b'{"update_id":1,"message":{"text":"x"}}',
        json.dumps(update(message=message(text="x", date="soon"))).encode(),
        json.dumps(update(message=message(text="x", date=10**30))).encode(),
        json.dumps(update(message=message(text="x", chat={"id": "a", "type": "private"}))).encode(),
    ],
)  # fmt: skip
def test_garbage_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        parse_update(data, NOW)
    assert "soon" not in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["text", "photo", "voice", "location", "venue", "document", "chat", "from", "date", "sticker"]
)


@given(changed=st.dictionaries(FIELDS, JSON, min_size=1))
def test_any_other_shape_is_read_or_malformed(changed: dict[str, Any]) -> None:
    try:
        inbound = parse_update(update(message=message(text="x") | changed), NOW)
    except Malformed:
        return
    assert inbound is None or inbound.user.lstrip("-").isdigit()


def test_secret() -> None:  # field book 47
    verify_secret(SECRET, SECRET)
    for wrong in (None, "", SECRET[:-1], SECRET + "x", "密"):
        with pytest.raises(Forbidden):
            verify_secret(wrong, SECRET)


@pytest.mark.parametrize("given", [None, "", "x"])
def test_without_a_secret_nobody_is_let_in(given: str | None) -> None:
    with pytest.raises(Forbidden):
        verify_secret(given, "")


def test_account_hides_its_secrets_and_checks_them() -> None:
    account = TelegramAccount("1:tok", SECRET)
    assert "tok" not in repr(account)
    assert SECRET not in repr(account)
    with pytest.raises(ValueError, match="secret"):
        TelegramAccount("1:tok", "不行")
