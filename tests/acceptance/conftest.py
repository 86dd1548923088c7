"""Two started systems: one for all that does not break it, and one to be broken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.http import HTTP
from tests.harness.places import scratch
from tests.harness.residents import (
    TELEGRAM_SECRET,
    TelegramResident,
    WeChatResident,
    telegram_settings,
    wechat_settings,
)
from tests.harness.system import System, WebResident, configured, system
from tests.standins.telegram import TOKEN, TelegramControl, telegram_api
from tests.standins.wechat import WeChatControl, wechat_api


@pytest.fixture(scope="session")
def wechat() -> Iterator[WeChatControl]:
    with wechat_api() as api:
        yield api


@pytest.fixture(scope="session")
def telegram() -> Iterator[TelegramControl]:
    with telegram_api() as api:
        yield api


@pytest.fixture(scope="session")
def running(model: Path, wechat: WeChatControl, telegram: TelegramControl) -> Iterator[System]:
    """Every channel is on; Telegram calls."""
    settings = {**wechat_settings(wechat), **telegram_settings(telegram, "webhook")}
    with scratch("system") as folder, system(folder, model, settings) as started:
        answer = HTTP.post(
            f"{telegram.url}/bot{TOKEN}/setWebhook",
            data={"url": f"{started.url}/channels/telegram", "secret_token": TELEGRAM_SECRET},
        )
        assert answer.json()["ok"]
        yield started


@pytest.fixture(scope="session")
def polled() -> Iterator[TelegramControl]:
    with telegram_api() as api:
        yield api


@pytest.fixture(scope="session")
def breakable(model: Path, wechat: WeChatControl, polled: TelegramControl) -> Iterator[System]:
    """To be killed in pieces; Telegram is asked."""
    settings = {**wechat_settings(wechat), **telegram_settings(polled, "polling")}
    with scratch("fragile") as folder:
        system = configured(folder, model, settings)
        system.start()
        yield system
        system.stop()


@pytest.fixture
def fragile(breakable: System) -> System:
    """The same, running whatever was done to it before."""
    assert breakable.process is not None
    if breakable.process.poll() is not None:
        breakable.start()
    breakable.wait_until_ready()
    return breakable


@pytest.fixture
def resident(running: System) -> WebResident:
    return WebResident(running)


@pytest.fixture
def follower(running: System, wechat: WeChatControl) -> WeChatResident:
    return WeChatResident(running, wechat)


@pytest.fixture
def chatter(running: System, telegram: TelegramControl) -> TelegramResident:
    return TelegramResident(running, telegram)
