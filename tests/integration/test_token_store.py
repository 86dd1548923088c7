"""One access token for all processes: fetched once, shared through the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest

from connectors.wechat import AccessToken, WeChat
from desk.conversations.platform_token import DatabaseTokenStore
from desk.database import Database
from tests.standins.wechat import TOKEN_PATH, WeChatControl, wechat_api
from tests.standins.wechat_setting import HELLO, RESIDENT, account, texts

pytestmark = pytest.mark.both_servers

PROCESSES = 8


@pytest.fixture
def api() -> Iterator[WeChatControl]:
    with wechat_api() as running:
        running.did(RESIDENT)
        yield running


@pytest.fixture
async def processes(database_url: str, api: WeChatControl) -> AsyncIterator[list[WeChat]]:
    """Clients with a database access of their own each, as processes have."""
    async with AsyncExitStack() as stack:
        clients: list[WeChat] = []
        for _ in range(PROCESSES):
            db = Database(database_url, pool_size=3)
            stack.push_async_callback(db.dispose)
            client = WeChat(account(api), DatabaseTokenStore(db, "wx0123456789abcdef"))
            stack.push_async_callback(client.aclose)
            clients.append(client)
        yield clients


async def test_eight_processes_that_need_a_token_at_once_fetch_one(
    processes: list[WeChat], api: WeChatControl
) -> None:
    api.fault(TOKEN_PATH, times=1, delay=0.5)
    receipts = await asyncio.gather(
        *(process.deliver(RESIDENT, HELLO) for process in processes[:5])
    )
    assert all(receipt.outcome == "sent" for receipt in receipts)
    assert api.calls()[TOKEN_PATH] == 1
    assert len(texts(api)) == 5


async def test_a_token_that_expires_under_load_is_renewed_once_and_loses_nothing(
    processes: list[WeChat], api: WeChatControl
) -> None:
    await processes[0].deliver(RESIDENT, HELLO)
    api.advance(7300)  # the platform's clock, not ours: the token is refused as expired
    for n in range(40):
        api.did(f"resident-{n}")
    receipts = await asyncio.gather(
        *(processes[n % PROCESSES].deliver(f"resident-{n}", HELLO) for n in range(40))
    )
    assert all(receipt.outcome == "sent" for receipt in receipts)
    assert api.calls()[TOKEN_PATH] == 2


async def test_the_token_is_there_after_a_restart_and_never_in_the_open(db: Database) -> None:
    store = DatabaseTokenStore(db, "wx1")
    assert await store.get() is None
    token = AccessToken("secret-" + "x" * 600, datetime.now(UTC) + timedelta(hours=2))
    await store.put(token)
    assert await DatabaseTokenStore(db, "wx1").get() == token
    assert await DatabaseTokenStore(db, "wx2").get() is None
    assert "secret" not in repr(token)
    later = AccessToken("other", token.expires_at, forced_at=datetime.now(UTC))
    await store.put(later)
    assert await store.get() == later


async def test_the_lock_has_one_holder_over_all_processes_and_is_freed_when_it_fails(
    database_url: str,
) -> None:
    databases = [Database(database_url, pool_size=2) for _ in range(4)]
    inside = most = 0

    async def hold(db: Database, *, fail: bool) -> None:
        nonlocal inside, most
        async with DatabaseTokenStore(db, "wx1").lock():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.05)
            inside -= 1
            if fail:
                raise ZeroDivisionError

    done = await asyncio.gather(
        *(hold(db, fail=n == 0) for n, db in enumerate(databases)), return_exceptions=True
    )
    assert most == 1
    assert [type(one) for one in done] == [ZeroDivisionError, type(None), type(None), type(None)]
    for db in databases:
        await db.dispose()


async def test_two_accounts_do_not_wait_for_each_other(db: Database) -> None:
    async with asyncio.timeout(3):
        async with DatabaseTokenStore(db, "wx1").lock(), DatabaseTokenStore(db, "wx2").lock():
            pass
