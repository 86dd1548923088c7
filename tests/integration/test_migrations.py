"""The schema: made by the migrations, undone by them, and the same as the tables in the code."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import alembic.command
import pytest
from sqlalchemy import Connection, create_engine, inspect, make_url, text

from desk.database import DatabaseUnavailableError
from desk.database.migrate import configuration, migrate
from desk.database.schema import METADATA
from tests.harness.clusters import Cluster
from tests.harness.places import free_port

pytestmark = pytest.mark.both_servers

OURS = set(METADATA.tables)


@pytest.fixture
def empty_url(cluster: Cluster) -> Iterator[str]:
    name = cluster.create()
    yield cluster.url(name)
    cluster.drop(name)


@contextmanager
def connected(url: str) -> Generator[Connection]:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def tables(url: str) -> set[str]:
    with connected(url) as connection:
        return set(inspect(connection).get_table_names())


def test_up_down_and_up_again(empty_url: str) -> None:
    migrate(empty_url)
    assert tables(empty_url) >= OURS
    with connected(empty_url) as connection:
        alembic.command.downgrade(configuration(connection), "base")
    assert not tables(empty_url) & OURS
    migrate(empty_url)
    assert tables(empty_url) >= OURS


def test_the_migrations_make_what_the_code_describes(database_url: str) -> None:
    with connected(database_url) as connection:
        alembic.command.check(configuration(connection))


def test_migrating_again_changes_nothing_and_keeps_what_is_there(database_url: str) -> None:
    with connected(database_url) as connection:
        connection.execute(text("INSERT INTO ticket_counter (day, last) VALUES ('2026-11-25', 7)"))
    migrate(database_url)
    with connected(database_url) as connection:
        assert connection.execute(text("SELECT last FROM ticket_counter")).scalar_one() == 7


def test_processes_that_start_together_migrate_one_after_the_other(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(migrate, empty_url) for _ in range(4)]:
            done.result()
    assert tables(empty_url) >= OURS | {"procrastinate_jobs"}


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://nobody@127.0.0.1:{port}/none",
        "postgresql:///none?host=/nonexistent",
        "postgresql://nobody@no-such-host.invalid/none",
    ],
)
def test_a_database_that_cannot_be_reached_is_said_in_one_line(url: str) -> None:
    with pytest.raises(DatabaseUnavailableError, match="YINGSHENG_DATABASE_URL") as said:
        migrate(url.format(port=free_port()))
    assert "\n" not in str(said.value)
