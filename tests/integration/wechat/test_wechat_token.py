"""One token for all senders: fetched once, renewed once, never in the log."""

from __future__ import annotations

import asyncio
import logging

import httpx
import pytest

from connectors.base import MediaReference, Outcome
from connectors.wechat import WeChat
from tests.standins.wechat import SEND_PATH, TOKEN_PATH, WeChatControl
from tests.standins.wechat_rules import APPID, SECRET
from tests.standins.wechat_setting import HELLO, RESIDENT, Clock, SharedToken, account, texts

PICTURE = b"\xff\xd8\xff\xe0 a picture"


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
    assert api.calls()[SEND_PATH] == 400  # nobody tried the expired token
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
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "httpx"):
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


async def test_wrong_credentials_fail(api: WeChatControl) -> None:
    wrong = WeChat(account(api, "wrong"), SharedToken())
    receipt = await wrong.deliver(RESIDENT, HELLO)
    assert receipt.outcome is Outcome.FAILED
    assert "AppSecret" in receipt.reason
    api.fault(TOKEN_PATH, errcode=40001, errmsg="invalid credential")
    assert (await wrong.deliver(RESIDENT, HELLO)).outcome is Outcome.FAILED
    await wrong.aclose()
