"""Whoever waits for news of a conversation is woken at once, in whichever process it happens."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from desk.conversations.bell import LOOK_AGAIN, Bell
from desk.database import Database
from tests.harness.letters import line, rows, tell

pytestmark = pytest.mark.both_servers

SOON = 10.0


@pytest.fixture
async def bell(db: Database) -> AsyncIterator[Bell]:
    """Nobody looks again by themselves while a test runs: what returns soon was rung for."""
    bell = Bell(look_again=10 * SOON)
    listening = asyncio.create_task(bell.run(db))
    await asyncio.sleep(0.3)
    yield bell
    listening.cancel()
    await asyncio.wait([listening])


async def rings_within(bell: Bell, conversation_id: int, seconds: float) -> bool:
    """Whether it rings."""
    with bell.watch(conversation_id) as wait, contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await wait(10 * SOON)
            return True
    return False


async def test_it_rings_when_something_is_said(db: Database, bell: Bell) -> None:
    conversation = await line(db, channel="webchat", user="page")
    waiting = asyncio.create_task(rings_within(bell, conversation, SOON))
    await asyncio.sleep(0.05)
    await tell(db, conversation, "一")
    assert await waiting


async def test_it_rings_only_for_its_own_conversation(db: Database, bell: Bell) -> None:
    conversation = await line(db, channel="webchat", user="page")
    other = await line(db, channel="webchat", user="other page")
    waiting = asyncio.create_task(rings_within(bell, other, 0.5))
    await asyncio.sleep(0.05)
    await tell(db, conversation, "一")
    assert not await waiting


async def test_what_rings_between_looking_and_waiting_is_not_missed(
    db: Database, bell: Bell
) -> None:
    conversation = await line(db, channel="webchat", user="page")
    with bell.watch(conversation) as wait:
        await tell(db, conversation, "一")
        await asyncio.sleep(0.2)
        async with asyncio.timeout(SOON):
            await wait(10 * SOON)


async def test_without_a_ring_a_waiter_looks_again_by_itself() -> None:
    with Bell(look_again=0.1).watch(1) as wait:
        async with asyncio.timeout(SOON):
            await wait(10 * SOON)


async def test_it_rings_again_after_the_database_dropped_its_connection(
    db: Database, bell: Bell
) -> None:
    conversation = await line(db, channel="webchat", user="page")
    await rows(
        db,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'LISTEN%'",
    )
    await asyncio.sleep(LOOK_AGAIN + 0.7)
    waiting = asyncio.create_task(rings_within(bell, conversation, SOON))
    await asyncio.sleep(0.05)
    await tell(db, conversation, "一")
    assert await waiting
