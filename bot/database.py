"""PostgreSQL from the engine's event loop: one statement at a time on a few threads of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg2
import psycopg2.extensions

#: Turns are computed on one core; a few connections are enough to keep it busy.
CONNECTIONS = 4

#: Seconds to wait for a connection, and milliseconds for a statement, before the turn is given up (the
#: caller tries it again).
_CONNECT_TIMEOUT = 3
_STATEMENT_TIMEOUT = 5000


class DatabaseUnavailable(Exception):
    """The database cannot be reached, or did not answer in time."""


class Database:
    """Runs statements, each a transaction of its own. Reconnects by itself."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="engine-database")
        self._local = threading.local()

    async def run(self, statement: str, parameters: Sequence[Any] = ()) -> tuple[int, list[Any]]:
        """Run one statement; give its row count and its rows.

        A connection that turns out dead before anything was sent on it is replaced once. A failure
        after that is not repeated here: the statement may have been carried out.

        Raises:
            DatabaseUnavailable: see the class.

        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self.run_blocking, statement, parameters)

    def run_blocking(self, statement: str, parameters: Sequence[Any] = ()) -> tuple[int, list[Any]]:
        """The same as `run`, in the calling thread."""
        try:
            connection = self._connection()
            with connection.cursor() as cursor:
                cursor.execute(statement, parameters)
                return cursor.rowcount, cursor.fetchall() if cursor.description else []
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            self._drop_connection()
            raise DatabaseUnavailable(type(error).__name__) from error

    def close(self) -> None:
        """Let the threads go; their connections close with the process."""
        self._threads.shutdown(wait=False)

    def _connection(self) -> psycopg2.extensions.connection:
        connection = getattr(self._local, "connection", None)
        if connection is not None and not _is_alive(connection):
            self._drop_connection()
            connection = None
        if connection is None:
            connection = psycopg2.connect(
                self._url,
                connect_timeout=_CONNECT_TIMEOUT,
                application_name="yingsheng engine",
                options=f"-c statement_timeout={_STATEMENT_TIMEOUT}",
            )
            connection.autocommit = True
            self._local.connection = connection
        return connection

    def _drop_connection(self) -> None:
        connection = getattr(self._local, "connection", None)
        self._local.connection = None
        if connection is not None:
            with contextlib.suppress(psycopg2.Error):
                connection.close()


def _is_alive(connection: psycopg2.extensions.connection) -> bool:
    """Whether the server has not closed its end: without a round trip, by looking at the socket."""
    import select

    if connection.closed:
        return False
    try:
        readable, _, _ = select.select([connection.fileno()], [], [], 0)
    except (OSError, ValueError, psycopg2.Error):
        return False
    return not readable  # an idle connection has nothing to say; end of stream is readable
