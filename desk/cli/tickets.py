"""`yingsheng ticket`: looking at a ticket and handling it, at a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text
from sqlmodel import select

from desk.city import City, CityError, Role, Urgency, category_of, load_city
from desk.city.drawing import draw
from desk.cli import duplicates
from desk.cli.deadlines import deadline_line
from desk.cli.terminal import STAFF_NAME, As, console, fail, local, read_settings, with_world
from desk.conversations.world import World
from desk.tickets import Actor, TicketError, act, parse_ticket_number, timeline
from desk.tickets.checking import unsound_tickets
from desk.tickets.deadlines import deadlines_of
from desk.tickets.dispatch import Record, suggest
from desk.tickets.exchange.incoming import URGENCIES
from desk.tickets.precedents import precedents
from desk.tickets.tables import Ticket

URGENCY_LABELS = {code: label for label, code in URGENCIES.items()}


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


def check_tickets(
    limit: Annotated[int, typer.Option(min=1, help="最多列多少张")] = 50,
) -> None:
    """核对每张工单的状态和办理过程是否一致；有不一致的，退出码为 1。"""

    async def work(world: World) -> None:
        async with world.db.transaction() as session:
            found = await unsound_tickets(session, world.city, limit=limit)
        for one in found:
            console.print(f"{one.number}：{'；'.join(one.problems)}", highlight=False)
        if found:
            raise typer.Exit(1)
        console.print("每张工单的状态都和办理过程一致")

    with_world(work)


def lifecycle() -> None:
    """把本市工单的状态和动作画成图和表（Markdown）。"""
    try:
        city = load_city(read_settings().city_dir)
    except CityError as error:
        fail(str(error))
    typer.echo(draw(city.lifecycle), nl=False)


async def _show(world: World, number: str) -> None:
    async with world.db.transaction() as session:
        found = (await session.exec(select(Ticket).where(Ticket.number == number))).first()
        if found is None:
            raise TicketError(f"没有编号为 {number} 的工单")
        steps = await timeline(session, found)
        deadlines = await deadlines_of(session, found)
        record = await precedents(session, found.topic)
    city = world.city
    _print_matter(city, found)
    # To be given to somebody, or sent back by somebody.
    if any(
        city.lifecycle.after(found.state, action, Role.DISPATCHER)
        for action in ("assign", "reject_return")
    ):
        _print_suggestion(city, found, record)
    table = Table("时间", "动作", "状态", "谁", "说明")
    for step in steps:
        table.add_row(
            local(city, step.at),
            city.lifecycle.label(step.action),
            city.lifecycle.states[step.to_state].label,
            f"{step.actor}（{Role(step.role).label}）",
            Text(step.note),
        )
    console.print(table)
    for deadline in deadlines:
        _line(deadline_line(city, deadline))


def _print_matter(city: City, ticket: Ticket) -> None:
    category = category_of(city, ticket.topic)
    head = [ticket.number, city.say(f"type.{ticket.type}"), category.name if category else ""]
    head.append(city.lifecycle.states[ticket.state].label)
    head.append(URGENCY_LABELS[ticket.urgency])
    head.append("保密" if ticket.confidential else "")
    _line(" ".join(part for part in head if part))
    _line(ticket.description)
    if ticket.place:
        _line(f"地点：{ticket.place}")
    if ticket.phone:
        _line(f"电话：{ticket.phone}")


def _print_suggestion(city: City, ticket: Ticket, record: dict[str, Record]) -> None:
    """Whose matter it is most likely, and why; the dispatcher decides."""
    whose = suggest(city, ticket.topic, ticket.description, ticket.place, record)
    if whose.department is None:
        _line(f"建议：{whose.reason}")
        return
    _line(
        f"建议派给：{_bodies(city, [whose.department])}（把握 {whose.confidence:.0%}）。{whose.reason}"
    )
    if whose.assisting:
        _line(f"协办：{_bodies(city, whose.assisting)}")
    if whose.others:
        _line(f"也可能是：{_bodies(city, whose.others)}")


def _bodies(city: City, codes: Iterable[str]) -> str:
    return "、".join(f"{city.departments[code].name}（{code}）" for code in codes)


def _line(text: str) -> None:
    console.print(text, markup=False, highlight=False)
