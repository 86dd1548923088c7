"""`yingsheng review` and `yingsheng counts`, as staff use them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from desk.city import City, Role
from desk.cli import app
from desk.database import Database
from desk.tickets import Actor, Matter, act, open_ticket
from tests.harness.letters import put

BOSS = Actor("班长", Role.SUPERVISOR)
CREW = Actor("照明所", Role.DEPARTMENT)


@pytest.fixture
def number(database_url: str, city: City) -> str:
    """A resolved ticket."""

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
            for action, actor in (("assign", BOSS), ("acknowledge", CREW), ("resolve", CREW)):
                await act(db, city, ticket.number, action, actor, note="已换灯泡")
        await db.dispose()
        return ticket.number

    return asyncio.run(make())


@pytest.fixture
def yingsheng(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("YINGSHENG_DATABASE_URL", database_url)
    monkeypatch.setenv("YINGSHENG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    return CliRunner()


def line(result: Result, start: str) -> list[str]:
    assert result.exit_code == 0, result.output
    [found] = [row for row in result.output.splitlines() if start in row]
    return found.replace("│", " ").split()


def test_what_a_resident_said_is_written_down_and_counted(
    yingsheng: CliRunner, number: str
) -> None:
    done = yingsheng.invoke(
        app, ["review", number, "--unsolved", "--satisfaction", "2", "--comment", "还是不亮"]
    )
    assert line(done, number) == [number, "不满意，未解决：还是不亮", "已退回承办单位重办。"]
    whole = yingsheng.invoke(app, ["counts"])
    assert line(whole, "满意率") == ["满意率", "0.0%", "0/1"]
    assert line(whole, "按时办结率") == ["按时办结率", "100.0%", "1/1"]
    assert line(whole, "退单率") == ["退单率", "0.0%", "0/1"]
    assert line(yingsheng.invoke(app, ["counts", "--from", "2099-01-01"]), "满意率") == [
        "满意率",
        "–",
        "0/0",
    ]


def test_counts_apart(yingsheng: CliRunner, number: str) -> None:
    yingsheng.invoke(app, ["review", number, "--solved"])
    apart = yingsheng.invoke(app, ["counts", "--by", "topic"])
    assert "100.0%" in line(apart, "城市设施管理")


def test_each_rate_is_explained(yingsheng: CliRunner) -> None:
    told = yingsheng.invoke(app, ["counts", "--explain"])
    assert told.output.count("依据：") == 9


def test_nothing_said_is_nothing_to_write_down(yingsheng: CliRunner, number: str) -> None:
    assert "什么都没有记" in yingsheng.invoke(app, ["review", number]).output
    assert yingsheng.invoke(app, ["review", number, "--satisfaction", "6"]).exit_code == 2
    assert "不是工单编号" in yingsheng.invoke(app, ["review", "YS1"]).output
