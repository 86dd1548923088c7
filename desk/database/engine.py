"""Sessions on PostgreSQL, and the queue whose jobs commit together with what they are about."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Unpack

import procrastinate
import psycopg
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import JobDeferrer
from procrastinate.tasks import ConfigureTaskOptions, configure_task
from sqlalchemy import make_url, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.database.queue import tasks


class DatabaseUnavailableError(Exception):
    """The database does not answer; the message says what to do."""


# What a connection that is gone, or none to be had in time, looks like to SQLAlchemy and to the queue.
_LOST = (OperationalError, InterfaceError, PoolTimeout, ConnectorException)


class Database:
    """One process's access to the database.

    `url` is a `postgresql://` address (libpq form). The engine pool serves requests; the queue has
    its own small pool, because a listening worker keeps a connection.
    """

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = url
        self._engine = create_async_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            pool_size=pool_size,
            max_overflow=5,
            pool_timeout=10,
            hide_parameters=True,  # an error's text reaches logs; what residents write does not
            connect_args={"connect_timeout": 5},
        )
        self._sessions = async_sessionmaker(
            self._engine, class_=AsyncSession, expire_on_commit=False
        )
        self._single = async_sessionmaker(
            self._engine.execution_options(isolation_level="AUTOCOMMIT"),
            class_=AsyncSession,
            expire_on_commit=False,
        )
        self.queue = tasks.with_connector(
            # The queue gives up soon on a server that is away: until then a worker cannot stop.
            procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=6, timeout=4)
        )

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncSession]:
        """A session that commits when the block ends well and rolls back when it does not.

        Raises DatabaseUnavailableError when the server went away. Connections are not tested before
        they are used, which would cost every transaction a round trip: after a restart of the server
        the first one fails here, and its caller tries again."""
        try:
            async with self._sessions() as session, session.begin():
                yield session
        except _LOST as error:
            raise DatabaseUnavailableError("the database went away") from error

    @asynccontextmanager
    async def single(self) -> AsyncGenerator[AsyncSession]:
        """A session whose every statement is a transaction of its own: one round trip instead of
        three, for a look or a single change. Raises DatabaseUnavailableError."""
        try:
            async with self._single() as session:
                yield session
        except _LOST as error:
            raise DatabaseUnavailableError("the database went away") from error

    async def defer(
        self,
        session: AsyncSession,
        task: str,
        *,
        lock: str,
        at: datetime | None = None,
        **arguments: Any,
    ) -> None:
        """Queues a job inside the session's transaction: it exists only if that commits.

        Jobs with the same `lock` run one after the other, in the order they were queued, on
        whichever machine. `at`: not before that moment.
        """
        connection = await (await session.connection()).get_raw_connection()
        job = self.job(task, lock=lock, schedule_at=at, connection=connection.driver_connection)
        await job.defer_async(**arguments)

    def job(self, task: str, **options: Unpack[ConfigureTaskOptions]) -> JobDeferrer:
        """A job to be queued, on a connection of the queue's own unless one is given."""
        # By name: a task looked up in the queue would be queued by the registry it was made with.
        return configure_task(name=task, job_manager=self.queue.job_manager, **options)

    @staticmethod
    async def notify(session: AsyncSession, channel: str, payload: str) -> None:
        """Tells listeners in all processes, when the transaction commits."""
        connection = await session.connection()
        await connection.execute(
            text("SELECT pg_notify(:channel, :payload)"), {"channel": channel, "payload": payload}
        )

    async def listen(self, *channels: str) -> AsyncGenerator[tuple[str, str]]:
        """Yields (channel, payload) as they are told, on a connection of its own.

        Ends with psycopg.OperationalError when the database goes away: the caller listens again.
        """
        connection = await psycopg.AsyncConnection.connect(self.url, autocommit=True)
        async with connection:
            for channel in channels:
                await connection.execute(f'LISTEN "{channel}"'.encode())
            async for note in connection.notifies():
                yield note.channel, note.payload

    async def check(self) -> None:
        """Raises DatabaseUnavailableError unless the database answers."""
        try:
            async with self._engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except _LOST as error:
            raise DatabaseUnavailableError(
                "the database does not answer: check YINGSHENG_DATABASE_URL and that the server runs"
            ) from error

    async def dispose(self) -> None:
        """Closes the connections of the sessions."""
        await self._engine.dispose()
