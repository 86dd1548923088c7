"""The worker goes on whatever happens to it, to its database, and to the workers beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import psycopg
import pytest

from desk.city import City
from desk.conversations.world import World
from desk.database import Database
from desk.processes.worker import HEARTBEAT, SILENT_AFTER, work
from tests.harness.letters import jobs, put, rows, world_of
from tests.harness.patience import until
from tests.harness.scripted_engine import ScriptedEngine, scripted_engine

pytestmark = pytest.mark.both_servers


@pytest.fixture
def engine() -> Iterator[ScriptedEngine]:
    with scripted_engine() as running:
        yield running


@pytest.fixture
async def world(db: Database, city: City, engine: ScriptedEngine) -> AsyncIterator[World]:
    world = world_of(db, city, engine=engine.client())
    yield world
    await world.engine.aclose()


async def stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


def drop_connections(url: str) -> None:
    """What a restart of the server does to everyone who is connected."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND usename = current_user"
        )


async def answers(db: Database) -> list[str]:
    found = await rows(db, "SELECT text FROM message WHERE text LIKE '收到%' ORDER BY seq")
    return [row["text"] for row in found]


async def idle(db: Database) -> bool:
    """Whether nothing is left to be done."""
    return not await rows(db, "SELECT id FROM procrastinate_jobs WHERE status <> 'succeeded'")


async def test_a_job_is_begun_at_once(world: World) -> None:
    """Sooner than a queue that looks every five seconds, as it does unless told otherwise."""
    working = asyncio.create_task(work(world, concurrency=4))
    await asyncio.sleep(0.5)
    await put(world.db, "一")

    async def answered() -> bool:
        return bool(await answers(world.db))

    await until(answered, 4)
    await stopped(working)


async def test_the_job_of_a_dead_worker_is_done_again(world: World) -> None:
    await put(world.db, "一")
    await rows(
        world.db,
        "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat) "
        "VALUES (now() - interval '1 minute') RETURNING id) "
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM dead)",
    )
    workers = [asyncio.create_task(work(world, concurrency=2)) for _ in range(3)]

    async def done() -> bool:
        return bool(await answers(world.db)) and await idle(world.db)

    await until(done, SILENT_AFTER + 6)
    assert await answers(world.db) == ["收到：一"]
    for worker in workers:
        assert not worker.done()
        await stopped(worker)


async def test_a_job_whose_end_could_not_be_stored_does_not_hold_its_resident_for_ever(
    world: World,
) -> None:
    """The worker lives, and so nobody would take its job over."""
    working = asyncio.create_task(work(world, concurrency=4))
    await put(world.db, "一")
    await until(lambda: has(world, "收到：一"))
    await until(lambda: idle(world.db))
    await rows(
        world.db,
        "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, args, status, worker_id) "
        "SELECT 'default', 'turn', 'conversation:' || conversation.id, "
        "jsonb_build_object('conversation_id', conversation.id), 'doing', "
        "procrastinate_workers.id FROM conversation, procrastinate_workers",
    )
    await put(world.db, "二")
    await until(lambda: has(world, "收到：二"), SILENT_AFTER)
    await stopped(working)


async def test_a_worker_that_ended_by_itself_begins_again(world: World, database_url: str) -> None:
    """Procrastinate's worker returns without an error when one of its side tasks failed."""
    working = asyncio.create_task(work(world, concurrency=4))
    await put(world.db, "一")
    await until(lambda: has(world, "收到：一"))
    await rows(world.db, "ALTER TABLE procrastinate_workers RENAME TO gone")
    await asyncio.sleep(3 * HEARTBEAT)
    await rows(world.db, "ALTER TABLE gone RENAME TO procrastinate_workers")
    await put(world.db, "二")
    await until(lambda: has(world, "收到：二"), SILENT_AFTER)
    await stopped(working)


async def has(world: World, text: str) -> bool:
    return text in await answers(world.db)


async def test_nothing_is_lost_or_doubled_when_the_database_drops_everyone_again_and_again(
    world: World, database_url: str, engine: ScriptedEngine
) -> None:
    working = asyncio.create_task(work(world, concurrency=4))
    await asyncio.sleep(0.3)
    engine.delay = 0.1
    sent: list[str] = []
    for n in range(12):
        await until(lambda n=n: stored(world, f"第{n}句"))
        sent.append(f"收到：第{n}句")
        if n % 3 == 1:
            await asyncio.sleep(0.05 * n)
            await asyncio.to_thread(drop_connections, database_url)

    async def all_answered() -> bool:
        try:
            return len(await answers(world.db)) >= len(sent) and await idle(world.db)
        except Exception:  # noqa: BLE001 - a connection that was dropped
            return False

    await until(all_answered, 30)
    assert await answers(world.db) == sent
    assert await jobs(world.db) == []
    await stopped(working)


async def stored(world: World, words: str) -> bool:
    """Stores a message, as a client that comes again does."""
    try:
        await put(world.db, words, external_id=f"once:{words}")
    except Exception:  # noqa: BLE001 - a connection that was dropped
        return False
    return True


async def test_order_holds_in_every_conversation_over_four_processes(
    world: World, city: City, database_url: str, engine: ScriptedEngine
) -> None:
    engine.delay = 0.01
    async with AsyncExitStack() as stack:
        workers: list[asyncio.Task[None]] = []
        for _ in range(4):
            db = Database(database_url, pool_size=4)
            stack.push_async_callback(db.dispose)
            await stack.enter_async_context(db.queue.open_async())
            one = world_of(db, city, engine=engine.client())
            stack.push_async_callback(one.engine.aclose)
            workers.append(asyncio.create_task(work(one, concurrency=8)))
        await asyncio.gather(
            *(talk(world, f"resident-{who}", 25) for who in range(4)),
        )
        await until(lambda: idle(world.db), 60)
        for worker in workers:
            await stopped(worker)
    for who in range(4):
        found = await rows(
            world.db,
            "SELECT m.text FROM message m JOIN conversation c ON c.id = m.conversation_id "
            "JOIN resident r ON r.id = c.resident_id "
            "WHERE r.account = :account AND m.text LIKE '收到%' ORDER BY m.seq",
            account=f"resident-{who}",
        )
        assert [row["text"] for row in found] == [f"收到：{n}" for n in range(25)]


async def talk(world: World, user: str, count: int) -> None:
    """One message after the other, without waiting for answers."""
    for n in range(count):
        await put(world.db, str(n), user=user)


async def test_a_worker_that_is_told_to_stop_ends_what_it_began(
    world: World, engine: ScriptedEngine
) -> None:
    engine.delay = 0.5
    working = asyncio.create_task(work(world, concurrency=4))
    await asyncio.sleep(0.3)
    await put(world.db, "一")

    async def asked() -> bool:
        return bool(engine.asked)

    await until(asked)
    await stopped(working)
    assert await answers(world.db) == ["收到：一"]
    assert await idle(world.db)
