"""`yingsheng counts`: the rates that a hotline is judged by."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.table import Column, Table

from desk.cli.terminal import console, with_world
from desk.conversations.world import World
from desk.tickets.counts.counting import INDICATORS, By, Count, count, definitions

_NOTHING = "–"


def counts(
    *,
    since: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="从这一天起")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="到这一天为止（含）")
    ] = None,
    by: Annotated[
        By | None, typer.Option(help="分单位、事项，或者分月、周、日；不写只算总数")
    ] = None,
    explain: Annotated[bool, typer.Option(help="只说明每个指标怎么算、依据什么")] = False,
) -> None:
    """响应率、解决率、满意率、按时办结率等指标。"""

    async def work(world: World) -> None:
        zone = world.city.zone
        async with world.db.transaction() as session:
            if explain:
                for words in (await definitions(session)).values():
                    console.print(words + "\n", markup=False, highlight=False)
                return
            found = await count(
                session,
                zone,
                since=since.replace(tzinfo=zone) if since else None,
                until=until.replace(tzinfo=zone) + timedelta(days=1) if until else None,
                by=by,
            )
        console.print(_parts(world, found, by) if by else _whole(found))

    with_world(work)


def _whole(found: dict[str, dict[str, Count]]) -> Table:
    table = Table("指标", Column("比率", justify="right"), Column("件数", justify="right"))
    for code, name in INDICATORS.items():
        one = found[code].get("", Count(0, 0))
        table.add_row(name, _rate(one), f"{one.hits}/{one.out_of}")
    return table


def _parts(world: World, found: dict[str, dict[str, Count]], by: By) -> Table:
    table = Table(
        "分项", *(Column(name, justify="right", overflow="fold") for name in INDICATORS.values())
    )
    for part in sorted({part for counted in found.values() for part in counted}):
        cells = [found[code].get(part) for code in INDICATORS]
        table.add_row(
            _name(world, by, part),
            *(f"{_rate(one)}\n{one.hits}/{one.out_of}" if one else _NOTHING for one in cells),
        )
    return table


def _name(world: World, by: By, part: str) -> str:
    city = world.city
    if by is By.DEPARTMENT:
        body = city.departments.get(part)
        return body.name if body else part or "未派单"
    if by is By.TOPIC:
        return city.topic_name(part) or part or "未分类"
    return part


def _rate(one: Count) -> str:
    return _NOTHING if one.rate is None else f"{one.rate:.1%}"
