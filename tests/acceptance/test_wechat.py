"""The official account, as the platform and its followers meet it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.harness.http import HTTP
from tests.harness.patience import wait_for
from tests.harness.residents import LAMP, WeChatResident, open_ticket, ticket_number
from tests.harness.system import System
from tests.standins.wechat import SEND_PATH, WeChatControl
from tests.standins.wechat_platform import (
    event,
    image,
    link,
    location,
    text,
    video,
    voice,
)


def messages(system: System, openid: str) -> list[str]:
    """What the resident's messages are in the database."""
    found = system.query(
        "SELECT m.text FROM message m JOIN conversation c ON c.id = m.conversation_id "
        "JOIN resident r ON r.id = c.resident_id "
        "WHERE r.account = %s AND m.author = 'resident' ORDER BY m.seq",
        openid,
    )
    return [row["text"] for row in found]


def tickets(system: System, openid: str) -> list[dict[str, object]]:
    return system.query(
        "SELECT t.* FROM ticket t JOIN resident r ON r.id = t.resident_id "
        "WHERE r.account = %s ORDER BY t.id",
        openid,
    )


@pytest.mark.parametrize("mode", ["plain", "compatible", "encrypted"])
def test_a_follower_gets_a_ticket_and_every_answer_inside_the_callback(
    running: System, wechat: WeChatControl, mode: str
) -> None:
    follower = WeChatResident(running, wechat, mode=mode)  # type: ignore[arg-type]
    number = open_ticket(follower)
    assert set(follower.ways()) == {"passive"}
    assert wechat.calls().get(SEND_PATH, 0) == 0 or "kefu" not in follower.ways()
    [ticket] = tickets(running, follower.openid)
    assert ticket["number"] == number


def test_the_platforms_check_of_the_address_is_answered_by_its_own_word(
    follower: WeChatResident,
) -> None:
    import asyncio

    answer = asyncio.run(follower.platform.echo("echo-4711"))
    assert (answer.status_code, answer.text) == (200, "echo-4711")


def test_progress_comes_by_itself_to_the_same_chat(
    running: System, follower: WeChatResident
) -> None:
    number = open_ticket(follower)
    before = len(follower.received())
    done = running.cli("ticket", number, "assign")
    assert done.returncode == 0, done.stderr
    wait_for(lambda: len(follower.received()) > before)
    assert number in follower.received()[-1]
    assert follower.ways()[-1] == "kefu"


def test_an_answer_that_is_late_comes_once_and_not_in_the_callback(
    fragile: System, wechat: WeChatControl
) -> None:
    follower = WeChatResident(fragile, wechat)
    fragile.pause("engine")
    try:
        pushed = follower.push(text(follower.openid, "你好"))
    finally:
        fragile.resume("engine")
    assert (pushed.status, pushed.text, pushed.broken) == (200, "", False)
    follower.settle()
    time.sleep(1)
    assert set(follower.ways()) == {"kefu"}
    assert len(follower.received()) == len(set(follower.received()))


def test_a_message_delivered_three_times_is_answered_once(
    running: System, follower: WeChatResident
) -> None:
    fields = text(follower.openid, LAMP)
    answers = [follower.post(fields) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert [answer.text in ("", "success") for answer in answers] == [False, True, True]
    follower.settle()
    assert messages(running, follower.openid) == [LAMP]
    assert follower.received() == []  # nothing by another way


def test_a_message_delivered_three_times_at_once_is_answered_once(
    running: System, follower: WeChatResident
) -> None:
    fields = text(follower.openid, LAMP)
    with ThreadPoolExecutor(3) as pool:
        sent = [pool.submit(follower.post, fields) for _ in range(3)]
        answers = [one.result() for one in sent]
    assert [answer.status_code for answer in answers] == [200] * 3
    said = [answer for answer in answers if answer.text not in ("", "success")]
    follower.settle()
    assert len(said) + len(follower.received()) == 1
    assert messages(running, follower.openid) == [LAMP]


def test_confirming_is_done_once_however_often_it_is_delivered(
    running: System, follower: WeChatResident
) -> None:
    follower.say(LAMP)
    follower.say("跳过")
    fields = text(follower.openid, "确认提交")
    for _ in range(3):
        follower.post(fields)
    follower.settle()
    assert len(tickets(running, follower.openid)) == 1


def test_the_same_words_twice_are_two_messages(running: System, follower: WeChatResident) -> None:
    assert follower.say("你好")
    assert follower.say("你好")
    assert messages(running, follower.openid) == ["你好", "你好"]


@pytest.mark.parametrize("mode", ["plain", "encrypted"])
def test_a_wrong_signature_is_turned_away(
    running: System, wechat: WeChatControl, mode: str
) -> None:
    follower = WeChatResident(running, wechat, mode=mode)  # type: ignore[arg-type]
    fields = text(follower.openid, "你好")
    name = "signature" if mode == "plain" else "msg_signature"
    for wrong in ({name: "0" * 40}, {name: ""}, {"timestamp": "soon"}):
        assert follower.post(fields, query=wrong).status_code == 403
    for off in (-86_400, 3600):
        assert follower.post(fields, at=time.time() + off).status_code == 403
    assert messages(running, follower.openid) == []


def test_another_accounts_message_is_turned_away(running: System, follower: WeChatResident) -> None:
    from dataclasses import replace

    platform = replace(follower.platform, mode="encrypted", appid="wxffffffffffffffff")
    signed = platform.sign(text(follower.openid, "你好"))
    answer = HTTP.post(platform.url, params=signed.query, content=signed.body)
    assert answer.status_code == 403
    assert messages(running, follower.openid) == []


GARBAGE = {
    "empty": b"",
    "no xml": b"hello",
    "half xml": b"<xml><ToUserName>",
    "json": b'{"MsgType": "text"}',
    "no kind": b"<xml><ToUserName>a</ToUserName></xml>",
    "gbk": "<xml><MsgType>text</MsgType><Content>路灯坏了</Content></xml>".encode("gbk"),
    "declared gbk": (
        '<?xml version="1.0" encoding="GBK"?><xml><MsgType>text</MsgType>'
        "<Content>路灯坏了</Content></xml>"
    ).encode("gbk"),
    "entities": b'<!DOCTYPE x [<!ENTITY a "aa">]><xml><Content>&a;</Content></xml>',
    "null bytes": b"\x00" * 100,
    "10 MB": b"<xml>" + b"a" * 10_000_000,
}


@pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_gets_400_and_leaves_no_traceback(
    running: System, follower: WeChatResident, body: bytes
) -> None:
    before = len(running.log)
    query = follower.platform.sign("").query
    answer = HTTP.post(follower.platform.url, params=query, content=body, timeout=20)
    assert answer.status_code == 400
    assert "Traceback" not in running.log[before:]
    assert follower.say("你好"), "and the next message is answered"


def test_who_follows_is_greeted_and_who_leaves_is_not_written_to(
    running: System, follower: WeChatResident
) -> None:
    greeting = "\n".join(follower.send(event(follower.openid, "subscribe")))
    assert "机器人" in greeting
    number = open_ticket(follower)
    left = follower.post(event(follower.openid, "unsubscribe"))
    assert (left.status_code, left.text) == (200, "success")
    before = len(follower.received())
    assert running.cli("ticket", number, "assign").returncode == 0

    def recorded() -> bool:
        found = running.query(
            "SELECT d.state FROM delivery d JOIN message m ON m.id = d.message_id "
            "WHERE m.text LIKE %s AND m.author = 'system'",
            f"%{number}%",
        )
        return [row["state"] for row in found] == ["unreachable"]

    wait_for(recorded)
    assert len(follower.received()) == before
    assert follower.send(event(follower.openid, "subscribe"))
    assert number in "\n".join(follower.say("我的诉求"))


def test_the_same_event_is_one_and_two_events_of_one_second_are_two(
    running: System, follower: WeChatResident
) -> None:
    subscribe = event(follower.openid, "subscribe")
    scan = {**event(follower.openid, "SCAN", "qr-1"), "CreateTime": subscribe["CreateTime"]}
    for fields in (subscribe, subscribe, scan, scan):
        assert follower.post(fields).status_code == 200
    follower.settle()
    assert messages(running, follower.openid) == ["", ""]


def test_a_menu_key_is_said_by_choosing_it(running: System, follower: WeChatResident) -> None:
    answer = "\n".join(follower.send(event(follower.openid, "CLICK", "我的诉求")))
    assert "还没有登记" in answer
    assert messages(running, follower.openid) == ["我的诉求"]


def test_a_shared_location_fills_the_place(running: System, follower: WeChatResident) -> None:
    follower.say("路灯坏了")
    told = "\n".join(follower.send(location(follower.openid, 22.81, 113.29, "幸福里小区")))
    assert "电话" in told
    follower.say("跳过")
    ticket_number(follower.say("确认提交"))
    [ticket] = tickets(running, follower.openid)
    assert ticket["place"] == "幸福里小区"
    assert (ticket["latitude"], ticket["longitude"]) == (22.81, 113.29)
    assert ticket["datum"] == "gcj02"


def test_what_a_voice_says_is_understood_and_an_unclear_one_is_asked_again(
    running: System, follower: WeChatResident, wechat: WeChatControl
) -> None:
    wechat.media("voice-1", b"#!AMR\nsound", "audio/amr")
    assert "没听清" in "\n".join(follower.send(voice(follower.openid, "")))
    assert "没听清" in "\n".join(follower.send(voice(follower.openid, "嗯。")))
    assert tickets(running, follower.openid) == []
    told = "\n".join(follower.send(voice(follower.openid, LAMP)))
    assert "电话" in told


def test_a_picture_is_fetched_and_belongs_to_the_ticket(
    running: System, follower: WeChatResident, wechat: WeChatControl
) -> None:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (60, 40), "orange").save(out, "JPEG")
    wechat.media("picture-lamp", out.getvalue(), "image/jpeg")
    follower.say(LAMP)
    assert "图片" in "\n".join(follower.send(image(follower.openid, "picture-lamp")))
    follower.say("跳过")
    number = ticket_number(follower.say("确认提交"))

    def fetched() -> bool:
        found = running.query(
            "SELECT media.path FROM media JOIN ticket_message USING (message_id) "
            "JOIN ticket ON ticket.id = ticket_id WHERE number = %s",
            number,
        )
        return bool(found and found[0]["path"])

    wait_for(fetched)


@pytest.mark.parametrize("kind", ["link", "video", "shortvideo", "unknown", "sticker"])
def test_every_other_kind_gets_a_friendly_sentence(follower: WeChatResident, kind: str) -> None:
    sent = {
        "link": lambda: link(follower.openid, "标题", "描述", "https://example.com/a"),
        "video": lambda: video(follower.openid),
        "shortvideo": lambda: video(follower.openid, "shortvideo"),
        "unknown": lambda: {**text(follower.openid, ""), "MsgType": "hologram"},
        "sticker": lambda: text(follower.openid, "【收到不支持的消息类型，暂无法显示】"),
    }[kind]()
    told = follower.send(sent)
    assert told
    assert "fault" not in follower.ways()


def test_odd_characters_come_back_unchanged_from_the_ticket(
    running: System, follower: WeChatResident
) -> None:
    words = "幸福里3号楼楼下的路灯坏了😡👨‍👩‍👧𠮷野家]]>旁边<b>&amp;三天没人修"
    number = open_ticket(follower, words)
    [ticket] = tickets(running, follower.openid)
    assert ticket["description"] == words
    assert "fault" not in follower.ways()
    assert "𠮷野家]]>旁边<b>&amp;" in running.cli("ticket", number).stdout.replace("\n", "")
