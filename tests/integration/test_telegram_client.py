"""The Telegram channel against a server that keeps the Bot API's rules."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest

from connectors.base import Button, Inbound, MediaError, MediaReference, Outbound, Outcome
from connectors.telegram import SetupError, TelegramAccount, TelegramChannel, poll, set_webhook
from connectors.telegram import client as client_module
from connectors.telegram import polling as polling_module
from tests.standins.telegram import TOKEN, TelegramControl, message, telegram_api

HELLO = Outbound("您好")


@pytest.fixture
def api() -> Generator[TelegramControl]:
    with telegram_api() as control:
        control.knows(77)
        yield control


@asynccontextmanager
async def opened(url: str, token: str = TOKEN) -> AsyncGenerator[TelegramChannel]:
    channel = TelegramChannel(TelegramAccount(token, api_url=url))
    try:
        yield channel
    finally:
        await channel.aclose()


async def test_plain_text_arrives_as_it_is(api: TelegramControl) -> None:
    text = "*不是粗体* _也不是_ <b>😡</b> [x](https://a.gov.cn) ]]>"
    async with opened(api.url) as channel:
        receipt = await channel.deliver("77", Outbound(text))
    assert receipt.outcome is Outcome.SENT
    (sent,) = api.sent(77)
    assert sent["text"] == text
    assert "parse_mode" not in sent


async def test_choices_come_and_go(api: TelegramControl) -> None:  # field book 39
    async with opened(api.url) as channel:
        await channel.deliver("77", Outbound("要吗？", (Button("要"), Button("不要"))))
        await channel.deliver("77", HELLO)
    offered, bare = api.sent(77)
    assert '"text": "\\u8981"' in offered["reply_markup"]
    assert "remove_keyboard" in bare["reply_markup"]


async def test_empty_message_is_skipped(api: TelegramControl) -> None:  # field book 38
    async with opened(api.url) as channel:
        receipt = await channel.deliver("77", Outbound(" \n"))
    assert receipt.outcome is Outcome.SENT
    assert "sendMessage" not in api.calls()


async def test_long_text_goes_in_order_at_one_message_a_second(api: TelegramControl) -> None:
    async with opened(api.url) as channel:
        receipt = await channel.deliver("77", Outbound("路灯不亮。" * 1800))
    assert receipt.outcome is Outcome.SENT
    sent = api.sent(77)
    assert "".join(one["text"] for one in sent) == "路灯不亮。" * 1800
    assert all(after["at"] - before["at"] > 0.95 for before, after in pairwise(sent))


async def test_thirty_messages_a_second_in_all(api: TelegramControl) -> None:  # field book 40
    chats = range(100, 145)
    for chat in chats:
        api.knows(chat)
    async with opened(api.url) as channel:
        receipts = await asyncio.gather(*(channel.deliver(str(c), HELLO) for c in chats))
    assert all(receipt.outcome is Outcome.SENT for receipt in receipts)
    moments = sorted(api.sent(chat)[0]["at"] for chat in chats)
    assert moments[-1] - moments[0] > 44 / 30 - 0.2


async def test_flood_control_holds_everything(api: TelegramControl) -> None:  # field book 40
    api.fault("sendMessage", 429, times=1, parameters={"retry_after": 35})
    async with opened(api.url) as channel:
        refused = await channel.deliver("77", HELLO)
        held = await channel.deliver("88", HELLO)
    assert (refused.outcome, refused.retry_after) == (Outcome.RETRY, 35)
    assert held.outcome is Outcome.RETRY
    assert 30 < held.retry_after <= 35
    assert api.calls()["sendMessage"] == 1


async def test_blocked_and_unknown_residents(api: TelegramControl) -> None:
    api.block(77)
    async with opened(api.url) as channel:
        blocked = await channel.deliver("77", HELLO)
        unknown = await channel.deliver("88", HELLO)
        senseless = await channel.deliver("@channel", HELLO)
    assert blocked.outcome is Outcome.UNREACHABLE
    assert unknown.outcome is Outcome.UNREACHABLE
    assert senseless.outcome is Outcome.FAILED


async def test_migrated_chat_is_not_sent_twice(api: TelegramControl) -> None:  # field book 46
    api.fault("sendMessage", 400, parameters={"migrate_to_chat_id": -1001})
    async with opened(api.url) as channel:
        receipt = await channel.deliver("77", HELLO)
    assert receipt.outcome is Outcome.UNREACHABLE
    assert api.calls()["sendMessage"] == 1


async def test_wrong_token_is_an_alarm(
    api: TelegramControl, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(api.url, token="1:other") as channel:
        receipt = await channel.deliver("77", HELLO)
    assert receipt.outcome is Outcome.FAILED
    assert "令牌" in caplog.text


@pytest.mark.parametrize("fault", [{"status": 502, "body": "<html>"}, {"status": 500}])
async def test_server_faults_pass(api: TelegramControl, fault: dict[str, Any]) -> None:
    api.fault("sendMessage", times=1, **fault)
    async with opened(api.url) as channel:
        assert (await channel.deliver("77", HELLO)).outcome is Outcome.RETRY


async def test_no_network_passes() -> None:
    async with opened("http://127.0.0.1:9") as channel:
        receipt = await channel.deliver("77", HELLO)
    assert receipt.outcome is Outcome.RETRY
    assert TOKEN not in receipt.reason


async def test_file(api: TelegramControl) -> None:
    api.file("pic", b"\xff\xd8\xff-picture")
    async with opened(api.url) as channel:
        media = await channel.fetch(MediaReference("pic", "image/jpeg"))
    assert (media.content, media.content_type) == (b"\xff\xd8\xff-picture", "image/jpeg")


async def test_file_that_is_gone_too_large_or_late(
    api: TelegramControl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "LARGEST_FILE", 1000)
    api.file("big", b"x" * 1001)
    async with opened(api.url) as channel:
        with pytest.raises(MediaError) as gone:
            await channel.fetch(MediaReference("none"))
        with pytest.raises(MediaError) as large:
            await channel.fetch(MediaReference("big"))
        api.fault("file", 503)
        with pytest.raises(MediaError) as late:
            await channel.fetch(MediaReference("big"))
    assert [one.value.passing for one in (gone, large, late)] == [False, False, True]


async def test_no_log_tells_the_token_or_a_text(
    api: TelegramControl, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    api.fault("sendMessage", 400, times=1, description="Bad Request: odd")
    async with opened(api.url) as channel:
        await channel.deliver("77", Outbound("我的电话13800138000"))
        await channel.deliver("88", Outbound("我的电话13800138000"))
    assert "stand-in-token" not in caplog.text
    assert "13800138000" not in caplog.text


async def test_webhook_is_set_with_its_secret(api: TelegramControl) -> None:
    account = TelegramAccount(TOKEN, "s3cret", api.url)
    await set_webhook(account, "https://city.gov.cn/channels/telegram")
    assert api.webhook()["secret_token"] == "s3cret"
    with pytest.raises(SetupError):
        await set_webhook(account, "ftp://city.gov.cn")
    with pytest.raises(SetupError, match="SECRET"):
        await set_webhook(TelegramAccount(TOKEN, api_url=api.url), "https://city.gov.cn")


class Desk:
    """Takes what is polled; may refuse for a while."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.refusals = 0
        self.told: list[str] = []

    async def handle(self, inbound: Inbound) -> None:
        if self.refusals:
            self.refusals -= 1
            raise ConnectionError("no database: 我的电话13800138000")
        self.texts.append(inbound.text)

    async def until(self, done: Callable[[], bool], seconds: float = 10) -> None:
        end = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < end
            await asyncio.sleep(0.02)


@asynccontextmanager
async def polling(api: TelegramControl, token: str = TOKEN) -> AsyncGenerator[Desk]:
    desk = Desk()
    work = poll(TelegramAccount(token, api_url=api.url), desk.handle, desk.told.append)
    task = asyncio.create_task(work)
    try:
        yield desk
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_polled_in_order_and_confirmed_after_storing(api: TelegramControl) -> None:
    for text in "一二三":
        api.writes(77, text)
    async with polling(api) as desk:
        await desk.until(lambda: len(desk.texts) == 3)
        api.writes(77, "四")
        await desk.until(lambda: len(desk.texts) == 4)
        await desk.until(lambda: not api.pending())
    assert desk.texts == ["一", "二", "三", "四"]


async def test_what_could_not_be_stored_comes_again(
    api: TelegramControl, caplog: pytest.LogCaptureFixture
) -> None:
    first = api.writes(77, "一")
    api.writes(77, "二")
    async with polling(api) as desk:
        desk.refusals = 1
        await desk.until(lambda: bool(desk.told))
        assert api.pending()[0] == first
        await desk.until(lambda: len(desk.texts) == 2)
    assert desk.texts == ["一", "二"]
    assert desk.told[-1] == ""
    assert "13800138000" not in caplog.text


async def test_killed_before_confirming_loses_nothing(api: TelegramControl) -> None:
    first = api.writes(77, "一")
    async with polling(api) as desk:
        desk.refusals = 1000
        await desk.until(lambda: bool(desk.told))
    assert api.pending() == [first]
    async with polling(api) as desk:
        await desk.until(lambda: desk.texts == ["一"])


async def test_polling_survives_the_network(api: TelegramControl) -> None:  # field book 42
    api.fault("deleteWebhook", 502, times=1)  # the start must survive too
    async with polling(api) as desk:
        await desk.until(lambda: bool(desk.told))
        api.writes(77, "一")
        await desk.until(lambda: desk.texts == ["一"])
    assert desk.told[-1] == ""


async def test_lost_answer_gives_the_update_again(api: TelegramControl) -> None:
    api.writes(77, "一")
    api.fault("getUpdates", 502, times=1, after=True)
    async with polling(api) as desk:
        await desk.until(lambda: desk.texts == ["一"])


async def test_strange_updates_do_not_block(api: TelegramControl) -> None:  # field book 36
    api.update(edited_message=message(77, text="改"))
    api.update(message={"message_id": 1})
    api.update(poll={"id": 1})
    api.update(something_new=5)
    api.writes(77, "一")
    async with polling(api) as desk:
        await desk.until(lambda: desk.texts == ["一"])
        await desk.until(lambda: not api.pending())


async def test_two_pollers_are_told(
    api: TelegramControl, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:  # field book 41
    monkeypatch.setattr(polling_module, "_CONFLICT_SECONDS", 0.5)
    async with polling(api) as one, polling(api) as other:
        await one.until(lambda: bool(one.told or other.told))
        api.writes(77, "一")
        await one.until(lambda: bool(one.texts or other.texts))
    assert "只能有一个" in caplog.text
    assert api.calls()["getUpdates"] < 20


async def test_webhook_of_before_goes_when_polling_starts(api: TelegramControl) -> None:
    await set_webhook(TelegramAccount(TOKEN, "s3cret", api.url), "https://city.gov.cn/t")
    async with polling(api) as desk:
        await desk.until(lambda: not api.webhook())
        api.writes(77, "一")
        await desk.until(lambda: desk.texts == ["一"])


async def test_refused_token_ends_polling(
    api: TelegramControl, caplog: pytest.LogCaptureFixture
) -> None:  # field book 43
    desk = Desk()
    account = TelegramAccount("1:other", api_url=api.url)
    await asyncio.wait_for(poll(account, desk.handle, desk.told.append), 10)
    assert "令牌" in desk.told[-1]
    assert sum(api.calls().values()) == 1
    assert "other" not in caplog.text
