"""Each kind of message and event as the desk gets it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.base import Inbound, Kind, Location, MediaReference
from connectors.wechat.errors import Malformed
from connectors.wechat.messages import heard, parse
from tests.standins import wechat_platform as platform

RESIDENT = "oResident_1"
CREATED = 1_795_575_600
AT = datetime.fromtimestamp(CREATED, UTC)


def read(fields: platform.Fields) -> Inbound | None:
    return parse(platform.to_xml(fields | {"CreateTime": CREATED}).encode()).inbound


def only(fields: platform.Fields) -> Inbound:
    inbound = read(fields)
    assert inbound is not None
    return inbound


def test_text() -> None:
    assert only(platform.text(RESIDENT, "/help 路灯坏了", MsgId=7)) == Inbound(
        "wechat", RESIDENT, "7", Kind.TEXT, AT, "/help 路灯坏了"
    )


@pytest.mark.parametrize("text", ["😡路灯坏了👨‍👩‍👧", "𠮷家弄 䶮字", "🇨🇳🇨🇳", "a<b>&amp;", "两\n行"])
def test_row_21_four_byte_characters_arrive_unchanged(text: str) -> None:
    assert only(platform.text(RESIDENT, text)).text == text


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_text_is_still_a_message(text: str) -> None:
    inbound = only(platform.text(RESIDENT, text))
    assert (inbound.kind, inbound.text) == (Kind.TEXT, "")


def test_a_choice_from_a_message_menu_is_text() -> None:
    assert only(platform.text(RESIDENT, "满意", bizmsgmenuid="101")).text == "满意"


def test_a_sticker_is_unsupported() -> None:
    inbound = only(platform.text(RESIDENT, "【收到不支持的消息类型，暂无法显示】"))
    assert (inbound.kind, inbound.text) == (Kind.UNSUPPORTED, "")


def test_picture() -> None:
    inbound = only(platform.image(RESIDENT, "media-9"))
    assert (inbound.kind, inbound.media) == (Kind.IMAGE, MediaReference("media-9"))


def test_voice_with_recognition() -> None:
    inbound = only(platform.voice(RESIDENT, "楼下路灯不亮。", "media-8"))
    assert (inbound.kind, inbound.text) == (Kind.VOICE, "楼下路灯不亮。")
    assert inbound.media == MediaReference("media-8", "audio/amr")


@pytest.mark.parametrize("recognition", ["", "嗯。", "嗯，嗯……", "呃", "。", " "])
def test_row_19_voice_without_words_has_no_text(recognition: str) -> None:
    inbound = only(platform.voice(RESIDENT, recognition, form="speex"))
    assert (inbound.kind, inbound.text) == (Kind.VOICE, "")
    assert inbound.media is not None
    assert inbound.media.content_type == "audio/speex"


@pytest.mark.parametrize("recognition", ["对。", "好", "是的。", "嗯，路灯坏了。", "12345"])
def test_row_19_words_that_answer_are_kept(recognition: str) -> None:
    assert heard(recognition) == recognition


def test_row_20_location_keeps_its_datum() -> None:
    inbound = only(platform.location(RESIDENT, 23.134521, 113.358803, "幸福里小区(东门)"))
    assert inbound.kind is Kind.LOCATION
    assert inbound.location == Location(23.134521, 113.358803, "幸福里小区(东门)", "gcj02")


@pytest.mark.parametrize("latitude", ["", "north", "nan", "inf", "91"])
def test_a_location_without_a_place_is_malformed(latitude: str) -> None:
    with pytest.raises(Malformed):
        read(platform.location(RESIDENT, 0, 113.3) | {"Location_X": latitude})


def test_link() -> None:
    inbound = only(platform.link(RESIDENT, "停水通知", "", "https://example.com/a?b=1"))
    assert (inbound.kind, inbound.text) == (Kind.LINK, "停水通知\nhttps://example.com/a?b=1")


@pytest.mark.parametrize("kind", ["video", "shortvideo", "file", "miniprogrampage", "hologram"])
def test_other_kinds_are_unsupported(kind: str) -> None:
    assert only(platform.video(RESIDENT, kind)).kind is Kind.UNSUPPORTED


def test_row_22_following_and_leaving() -> None:
    follow = only(platform.event(RESIDENT, "subscribe"))
    assert (follow.kind, follow.external_id) == (Kind.FOLLOW, f"{RESIDENT}:{CREATED}:subscribe")
    assert only(platform.event(RESIDENT, "subscribe", "qrscene_12")).kind is Kind.FOLLOW
    assert only(platform.event(RESIDENT, "unsubscribe")).kind is Kind.UNFOLLOW


def test_row_6_two_events_of_one_second_are_two_and_the_same_twice_is_one() -> None:
    follow = platform.event(RESIDENT, "subscribe", "qrscene_12")
    scan = platform.event(RESIDENT, "SCAN", "12")
    click = [platform.event(RESIDENT, "CLICK", key) for key in ("我要投诉", "我的诉求")]
    ids = {only(one).external_id for one in (follow, scan, *click)}
    assert len(ids) == 4
    assert {only(one).external_id for one in (follow, scan, *click)} == ids


def test_a_menu_key_is_what_the_resident_says() -> None:
    inbound = only(platform.event(RESIDENT, "CLICK", "我的诉求"))
    assert (inbound.kind, inbound.text) == (Kind.TEXT, "我的诉求")


@pytest.mark.parametrize(
    "name",
    ["LOCATION", "VIEW", "TEMPLATESENDJOBFINISH", "subscribe_msg_popup_event", "future_event"],
)
def test_other_events_are_acknowledged_in_silence(name: str) -> None:
    assert read(platform.event(RESIDENT, name, "x", Status="success")) is None


def test_an_event_with_lists_inside_is_acknowledged() -> None:
    """subscribe_msg_popup_event has one List or many."""
    xml = (
        f"<xml><FromUserName>{RESIDENT}</FromUserName><CreateTime>{CREATED}</CreateTime>"
        "<MsgType>event</MsgType><Event>subscribe_msg_popup_event</Event>"
        "<SubscribeMsgPopupEvent><List><TemplateId>a</TemplateId></List>"
        "<List><TemplateId>b</TemplateId></List></SubscribeMsgPopupEvent></xml>"
    )
    assert parse(xml.encode()).inbound is None


@pytest.mark.parametrize(
    "change",
    [
        {"FromUserName": ""},
        {"FromUserName": "o" * 129},
        {"MsgId": ""},
        {"MsgId": "seven"},
        {"CreateTime": ""},
        {"CreateTime": "now"},
        {"CreateTime": 10**18},
    ],
    ids=str,
)
def test_a_message_without_its_heads_is_malformed(change: platform.Fields) -> None:
    fields = platform.text(RESIDENT, "你好") | change
    with pytest.raises(Malformed):
        parse(platform.to_xml(fields).encode())


def test_a_picture_without_media_is_malformed() -> None:
    with pytest.raises(Malformed):
        read(platform.image(RESIDENT, ""))
