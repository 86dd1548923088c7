"""Two kinds of PostgreSQL: the embedded one, and another server that is only known by its URL.

Most tests run on the first. What the server itself may do otherwise (its SQL, its locks, its
notifications) is tested on both.
"""

from __future__ import annotations

import dataclasses
import secrets
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.errors import InsufficientPrivilege

from desk.database.embedded import EmbeddedDatabase
from tests.harness.patience import wait_for
from tests.harness.places import free_port


@dataclasses.dataclass(frozen=True)
class Cluster:
    """A running server. `admin` is the address of a database to make others from."""

    admin: str

    def url(self, name: str) -> str:
        """The address of the database `name`."""
        start, _, query = self.admin.partition("?")
        return f"{start.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")

    def create(self, template: str | None = None) -> str:
        """A new database, as a copy of `template` if given; its name."""
        name = f"t_{secrets.token_hex(6)}"
        with psycopg.connect(self.admin, autocommit=True) as connection:
            connection.execute(
                f"CREATE DATABASE {name} {f'TEMPLATE {template}' if template else ''}".encode()
            )
        return name

    def drop(self, name: str) -> None:
        """Removes a database with whoever is connected."""

        def dropped() -> bool:
            try:
                connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
            except InsufficientPrivilege:  # the server's own autovacuum is at work there
                return False
            return True

        with psycopg.connect(self.admin, autocommit=True) as connection:
            wait_for(dropped)


@contextmanager
def embedded(folder: Path) -> Generator[Cluster]:
    """The cluster that `make run` starts."""
    database = EmbeddedDatabase(folder)
    database.prepare()
    process = database.start()
    try:
        _wait(database.url)
        yield Cluster(database.url)
    finally:
        database.stop()
        process.wait(20)


@contextmanager
def external(folder: Path) -> Generator[Cluster]:
    """A server of an older major version, over TCP with a password, as a city may have one.

    The embedded server's wheel carries PostgreSQL 16 besides; only this test uses it."""
    database = EmbeddedDatabase(folder, version=16)
    database.prepare()
    port = free_port()
    settings = database.cluster / "postgresql.conf"
    with settings.open("a", encoding="utf-8") as conf:
        conf.write(f"listen_addresses = '127.0.0.1'\nport = {port}\n")
    process = database.start("-h", "127.0.0.1")
    socket_url = database.url + f"&port={port}"
    try:
        _wait(socket_url)
        with psycopg.connect(socket_url, autocommit=True) as connection:
            connection.execute("CREATE ROLE city LOGIN CREATEDB PASSWORD 'p@ss w/rd'")
            connection.execute("CREATE DATABASE city OWNER city")
        hba = database.cluster / "pg_hba.conf"
        hba.write_text("local all postgres trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
        with psycopg.connect(socket_url, autocommit=True) as connection:
            connection.execute("SELECT pg_reload_conf()")
        yield Cluster(f"postgresql://city:p%40ss%20w%2Frd@127.0.0.1:{port}/city")
    finally:
        database.stop()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
