"""`yingsheng review` and `yingsheng counts`, as staff use them."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner, Result

from desk.cli import app


@pytest.fixture
def resolved(yingsheng: CliRunner, number: str) -> str:
    """The number of a ticket that is done."""
    for step in (
        ["assign"],
        ["acknowledge", "--role", "department"],
        ["resolve", "--role", "department", "--note", "已换灯泡"],
    ):
        done = yingsheng.invoke(app, ["ticket", number, *step])
        assert done.exit_code == 0, done.output
    return number


def line(result: Result, start: str) -> list[str]:
    assert result.exit_code == 0, result.output
    [found] = [row for row in result.output.splitlines() if start in row]
    return found.replace("│", " ").split()


def test_what_a_resident_said_is_written_down_and_counted(
    yingsheng: CliRunner, resolved: str
) -> None:
    done = yingsheng.invoke(
        app, ["review", resolved, "--unsolved", "--satisfaction", "2", "--comment", "还是不亮"]
    )
    assert line(done, resolved) == [resolved, "不满意，未解决：还是不亮", "已退回承办单位重办。"]
    whole = yingsheng.invoke(app, ["counts"])
    assert line(whole, "满意率") == ["满意率", "0.0%", "0/1"]
    assert line(whole, "按时办结率") == ["按时办结率", "100.0%", "1/1"]
    assert line(whole, "退单率") == ["退单率", "0.0%", "0/1"]
    assert line(yingsheng.invoke(app, ["counts", "--from", "2099-01-01"]), "满意率") == [
        "满意率",
        "–",
        "0/0",
    ]


def test_counts_apart(yingsheng: CliRunner, resolved: str) -> None:
    yingsheng.invoke(app, ["review", resolved, "--solved"])
    apart = yingsheng.invoke(app, ["counts", "--by", "topic"])
    assert "100.0%" in line(apart, "城市设施管理")


def test_each_rate_is_explained(yingsheng: CliRunner) -> None:
    told = yingsheng.invoke(app, ["counts", "--explain"])
    assert told.output.count("依据：") == 9


def test_nothing_said_is_nothing_to_write_down(yingsheng: CliRunner, resolved: str) -> None:
    assert "什么都没有记" in yingsheng.invoke(app, ["review", resolved]).output
    assert yingsheng.invoke(app, ["review", resolved, "--satisfaction", "6"]).exit_code == 2
    assert "不是工单编号" in yingsheng.invoke(app, ["review", "YS1"]).output
