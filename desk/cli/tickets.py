"""`yingsheng ticket`: looking at a ticket and handling it, at a terminal."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text
from sqlmodel import select

from desk.city import Role, Urgency
from desk.cli import duplicates
from desk.cli.deadlines import deadline_line
from desk.cli.terminal import STAFF_NAME, As, console, fail, with_world
from desk.conversations.world import World
from desk.tickets import Actor, TicketError, act, parse_ticket_number, timeline
from desk.tickets.deadlines import deadlines_of
from desk.tickets.tables import Ticket


def ticket(  # noqa: PLR0913, PLR0917 - each is an option
    number: Annotated[str, typer.Argument(help="工单编号，如 YS261125000017")],
    action: Annotated[
        str,
        typer.Argument(
            help="动作，如 assign、start、resolve；show 查看；similar 找同一问题的；join、unjoin 并单、拆单"
        ),
    ] = "show",
    note: Annotated[str, typer.Option(help="说明，居民可能看到")] = "",
    department: Annotated[str, typer.Option(help="派单、改派：承办单位代码")] = "",
    until: Annotated[
        datetime | None, typer.Option(help="延期到什么时候（本市时间），如 2026-12-01T18:00")
    ] = None,
    urgency: Annotated[
        Urgency | None, typer.Option(help="紧急程度：normal 一般、urgent 紧急、critical 特急")
    ] = None,
    into: Annotated[str, typer.Option(help="并单：并入哪一张")] = "",
    role: Annotated[Role, typer.Option(help="以什么角色")] = Role.SUPERVISOR,
    name: As = STAFF_NAME,
) -> None:
    """查看或办理一张工单。"""
    parsed = parse_ticket_number(number)
    if parsed is None:
        fail(f"{number} 不是工单编号：应是YS加12位数字，末位是校验位")

    async def work(world: World) -> None:
        actor = Actor(name, role)
        if action == "similar":
            await duplicates.show_similar(world, parsed)
            return
        if action in duplicates.ACTIONS:
            await duplicates.handle(world, parsed, action, actor, into=into, note=note)
        elif action != "show":
            await act(
                world.db,
                world.city,
                parsed,
                action,
                actor,
                note=note,
                department=department or None,
                until=until.replace(tzinfo=world.city.zone) if until else None,
                urgency=urgency,
            )
        await _show(world, parsed)

    with_world(work)


async def _show(world: World, number: str) -> None:
    async with world.db.transaction() as session:
        found = (await session.exec(select(Ticket).where(Ticket.number == number))).first()
        if found is None:
            raise TicketError(f"没有编号为 {number} 的工单")
        steps = await timeline(session, found)
        deadlines = await deadlines_of(session, found)
    say = world.city.say
    hidden = "保密" if found.confidential else ""
    console.print(
        f"{number} {say(f'type.{found.type}')} {world.city.lifecycle.states[found.state].label} {hidden}"
    )
    console.print(found.description, markup=False, highlight=False)
    if found.place:
        console.print(f"地点：{found.place}", markup=False)
    table = Table("时间", "动作", "状态", "谁", "说明")
    for step in steps:
        table.add_row(
            f"{step.at:%Y-%m-%d %H:%M}Z",
            step.action,
            world.city.lifecycle.states[step.to_state].label,
            f"{step.actor}（{step.role}）",
            Text(step.note),
        )
    console.print(table)
    for deadline in deadlines:
        console.print(deadline_line(world.city, deadline), markup=False, highlight=False)
