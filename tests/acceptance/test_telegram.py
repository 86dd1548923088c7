"""The Telegram bot, called by the platform and asking it."""

from __future__ import annotations

import io
import json

import httpx
import pytest
from PIL import Image

from tests.harness.http import HTTP
from tests.harness.patience import wait_for
from tests.harness.residents import (
    LAMP,
    TELEGRAM_SECRET,
    TelegramResident,
    open_ticket,
    settled,
    ticket_number,
)
from tests.harness.system import System
from tests.standins.telegram import TelegramControl, message

HEADER = "X-Telegram-Bot-Api-Secret-Token"


def call(system: System, body: object, secret: str | None = TELEGRAM_SECRET) -> httpx.Response:
    """One webhook call as the platform makes it."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {} if secret is None else {HEADER: secret}
    url = f"{system.url}/channels/telegram"
    return HTTP.post(url, content=content, headers=headers, timeout=20)


def messages(system: System, chat: int) -> list[str]:
    found = system.query(
        "SELECT m.text FROM message m JOIN conversation c ON c.id = m.conversation_id "
        "JOIN resident r ON r.id = c.resident_id "
        "WHERE r.account = %s AND m.author = 'resident' ORDER BY m.seq",
        str(chat),
    )
    return [row["text"] for row in found]


def test_a_chat_gets_a_ticket_with_keys_to_press_and_its_progress(
    running: System, chatter: TelegramResident
) -> None:
    chatter.say(LAMP)
    keys = json.loads(chatter.received()[-1]["reply_markup"])["keyboard"]
    assert [[key["text"] for key in row] for row in keys] == [["跳过"]] or keys == [["跳过"]]
    chatter.say("跳过")
    number = ticket_number(chatter.say("确认提交"))
    before = len(chatter.received())
    assert running.cli("ticket", number, "assign").returncode == 0
    wait_for(lambda: len(chatter.received()) > before)
    assert number in chatter.received()[-1]["text"]


def test_start_is_a_greeting(chatter: TelegramResident) -> None:
    assert "机器人" in "\n".join(chatter.say("/start"))


@pytest.mark.parametrize("secret", [None, "", "wrong", TELEGRAM_SECRET + "x"])
def test_a_stranger_who_calls_is_turned_away(running: System, secret: str | None) -> None:
    update = {"update_id": 1, "message": message(666, text="你好")}
    assert call(running, update, secret).status_code == 403
    assert messages(running, 666) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", b"[]", b"{}", b'{"update_id": "x"}', b"\xff\xfe", b"{" + b"a" * 2_000_000],
    ids=["empty", "no json", "list", "bare", "wrong id", "no utf-8", "2 MB"],
)
def test_garbage_gets_400_and_leaves_no_traceback(running: System, body: bytes) -> None:
    before = len(running.log)
    assert call(running, body).status_code == 400
    assert "Traceback" not in running.log[before:]


def test_an_update_delivered_again_is_one_message(
    running: System, chatter: TelegramResident
) -> None:
    chatter.say("你好")
    update = {
        "update_id": 6_000_000 + chatter.chat % 1000,
        "message": message(chatter.chat, text=LAMP),
    }
    for _ in range(3):
        assert call(running, update).status_code == 200
    wait_for(lambda: settled(running, str(chatter.chat)))
    assert messages(running, chatter.chat) == ["你好", LAMP]


def test_what_is_no_message_of_a_resident_is_acknowledged_and_ignored(
    running: System, chatter: TelegramResident
) -> None:
    group = {
        **message(chatter.chat, text="你好"),
        "chat": {"id": -5, "type": "group", "title": "g"},
    }
    for number, content in enumerate(
        [
            {"edited_message": message(chatter.chat, text="改了")},
            {"channel_post": message(chatter.chat, text="广播")},
            {"poll": {"id": "1"}},
            {"message": group},
            {"something_new": {}},
        ]
    ):
        update = {"update_id": 7_000_000 + (chatter.chat % 1000) * 10 + number, **content}
        assert call(running, update).status_code == 200
    assert messages(running, chatter.chat) == []
    assert messages(running, -5) == []


def test_a_shared_location_is_the_place(running: System, chatter: TelegramResident) -> None:
    chatter.say("路灯坏了")
    told = chatter.send(location={"latitude": 22.81, "longitude": 113.29})
    assert "电话" in "\n".join(told)


def test_a_photo_is_fetched_and_belongs_to_the_ticket(
    running: System, chatter: TelegramResident, telegram: TelegramControl
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "orange").save(out, "JPEG")
    telegram.file("photo-lamp", out.getvalue())
    chatter.say(LAMP)
    size = {"file_id": "photo-lamp", "file_unique_id": "u", "width": 60, "height": 40}
    assert "图片" in "\n".join(chatter.send(photo=[size]))
    chatter.say("跳过")
    number = ticket_number(chatter.say("确认提交"))

    def fetched() -> bool:
        found = running.query(
            "SELECT media.path FROM media JOIN ticket_message USING (message_id) "
            "JOIN ticket ON ticket.id = ticket_id WHERE number = %s",
            number,
        )
        return bool(found and found[0]["path"])

    wait_for(fetched)


def test_a_recording_nobody_can_hear_is_asked_for_in_words(chatter: TelegramResident) -> None:
    told = chatter.send(voice={"file_id": "v", "file_unique_id": "u", "duration": 3})
    assert "没听清" in "\n".join(told)


def test_a_flood_refused_by_the_platform_is_waited_out(
    running: System, chatter: TelegramResident, telegram: TelegramControl
) -> None:
    telegram.fault(
        "sendMessage",
        429,
        times=1,
        description="Too Many Requests: retry after 2",
        parameters={"retry_after": 2},
    )
    assert chatter.say("你好")
    texts = [one["text"] for one in chatter.received()]
    assert len(texts) == len(set(texts))


def test_who_blocks_the_bot_is_not_written_to(
    running: System, chatter: TelegramResident, telegram: TelegramControl
) -> None:
    number = open_ticket(chatter)
    telegram.block(chatter.chat)
    before = len(chatter.received())
    assert running.cli("ticket", number, "assign").returncode == 0

    def recorded() -> bool:
        found = running.query(
            "SELECT d.state FROM delivery d JOIN message m ON m.id = d.message_id "
            "WHERE m.text LIKE %s AND m.author = 'system'",
            f"%{number}%",
        )
        return [row["state"] for row in found] == ["unreachable"]

    wait_for(recorded)
    assert len(chatter.received()) == before


def test_a_bot_that_asks_the_platform_serves_as_well(
    fragile: System, polled: TelegramControl
) -> None:
    chatter = TelegramResident(fragile, polled)
    number = open_ticket(chatter)
    before = len(chatter.received())
    assert fragile.cli("ticket", number, "assign").returncode == 0
    wait_for(lambda: len(chatter.received()) > before)
    assert number in chatter.received()[-1]["text"]


def test_a_bot_that_asks_goes_on_after_the_platform_was_away(
    fragile: System, polled: TelegramControl
) -> None:
    polled.fault("getUpdates", 502, times=2, body="<html>Bad Gateway</html>")
    chatter = TelegramResident(fragile, polled)
    assert chatter.say("你好")
    assert messages(fragile, chatter.chat) == ["你好"]
