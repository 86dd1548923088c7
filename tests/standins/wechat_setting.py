"""What the WeChat connector needs beside the API stand-in: an account, a token store, a clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from connectors.base import Outbound
from connectors.wechat import AccessToken, WeChatAccount
from tests.standins.wechat import WeChatControl
from tests.standins.wechat_rules import APPID, SECRET

RESIDENT = "oResident_1"
HELLO = Outbound("您好，您的诉求已登记。")


def account(api: WeChatControl, secret: str = SECRET) -> WeChatAccount:
    """The stand-in's account, which answers at the stand-in's address."""
    return WeChatAccount(APPID, secret, "token", api_url=api.url)


def texts(api: WeChatControl, openid: str = RESIDENT) -> list[str]:
    """What a resident has read so far."""
    return [one["text"] for one in api.sent(openid)]


class SharedToken:
    """A token store for several clients of one test, which stand for several processes."""

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
