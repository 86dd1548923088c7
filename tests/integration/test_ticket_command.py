"""`yingsheng ticket`, as staff use it."""

from __future__ import annotations

import psycopg
from typer.testing import CliRunner

from desk.city import City
from desk.cli import app


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
    refused = yingsheng.invoke(app, ["ticket", number, "start"])
    assert refused.exit_code == 1
    assert "班长不能开始办理；可以：" in refused.output
    acknowledged = yingsheng.invoke(app, ["ticket", number, "acknowledge", "--role", "department"])
    assert acknowledged.exit_code == 0, acknowledged.output


def test_times_are_the_citys(
    yingsheng: CliRunner, number: str, city: City, database_url: str
) -> None:
    seen = yingsheng.invoke(app, ["ticket", number])
    with psycopg.connect(database_url) as connection:
        [opened] = connection.execute("SELECT at FROM ticket_event").fetchall()
    assert f"{opened[0].astimezone(city.zone):%Y-%m-%d %H:%M}" in seen.output


def test_steps_and_roles_are_named_in_chinese(yingsheng: CliRunner, number: str) -> None:
    seen = yingsheng.invoke(app, ["ticket", number, "assign", "--as", "小李"]).output
    assert "登记" in seen
    assert "派单" in seen
    assert "小李（班长）" in seen
    assert "assign" not in seen
    assert "open" not in seen
