"""`yingsheng backend …`: what was sent to the city's platform, what was not, and why."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Column, Table
from sqlmodel import col, select

from desk.city import City
from desk.cli.terminal import console, fail, local, with_world
from desk.conversations.world import World
from desk.tickets import TicketError, parse_ticket_number
from desk.tickets.backends.sending import send_again, unsent
from desk.tickets.backends.tables import BackendUpdate, Sending, TicketLink
from desk.tickets.backends.updates import not_applied
from desk.tickets.tables import Ticket

backend = typer.Typer(no_args_is_help=True, help="外部平台：没送到的、没办成的、重新送。")

STATES = {
    "unprocessed": "待送",
    "sending": "正在送",
    "sent": "已送到",
    "failed": "没送到，会再试",
    "parked": "对方拒收，等人处理",
    "skipped": "对方不收这一类",
}
OUTCOMES = {"received": "待办", "applied": "已办", "late": "来晚了，不办", "refused": "不允许"}


@backend.command()
def failed() -> None:
    """没送到平台的，和平台发来却办不成的。"""

    async def work(world: World) -> None:
        async with world.db.transaction() as session:
            sendings, updates = await unsent(session), await not_applied(session)
        _print_sendings(world.city, sendings)
        if updates:
            _print_updates(world.city, updates)

    with_world(work)


@backend.command()
def retry(
    number: Annotated[str, typer.Argument(help="只重送这一张工单的；不写就是全部")] = "",
) -> None:
    """马上重送没送到的，包括对方拒收的。"""
    parsed = _parsed(number) if number else None

    async def work(world: World) -> None:
        async with world.db.transaction() as session:
            count = await send_again(session, parsed)
        console.print(f"{count} 项已排队，几秒内重送")

    with_world(work)


@backend.command()
def show(number: Annotated[str, typer.Argument(help="工单编号")]) -> None:
    """一张工单在平台的编号，送出和收到的每一项。"""
    parsed = _parsed(number)

    async def work(world: World) -> None:
        async with world.db.transaction() as session:
            ticket = (await session.exec(select(Ticket).where(Ticket.number == parsed))).first()
            if ticket is None:
                raise TicketError(f"没有编号为 {parsed} 的工单")
            link = await session.get(TicketLink, ticket.id)
            sendings = await session.exec(
                select(Sending).where(Sending.ticket_id == ticket.id).order_by(col(Sending.id))
            )
            updates = await session.exec(
                select(BackendUpdate)
                .where(BackendUpdate.ticket_id == ticket.id)
                .order_by(col(BackendUpdate.id))
            )
            sent, told = list(sendings), list(updates)
        if not sent:
            console.print(f"{parsed} 在本系统办理，没有送给外部平台")
            return
        known = (link.external_id or f"凭据 {link.token}") if link else "还没有"
        console.print(f"{parsed} 在平台的编号：{known}", markup=False)
        _print_sendings(world.city, [(one, parsed) for one in sent])
        _print_updates(world.city, [(one, parsed) for one in told])

    with_world(work)


def _print_sendings(city: City, sendings: list[tuple[Sending, str]]) -> None:
    table = Table("工单", "送什么", "状态", "次数", Column("原因", overflow="fold"), "下次")
    for one, number in sendings:
        what = "办理步骤" if one.event_id else "工单"
        due = local(city, one.due_at) if one.due_at else ""
        table.add_row(number, what, STATES[one.state], str(one.attempts), one.reason, due)
    console.print(table)


def _print_updates(city: City, updates: list[tuple[BackendUpdate, str]]) -> None:
    table = Table("工单", "平台发来", "时间", "结果", Column("原因", overflow="fold"))
    for one, number in updates:
        at = local(city, one.at)
        table.add_row(number, one.action, at, OUTCOMES[one.outcome], one.reason)
    console.print(table)


def _parsed(number: str) -> str:
    parsed = parse_ticket_number(number)
    if parsed is None:
        fail(f"{number} 不是工单编号：应是YS加12位数字，末位是校验位")
    return parsed
