"""Whoever waits for news of a conversation is woken at once, in whichever process it happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from desk.conversations.bell import LOOK_AGAIN, Bell
from desk.database import Database
from tests.harness.letters import line, rows, tell

pytestmark = pytest.mark.clock

SOON = LOOK_AGAIN / 2


@pytest.fixture
async def bell(db: Database) -> AsyncIterator[Bell]:
    bell = Bell()
    listening = asyncio.create_task(bell.run(db))
    await asyncio.sleep(0.3)
    yield bell
    listening.cancel()
    await asyncio.wait([listening])


async def rings_within(bell: Bell, conversation_id: int, seconds: float) -> bool:
    """Whether it rings; a wait that only looks again after LOOK_AGAIN does not count."""
    began = asyncio.get_running_loop().time()
    with bell.watch(conversation_id) as wait:
        await wait(seconds + 1)
    return asyncio.get_running_loop().time() - began < seconds


async def test_it_rings_when_something_is_said(db: Database, bell: Bell) -> None:
    conversation = await line(db, channel="webchat", user="page")
    waiting = asyncio.create_task(rings_within(bell, conversation, SOON))
    await asyncio.sleep(0.05)
    await tell(db, conversation, "一")
    assert await waiting


async def test_it_rings_only_for_its_own_conversation(db: Database, bell: Bell) -> None:
    conversation = await line(db, channel="webchat", user="page")
    other = await line(db, channel="webchat", user="other page")
    waiting = asyncio.create_task(rings_within(bell, other, SOON))
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
        began = asyncio.get_running_loop().time()
        await wait(5)
        assert asyncio.get_running_loop().time() - began < SOON


async def test_without_a_ring_a_waiter_looks_again_by_itself(bell: Bell) -> None:
    began = asyncio.get_running_loop().time()
    with bell.watch(1) as wait:
        await wait(30)
    assert asyncio.get_running_loop().time() - began == pytest.approx(LOOK_AGAIN, abs=0.5)


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
