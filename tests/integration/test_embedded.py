"""The embedded PostgreSQL: made, started, killed, started again, and never in the open."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from desk.database.embedded import EmbeddedDatabase
from desk.settings import ROOT
from tests.harness.patience import wait_for
from tests.harness.places import clean_environment, scratch


@pytest.fixture(scope="module")
def embedded() -> Iterator[EmbeddedDatabase]:
    with scratch("database") as folder:
        database = EmbeddedDatabase(folder)
        database.prepare()
        yield database
        database.stop()


def answers(database: EmbeddedDatabase) -> bool:
    try:
        psycopg.connect(database.url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def run(database: EmbeddedDatabase, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database.url, autocommit=True) as connection:
        cursor = connection.execute(sql.encode())
        return cursor.fetchall() if cursor.description else []


def test_what_is_written_is_there_after_a_kill_and_another_start(
    embedded: EmbeddedDatabase,
) -> None:
    server = embedded.start()
    wait_for(lambda: answers(embedded))
    run(embedded, "CREATE TABLE kept (word text)")
    run(embedded, "INSERT INTO kept VALUES ('𠮷')")
    server.kill()
    server.wait()
    embedded.prepare()
    again = embedded.start()
    wait_for(lambda: answers(embedded))
    assert run(embedded, "SELECT word FROM kept") == [("𠮷",)]
    embedded.stop()
    assert again.wait(20) == 0


def test_a_server_that_a_killed_supervisor_left_behind_is_stopped_first(
    embedded: EmbeddedDatabase,
) -> None:
    left_behind = embedded.start()
    wait_for(lambda: answers(embedded))
    embedded.prepare()
    assert left_behind.wait(20) == 0
    server = embedded.start()
    wait_for(lambda: answers(embedded))
    embedded.stop()
    server.wait(20)


def test_it_listens_on_no_network_and_its_folder_is_its_owners_alone(
    embedded: EmbeddedDatabase,
) -> None:
    server = embedded.start()
    wait_for(lambda: answers(embedded))
    assert run(embedded, "SHOW listen_addresses") == [("",)]
    assert run(embedded, "SHOW timezone") == [("UTC",)]
    assert stat.S_IMODE(embedded.cluster.stat().st_mode) == 0o700
    embedded.stop()
    server.wait(20)


def test_a_refused_row_is_not_in_its_log(embedded: EmbeddedDatabase) -> None:
    server = embedded.start()
    wait_for(lambda: answers(embedded))
    run(embedded, "CREATE TABLE strict (phone text UNIQUE, CHECK (phone <> '301室'))")
    run(embedded, "INSERT INTO strict VALUES ('13800138000')")
    for planted in ("13800138000", "301室"):
        with pytest.raises(psycopg.IntegrityError):
            run(embedded, f"INSERT INTO strict VALUES ('{planted}')")  # noqa: S608
    with pytest.raises(psycopg.DataError):
        run(embedded, "SELECT '13800138000x'::int")
    embedded.stop()
    server.wait(20)
    log = (embedded.cluster / "server.log").read_text(encoding="utf-8")
    assert "ERROR" in log
    assert "301室" not in log
    assert "13800138000'" not in log


def test_no_permission_of_a_folder_above_is_changed() -> None:
    with scratch("above") as above:
        above.chmod(0o711)
        inner = above / "inner"
        inner.mkdir()
        inner.chmod(0o751)
        EmbeddedDatabase(inner / "data").prepare()
        assert stat.S_IMODE(above.stat().st_mode) == 0o711
        assert stat.S_IMODE(inner.stat().st_mode) == 0o751


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it as another user")
def test_a_strict_umask_of_the_administrator_is_no_hindrance() -> None:
    """Hardened servers ask for 027 or 077."""
    program = """
import os
import time
os.umask(0o077)
from desk.database.embedded import EmbeddedDatabase
from desk.settings import Settings
settings = Settings()
settings.token()
database = EmbeddedDatabase(settings.data_dir)
database.prepare()
server = database.start()
# Before it has written its number there is nothing to be stopped.
while server.poll() is None and not (database.cluster / "postmaster.pid").exists():
    time.sleep(0.05)
database.stop()
print(server.wait(20))
"""
    with scratch("umask") as folder:
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**clean_environment(), "YINGSHENG_DATA_DIR": str(folder / "data")},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert (Path(folder) / "data" / "engine.token").stat().st_mode & 0o077 == 0
