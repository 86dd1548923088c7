"""Rooms of the desk on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from typer.testing import CliRunner

from desk.city import City
from desk.database import Database
from desk.database.migrate import migrate
from desk.database.schema import METADATA
from desk.tickets import Matter, open_ticket
from tests.harness.clusters import Cluster
from tests.harness.letters import put

_QUEUE = ("procrastinate_jobs", "procrastinate_workers")
# Goes with its tickets, and only so.
_GROWS = "ticket_event"


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Cluster:
    """A server: the one of `make run`, or a city's own."""
    return request.getfixturevalue(f"{getattr(request, 'param', 'embedded')}_cluster")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs what is marked so once on each server."""
    if "cluster" in metafunc.fixturenames and metafunc.definition.get_closest_marker(
        "both_servers"
    ):
        metafunc.parametrize("cluster", ["embedded", "external"], indirect=True, scope="session")


@pytest.fixture(scope="session")
def shared_url(cluster: Cluster) -> Iterator[str]:
    """A migrated database on that server."""
    name = cluster.create()
    migrate(cluster.url(name))
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture
def database_url(shared_url: str) -> str:
    """The same, emptied: far quicker than making another one for each test."""
    with psycopg.connect(shared_url) as connection:
        ours = [t.name for t in reversed(METADATA.sorted_tables) if t.name != _GROWS]
        for table in (*_QUEUE, *ours):
            connection.execute(SQL("DELETE FROM {}").format(Identifier(table)))
    return shared_url


@pytest.fixture(scope="session")
async def shared_db(shared_url: str) -> AsyncIterator[Database]:
    """Access to it, as a process of Yingsheng has: opened once, and statements compiled once."""
    database = Database(shared_url)
    async with database.queue.open_async():
        yield database
    await database.dispose()


@pytest.fixture
def db(shared_db: Database, database_url: str) -> Database:
    """The same, emptied by `database_url`."""
    return shared_db


@pytest.fixture
def number(database_url: str, city: City) -> str:
    """The number of a ticket that nobody dispatched yet."""

    async def make() -> str:
        db = Database(database_url)
        async with db.queue.open_async():
            source = await put(db)
            ticket = await open_ticket(
                db,
                city,
                Matter("incident", "0305", "路灯坏了", [source.message_id]),
                conversation_id=source.conversation_id,
                source_message_id=source.message_id,
            )
        await db.dispose()
        return ticket.number

    return asyncio.run(make())


@pytest.fixture
def yingsheng(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Runs commands of `desk.cli.app` on that database."""
    monkeypatch.setenv("YINGSHENG_DATABASE_URL", database_url)
    monkeypatch.setenv("YINGSHENG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    return CliRunner()
