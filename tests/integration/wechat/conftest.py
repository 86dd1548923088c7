"""A WeChat client beside a stand-in of the API, where one resident has just written."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator

import pytest
import pytest_asyncio

from connectors.wechat import WeChat
from tests.standins.wechat import WeChatControl, wechat_api
from tests.standins.wechat_setting import RESIDENT, Clock, SharedToken, account


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
