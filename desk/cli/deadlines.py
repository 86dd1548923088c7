"""`yingsheng deadlines`: what has to be done by when."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from sqlmodel import col, select

from desk.city import City, StageCode
from desk.cli.terminal import console, with_world
from desk.conversations.world import World
from desk.database import now
from desk.tickets.deadlines import day_words
from desk.tickets.marks import CARDS, STAGES, recount_stale
from desk.tickets.tables import Card, Ticket, TicketDeadline


def deadlines(
    *,
    late: Annotated[bool, typer.Option("--late", help="只看已经超时的")] = False,
    department: Annotated[str, typer.Option(help="只看一个承办单位（代码）")] = "",
    recount: Annotated[
        bool, typer.Option("--recount", help="先按现在的节假日数据重算还没完成的时限")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="最多列多少条")] = 50,
) -> None:
    """列出还没完成的办理时限，最先到期的在前面。"""

    async def work(world: World) -> None:
        counted = 0
        while recount and (some := await recount_stale(world.db, world.city)):
            counted += some
        if recount:
            console.print(f"按现在的节假日数据核算了 {counted} 个时限")
        await _list(world, late=late, department=department, limit=limit)

    with_world(work)


async def _list(world: World, *, late: bool, department: str, limit: int) -> None:
    query = (
        select(TicketDeadline, Ticket)
        .join(Ticket, col(Ticket.id) == TicketDeadline.ticket_id)
        .where(
            col(TicketDeadline.met_at).is_(None),
            col(TicketDeadline.dropped_at).is_(None),
            col(TicketDeadline.paused_at).is_(None),
        )
        .order_by(col(TicketDeadline.due_at))
        .limit(limit)
    )
    if late:
        query = query.where(col(TicketDeadline.due_at) <= now())
    if department:
        query = query.where(Ticket.department == department)
    async with world.db.transaction() as session:
        found = (await session.exec(query)).all()
    table = Table("时限", "工单", "状态", "阶段", "承办单位", "牌")
    for deadline, one in found:
        table.add_row(
            day_words(world.city, deadline.due_at, now()),
            one.number,
            world.city.lifecycle.states[one.state].label,
            STAGES[StageCode(deadline.stage)],
            world.city.handler_name(one.department),
            CARDS[Card(deadline.card)] if deadline.card else "",
        )
    console.print(table)


def deadline_line(city: City, deadline: TicketDeadline) -> str:
    """A deadline in one line: until when, how it stands, and what made it."""
    name = STAGES[StageCode(deadline.stage)]
    if deadline.round > 1:
        name += f"（第{deadline.round}轮）"
    if deadline.met_at:
        late = "，超时" if deadline.met_at > deadline.due_at else ""
        how = f"已完成 {deadline.met_at.astimezone(city.zone):%Y-%m-%d %H:%M}{late}"
    elif deadline.dropped_at:
        how = "不再需要"
    elif deadline.paused_at:
        how = "暂停"
    else:
        how = "超时" if deadline.due_at <= now() else "进行中"
    parts = [
        f"{name}时限：{day_words(city, deadline.due_at, deadline.started_at)}",
        how,
        CARDS[Card(deadline.card)] if deadline.card else "",
        "节假日未公布，暂按周末推算" if deadline.provisional else "",
        f"规则 {deadline.rule}（{deadline.rules}；日历 {deadline.calendar}）",
    ]
    return "  ".join(part for part in parts if part)
