"""`yingsheng ticket`, as staff use it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from desk.city import City
from desk.cli import app
from desk.database import Database
from desk.tickets import Matter, open_ticket
from tests.harness.letters import put


@pytest.fixture
def number(database_url: str, city: City) -> str:
    """A ticket that nobody dispatched yet."""

    async def make() -> str:
        db = Database(database_url)
        async with db.queue.open_async():
            source = await put(db)
            matter = Matter("incident", "0305", "路灯坏了", [source.message_id])
            ticket = await open_ticket(
                db,
                city,
                matter,
                conversation_id=source.conversation_id,
                source_message_id=source.message_id,
            )
        await db.dispose()
        return ticket.number

    return asyncio.run(make())


@pytest.fixture
def yingsheng(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("YINGSHENG_DATABASE_URL", database_url)
    monkeypatch.setenv("YINGSHENG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    return CliRunner()


def test_the_dispatcher_reads_whose_matter_it_is_and_why_until_it_is_given_away(
    yingsheng: CliRunner, number: str
) -> None:
    seen = yingsheng.invoke(app, ["ticket", number])
    assert seen.exit_code == 0, seen.output
    assert "建议派给：" in seen.output
    assert "把握 " in seen.output
    assert "事项“" in seen.output
    given = yingsheng.invoke(app, ["ticket", number, "assign"])
    assert given.exit_code == 0, given.output
    assert "建议派给" not in given.output
    assert yingsheng.invoke(app, ["ticket", number, "start"]).exit_code == 1
    acknowledged = yingsheng.invoke(app, ["ticket", number, "acknowledge", "--role", "department"])
    assert acknowledged.exit_code == 0, acknowledged.output


def test_times_are_the_citys(
    yingsheng: CliRunner, number: str, city: City, database_url: str
) -> None:
    seen = yingsheng.invoke(app, ["ticket", number])
    with psycopg.connect(database_url) as connection:
        [opened] = connection.execute("SELECT at FROM ticket_event").fetchall()
    assert f"{opened[0].astimezone(city.zone):%Y-%m-%d %H:%M}" in seen.output
