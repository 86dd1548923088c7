"""The outgoing side against a stand-in of the WeChat API that enforces the platform's rules."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import httpx
import pytest
import pytest_asyncio

from connectors.base import Button, MediaError, MediaReference, Outbound, Outcome
from connectors.wechat import TEXT_BYTES, AccessToken, WeChat, WeChatAccount, parts
from connectors.wechat.api import LARGEST_FILE
from tests.standins.wechat import (
    MEDIA_PATH,
    NOTICE_PATH,
    SEND_PATH,
    TOKEN_PATH,
    WeChatControl,
    wechat_api,
)
from tests.standins.wechat_rules import APPID, SECRET

RESIDENT = "oResident_1"
HELLO = Outbound("您好，您的诉求已登记。")
PICTURE = b"\xff\xd8\xff\xe0 a picture"


class SharedToken:
    """A token store for several clients of one process, which stand for several processes."""

    def __init__(self) -> None:
        self.token: AccessToken | None = None
        self._lock = asyncio.Lock()

    async def get(self) -> AccessToken | None:
        return self.token

    async def put(self, token: AccessToken) -> None:
        self.token = token

    @asynccontextmanager
    async def lock(self) -> AsyncGenerator[None]:
        async with self._lock:
            yield


class Clock:
    """The connector's clock, which a test puts forward together with the platform's."""

    def __init__(self, api: WeChatControl) -> None:
        self._api = api
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)
        self._api.advance(seconds)


@pytest.fixture
def api() -> Generator[WeChatControl]:
    with wechat_api() as running:
        running.did(RESIDENT)
        yield running


@pytest.fixture
def clock(api: WeChatControl) -> Clock:
    return Clock(api)


@pytest.fixture
def store() -> SharedToken:
    return SharedToken()


@pytest_asyncio.fixture
async def wechat(api: WeChatControl, store: SharedToken, clock: Clock) -> AsyncGenerator[WeChat]:
    channel = WeChat(account(api), store, clock)
    yield channel
    await channel.aclose()


def account(api: WeChatControl, secret: str = SECRET) -> WeChatAccount:
    return WeChatAccount(APPID, secret, "token", api_url=api.url)


def texts(api: WeChatControl, openid: str = RESIDENT) -> list[str]:
    return [one["text"] for one in api.sent(openid)]


async def test_a_text_arrives_as_written(api: WeChatControl, wechat: WeChat) -> None:
    receipt = await wechat.deliver(
        RESIDENT, Outbound("😡路灯坏了👨‍👩‍👧\n\x0b]]>", (Button("确认"),))
    )
    assert receipt.outcome is Outcome.SENT
    assert texts(api) == ["😡路灯坏了👨‍👩‍👧\n]]>\n回复【确认】"]


async def test_row_9_and_32_a_long_text_arrives_whole_and_in_order(
    api: WeChatControl, wechat: WeChat
) -> None:
    cut = parts(Outbound("幸福里三号楼的路灯已经修好，感谢您的反映。" * 143))
    for part in cut:
        assert (await wechat.deliver(RESIDENT, Outbound(part))).outcome is Outcome.SENT
    assert texts(api) == cut


@pytest.mark.parametrize("text", ["", " \n", "\x0b", "好" * 683])
async def test_what_the_platform_would_refuse_is_not_sent(
    api: WeChatControl, wechat: WeChat, text: str
) -> None:
    assert (await wechat.deliver(RESIDENT, Outbound(text))).outcome is Outcome.FAILED
    assert SEND_PATH not in api.calls()
    assert (await wechat.deliver(RESIDENT, Outbound("x" * TEXT_BYTES))).outcome is Outcome.SENT


async def test_row_23_a_token_that_is_always_refused_ends_in_a_retry(
    api: WeChatControl, wechat: WeChat
) -> None:
    api.fault(SEND_PATH, errcode=40001, errmsg="invalid credential")
    first = await wechat.deliver(RESIDENT, HELLO)
    assert first.outcome is Outcome.RETRY
    assert first.retry_after > 0
    assert api.calls() == {TOKEN_PATH: 3, SEND_PATH: 2}  # the first fetch, and two to renew

    many = await asyncio.gather(*(wechat.deliver(RESIDENT, HELLO) for _ in range(20)))
    assert {receipt.outcome for receipt in many} == {Outcome.RETRY}
    assert api.calls()[TOKEN_PATH] <= 5  # no forced refresh within 30 s, and one failure for all


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_token_refused_once_is_renewed_once(
    api: WeChatControl, wechat: WeChat, code: int
) -> None:
    await wechat.deliver(RESIDENT, HELLO)
    api.fault(SEND_PATH, times=1, errcode=code)
    assert (await wechat.deliver(RESIDENT, HELLO)).outcome is Outcome.SENT
    assert len(texts(api)) == 2


async def test_a_token_that_another_program_replaced_is_fetched_without_force(
    api: WeChatControl, wechat: WeChat, store: SharedToken
) -> None:
    await wechat.deliver(RESIDENT, HELLO)
    asked = {"grant_type": "client_credential", "appid": APPID, "secret": SECRET}
    async with httpx.AsyncClient(base_url=api.url) as other:
        await other.post(TOKEN_PATH, json=asked | {"force_refresh": True})
    assert (await wechat.deliver(RESIDENT, HELLO)).outcome is Outcome.SENT
    assert store.token is not None
    assert store.token.forced_at is None


async def test_force_is_used_only_when_the_platform_refuses_what_it_gives_and_30_s_apart(
    api: WeChatControl, wechat: WeChat, store: SharedToken, clock: Clock
) -> None:
    await wechat.deliver(RESIDENT, HELLO)
    api.revoke()
    assert (await wechat.deliver(RESIDENT, HELLO)).outcome is Outcome.SENT
    assert store.token is not None
    assert store.token.forced_at is not None

    api.revoke()
    before = api.calls()[TOKEN_PATH]
    assert (await wechat.deliver(RESIDENT, HELLO)).outcome is Outcome.RETRY
    assert api.calls()[TOKEN_PATH] == before + 1
    clock.advance(31)
    assert (await wechat.deliver(RESIDENT, HELLO)).outcome is Outcome.SENT


async def test_row_24_two_hundred_senders_of_eight_processes_fetch_an_expired_token_once(
    api: WeChatControl, store: SharedToken, clock: Clock
) -> None:
    residents = [f"oResident_{n}" for n in range(40)]
    for resident in residents:
        api.did(resident)
    processes = [WeChat(account(api), store, clock) for _ in range(8)]

    async def everyone() -> set[Outcome]:
        sends = (
            processes[n % 8].deliver(resident, HELLO) for n, resident in enumerate(residents * 5)
        )
        return {receipt.outcome for receipt in await asyncio.gather(*sends)}

    assert await everyone() == {Outcome.SENT}
    assert api.calls()[TOKEN_PATH] == 1
    clock.advance(7300)
    for resident in residents:
        api.did(resident)
    assert await everyone() == {Outcome.SENT}
    assert api.calls()[TOKEN_PATH] == 2
    assert all(len(texts(api, resident)) == 10 for resident in residents)
    await asyncio.gather(*(process.aclose() for process in processes))


async def test_row_24_a_renewal_near_the_end_breaks_nobody_s_token(
    api: WeChatControl, store: SharedToken, clock: Clock
) -> None:
    one, other = WeChat(account(api), store, clock), WeChat(account(api), SharedToken(), clock)
    for seconds in (0, 6900, 61, 10):
        clock.advance(seconds)
        for channel in (one, other):
            assert (await channel.deliver(RESIDENT, HELLO)).outcome in {
                Outcome.SENT,
                Outcome.CLOSED,  # the quota of five; never a refused token
            }
    assert api.calls()[SEND_PATH] == 8
    await one.aclose()
    await other.aclose()


async def test_row_25_a_slow_token_endpoint_ends_in_a_retry_for_all_at_once(
    api: WeChatControl, wechat: WeChat
) -> None:
    api.fault(TOKEN_PATH, delay=30)
    clock = asyncio.get_running_loop().time
    started = clock()
    sends = [wechat.deliver(RESIDENT, HELLO) for _ in range(10)]
    receipts = await asyncio.gather(*sends)
    assert {receipt.outcome for receipt in receipts} == {Outcome.RETRY}
    assert clock() - started < 8
    assert api.calls() == {TOKEN_PATH: 1}


async def test_row_26_no_token_reaches_the_log(
    api: WeChatControl,
    wechat: WeChat,
    store: SharedToken,
    caplog: pytest.LogCaptureFixture,
) -> None:
    api.media("picture", PICTURE, "image/jpeg")
    with caplog.at_level(logging.DEBUG):
        await wechat.deliver(RESIDENT, HELLO)
        await wechat.fetch(MediaReference("picture"))
        api.fault(SEND_PATH, errcode=40001)
        await wechat.deliver(RESIDENT, HELLO)
    assert store.token is not None
    lines = [caplog.handler.format(record) for record in caplog.records]
    assert any("access_token=***" in line for line in lines)
    assert not any(
        secret in line
        for line in lines
        for secret in (store.token.value, store.token.value[:20], SECRET, RESIDENT, HELLO.text)
    )
    assert store.token.value not in repr(store.token)


async def test_row_27_after_48_hours_the_window_is_closed(
    api: WeChatControl, wechat: WeChat, clock: Clock
) -> None:
    clock.advance(50 * 3600)
    receipt = await wechat.deliver(RESIDENT, HELLO)
    assert receipt.outcome is Outcome.CLOSED
    assert receipt.reason.startswith("45015")
    api.did(RESIDENT)
    assert (await wechat.deliver(RESIDENT, HELLO)).outcome is Outcome.SENT


async def test_row_28_the_sixth_message_is_not_silently_lost(
    api: WeChatControl, wechat: WeChat
) -> None:
    receipts = [await wechat.deliver(RESIDENT, Outbound(f"第{n}条")) for n in range(1, 7)]
    assert [receipt.outcome for receipt in receipts] == [Outcome.SENT] * 5 + [Outcome.CLOSED]
    assert receipts[-1].reason.startswith("45047")
    assert texts(api) == [f"第{n}条" for n in range(1, 6)]


async def test_a_click_opens_one_minute_for_three_messages(
    api: WeChatControl, wechat: WeChat, clock: Clock
) -> None:
    api.did("oNew", "click")
    outcomes = [(await wechat.deliver("oNew", HELLO)).outcome for _ in range(4)]
    assert outcomes == [Outcome.SENT] * 3 + [Outcome.CLOSED]
    api.did("oNew", "click")
    clock.advance(61)
    assert (await wechat.deliver("oNew", HELLO)).outcome is Outcome.CLOSED


async def test_row_29_a_notice_goes_only_to_who_granted_it(
    api: WeChatControl, wechat: WeChat
) -> None:
    values = {"character_string1": "YS261125000017", "phrase2": "办理中"}
    refused = await wechat.notify(RESIDENT, "template-1", values)
    assert refused.outcome is Outcome.FAILED
    assert refused.reason.startswith("43101")
    api.grant(RESIDENT, "template-1")
    receipt = await wechat.notify(RESIDENT, "template-1", values, "https://city.gov.cn/t")
    assert receipt.outcome is Outcome.SENT
    assert '"phrase2": {"value": "办理中"}' in texts(api)[-1]
    api.fault(NOTICE_PATH, times=1, errcode=-1)
    assert (await wechat.notify(RESIDENT, "template-1", values)).outcome is Outcome.RETRY


@pytest.mark.parametrize("path", [SEND_PATH, TOKEN_PATH])
async def test_row_30_an_unlisted_address_fails_at_once_and_is_told(
    api: WeChatControl, wechat: WeChat, path: str
) -> None:
    words = "invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist rid: 1-2-3"
    api.fault(path, errcode=40164, errmsg=words)
    receipt = await wechat.deliver(RESIDENT, HELLO)
    assert receipt.outcome is Outcome.FAILED
    assert "203.0.113.9" in receipt.reason
    assert api.calls()[path] == 1


async def test_a_resident_who_left_is_unreachable_until_they_return(
    api: WeChatControl, wechat: WeChat
) -> None:
    api.did(RESIDENT, "unsubscribe")
    assert (await wechat.deliver(RESIDENT, HELLO)).outcome is Outcome.UNREACHABLE
    api.did(RESIDENT)
    assert (await wechat.deliver(RESIDENT, HELLO)).outcome is Outcome.SENT
    assert (await wechat.deliver("oStranger", HELLO)).outcome is Outcome.FAILED


async def test_wrong_credentials_fail(api: WeChatControl) -> None:
    wrong = WeChat(account(api, "wrong"), SharedToken())
    receipt = await wrong.deliver(RESIDENT, HELLO)
    assert receipt.outcome is Outcome.FAILED
    assert "AppSecret" in receipt.reason
    api.fault(TOKEN_PATH, errcode=40001, errmsg="invalid credential")
    assert (await wrong.deliver(RESIDENT, HELLO)).outcome is Outcome.FAILED
    await wrong.aclose()


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"status": 500}, Outcome.RETRY),
        ({"status": 502, "body": "<html>"}, Outcome.RETRY),
        ({"status": 429}, Outcome.RETRY),
        ({"status": 404}, Outcome.FAILED),
        ({"status": 302}, Outcome.FAILED),
        ({"status": 200, "body": "<html>"}, Outcome.RETRY),
        ({"status": 200, "body": "[]"}, Outcome.RETRY),
        ({"status": 200, "body": '{"errcode": "x"}'}, Outcome.RETRY),
        ({"errcode": -1, "errmsg": "system error"}, Outcome.RETRY),
        ({"errcode": 45009}, Outcome.RETRY),
        ({"errcode": 48001}, Outcome.FAILED),
    ],
    ids=str,
)
@pytest.mark.parametrize("path", [SEND_PATH, TOKEN_PATH])
async def test_a_fault_has_an_outcome_and_passes(
    api: WeChatControl, wechat: WeChat, path: str, fault: dict[str, object], outcome: Outcome
) -> None:
    api.fault(path, **fault)
    assert (await wechat.deliver(RESIDENT, HELLO)).outcome is outcome
    assert api.calls()[path] == 1
    api.mend()
    assert (await wechat.deliver(RESIDENT, HELLO)).outcome is Outcome.SENT


async def test_silence_and_no_server_end_in_a_retry(
    api: WeChatControl, wechat: WeChat, store: SharedToken
) -> None:
    await wechat.deliver(RESIDENT, HELLO)
    api.fault(SEND_PATH, times=1, delay=7)
    assert (await wechat.deliver(RESIDENT, HELLO)).outcome is Outcome.RETRY
    nowhere = WeChatAccount(APPID, SECRET, "token", api_url="http://127.0.0.1:9")
    for known in (store, SharedToken()):
        unreachable = WeChat(nowhere, known)
        assert (await unreachable.deliver(RESIDENT, HELLO)).outcome is Outcome.RETRY
        await unreachable.aclose()


async def test_a_file_is_fetched_with_its_type(api: WeChatControl, wechat: WeChat) -> None:
    api.media("a&b=1 图", PICTURE, "image/JPEG; charset=x")
    media = await wechat.fetch(MediaReference("a&b=1 图"))
    assert (media.content, media.content_type) == (PICTURE, "image/jpeg")
    api.revoke()
    assert (await wechat.fetch(MediaReference("a&b=1 图"))).content == PICTURE


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b'{"errcode":40007,"errmsg":"invalid media_id"}', "image/jpeg"),
        (b'{"errcode":40007,"errmsg":"invalid media_id"}', "text/plain"),
        (b'{"video_url":"http://example.com/v.mp4"}', "application/json"),
        (b"<html>", "text/html"),
        (b"", "image/jpeg"),
        (b"x" * (LARGEST_FILE + 1), "image/jpeg"),
    ],
    ids=["error as a picture", "error", "video link", "page", "empty", "too large"],
)
async def test_what_is_no_file_is_never_taken_for_one(
    api: WeChatControl, wechat: WeChat, content: bytes, content_type: str
) -> None:
    api.media("file", content, content_type)
    with pytest.raises(MediaError) as error:
        await wechat.fetch(MediaReference("file"))
    assert not error.value.passing


@pytest.mark.parametrize(
    ("fault", "passing"),
    [
        ({"status": 503}, True),
        ({"errcode": -1}, True),
        ({"errcode": 40001}, True),
        ({"errcode": 40007}, False),
        ({"errcode": 48001}, False),
    ],
    ids=str,
)
async def test_a_fault_of_a_download_tells_whether_it_passes(
    api: WeChatControl, wechat: WeChat, fault: dict[str, object], passing: bool
) -> None:
    api.fault(MEDIA_PATH, **fault)
    with pytest.raises(MediaError) as error:
        await wechat.fetch(MediaReference("picture"))
    assert error.value.passing is passing
    assert api.calls()[MEDIA_PATH] <= 2


async def test_what_is_sent_keeps_its_order_over_a_retry(
    api: WeChatControl, wechat: WeChat
) -> None:
    """The caller sends a part again after RETRY before it sends the next."""
    api.fault(SEND_PATH, times=1, status=500)
    for n in range(1, 4):
        while (await wechat.deliver(RESIDENT, Outbound(f"第{n}条"))).outcome is Outcome.RETRY:
            pass
    sent = api.sent(RESIDENT)
    assert [one["text"] for one in sent] == ["第1条", "第2条", "第3条"]
    assert all(earlier["at"] <= later["at"] for earlier, later in pairwise(sent))
