"""`yingsheng tickets`: looking through tickets at a terminal."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from desk.city import City
from desk.cli.terminal import console, fail, with_world
from desk.conversations.world import World
from desk.tickets import TicketError
from desk.tickets.listing import PAGE, SearchError, Wanted, newest
from desk.tickets.lookup import ticket_numbered
from desk.tickets.tables import Ticket

SHOWN = 28


def list_tickets(
    search: Annotated[
        str, typer.Argument(help="要找的词（都要有）、工单编号，或电话的后四位；不写就是全部")
    ] = "",
    state: Annotated[str, typer.Option(help="状态代码，如 in_progress（见 lifecycle.yml）")] = "",
    department: Annotated[str, typer.Option(help="承办单位代码（见 departments.yml）")] = "",
    topic: Annotated[str, typer.Option(help="分类代码，2、4 或 6 位（见 catalogue.csv）")] = "",
    still_open: Annotated[bool, typer.Option("--open", help="只看还没结束的")] = False,  # noqa: FBT002
    after: Annotated[str, typer.Option(help="接着看：上一页最后一张的编号")] = "",
    rows: Annotated[int, typer.Option(min=1, max=1000, help="一页多少张")] = PAGE,
) -> None:
    """列出或查找工单，新的在前。"""
    wanted = Wanted(
        state=state or None,
        department=department or None,
        topic=topic or None,
        still_open=still_open,
        search=search,
    )

    async def work(world: World) -> None:
        _check(world.city, wanted)
        async with world.db.transaction() as session:
            last = await ticket_numbered(session, after) if after else None
            found = await newest(session, world.city, wanted, after=last, limit=rows)
        console.print(_table(world.city, found))
        if len(found) == rows:
            console.print(f"下一页：加上 --after {found[-1].number}")

    try:
        with_world(work)
    except SearchError as error:
        fail(str(error))


def _check(city: City, wanted: Wanted) -> None:
    if wanted.state and wanted.state not in city.lifecycle.states:
        raise TicketError(f"没有状态 {wanted.state}：有 {'、'.join(city.lifecycle.states)}")
    if wanted.department and wanted.department not in city.departments:
        raise TicketError(f"没有代码为 {wanted.department} 的承办单位（见 departments.yml）")
    if wanted.topic and wanted.topic not in city.catalogue:
        raise TicketError(f"没有分类 {wanted.topic}（见 catalogue.csv）")


def _table(city: City, found: list[Ticket]) -> Table:
    table = Table("编号", "时间", "状态", "承办", "分类", "地点", "内容")
    for ticket in found:
        words = " ".join(ticket.description.split())
        table.add_row(
            ticket.number,
            f"{ticket.created_at.astimezone(city.zone):%m-%d %H:%M}",
            city.lifecycle.states[ticket.state].label,
            city.departments[ticket.department].name if ticket.department else "",
            city.topic_name(ticket.topic[:4]) if ticket.topic else "",
            Text(ticket.place or ""),
            Text("（保密件）" if ticket.confidential else words[:SHOWN]),
        )
    return table
