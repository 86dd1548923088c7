"""Brings the schema up to date: our tables by alembic, the queue's by procrastinate."""

from __future__ import annotations

from pathlib import Path

import alembic.command
from alembic.config import Config
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, create_engine, inspect, make_url, text
from sqlalchemy.exc import OperationalError

from desk.database.engine import DatabaseUnavailableError

MIGRATIONS = Path(__file__).parent / "migrations"
ADVISORY_LOCK = 0x59535F4D  # any fixed number: processes that start together migrate one at a time


def configuration(connection: Connection) -> Config:
    """Alembic's configuration for a live connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def migrate(url: str) -> None:
    """Applies what is missing; does nothing when all is there. Safe when several start at once.

    Raises DatabaseUnavailableError when the server does not answer.
    """
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"), connect_args={"connect_timeout": 5}
    )
    try:
        with engine.begin() as connection:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
            alembic.command.upgrade(configuration(connection), "head")
            if not inspect(connection).has_table("procrastinate_jobs"):
                connection.exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    except OperationalError as error:
        raise DatabaseUnavailableError(
            "cannot reach the database: check YINGSHENG_DATABASE_URL and that the server runs"
        ) from error
    finally:
        engine.dispose()
