"""The connector behind a real web route, called as the platform calls it."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from connectors.wechat import (
    ACKNOWLEDGED,
    Forbidden,
    Malformed,
    WeChatAccount,
    open_callback,
    passive_reply,
    verify,
)
from tests.standins import wechat_platform as platform
from tests.standins.server import serve
from tests.standins.wechat import wechat_api
from tests.standins.wechat_platform import AES_KEY, TOKEN, Mode, Platform
from tests.standins.wechat_rules import APPID, SECRET

ACCOUNT = WeChatAccount(APPID, SECRET, TOKEN, AES_KEY)
RESIDENT = "oResident_1"


@contextmanager
def parrot(delays: list[float]) -> Generator[str]:
    """An account that says back what it hears, late by the next of `delays`."""

    async def answer(request: Request) -> Response:
        now = datetime.now(UTC)
        try:
            if request.method == "GET":
                return PlainTextResponse(verify(ACCOUNT, request.query_params, now))
            callback = open_callback(ACCOUNT, request.query_params, await request.body(), now)
        except Forbidden:
            return Response(status_code=403)
        except Malformed:
            return Response(status_code=400)
        await asyncio.sleep(delays.pop(0) if delays else 0)
        if callback.inbound is None or not callback.inbound.text:
            return PlainTextResponse(ACKNOWLEDGED)
        xml = passive_reply(ACCOUNT, callback.address, callback.inbound.text, now)
        return Response(xml, media_type="application/xml")

    with serve(Starlette(routes=[Route("/", answer, methods=["GET", "POST"])])) as url:
        yield url


@pytest.mark.parametrize("mode", ["plain", "compatible", "encrypted"])
async def test_a_resident_reads_the_passive_reply(mode: Mode) -> None:
    with parrot([]) as url, wechat_api() as api:
        city = Platform(url, mode, api)
        said = "😡路灯坏了]]>𠮷"
        assert (await city.push(platform.text(RESIDENT, said))).text == said
        pushed = await city.push(platform.event(RESIDENT, "unsubscribe"))
        assert (pushed.text, pushed.status, pushed.broken) == ("", 200, False)
        assert [one["text"] for one in api.sent(RESIDENT)] == [said]
        assert (await city.echo("9321")).text == "9321"


async def test_the_platform_posts_three_times_and_then_shows_its_fault_notice() -> None:
    with parrot([0.5, 0.5, 0, 0.5, 0.5, 0.5]) as url, wechat_api() as api:
        city = Platform(url, api=api, patience=0.2)
        third = await city.push(platform.text(RESIDENT, "慢"))
        assert (third.text, third.attempts) == ("慢", 3)
        never = await city.push(platform.text(RESIDENT, "太慢"))
        assert (never.text, never.attempts, never.broken) == ("", 3, True)
        assert [one["via"] for one in api.sent(RESIDENT)] == ["passive", "fault"]


async def test_a_wrong_token_is_forbidden() -> None:
    with parrot([]) as url:
        forged = Platform(url, token="guessed")
        assert (await forged.push(platform.text(RESIDENT, "你好"))).status == 403
        assert (await forged.echo("1")).status_code == 403
