"""Joining a ticket to another one about the same matter (并单), and parting them again (拆单)."""

from __future__ import annotations

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.city import City
from desk.database import Database
from desk.tickets.duplicates.following import UNMERGE
from desk.tickets.duplicates.search import can_be_main, keep_findable
from desk.tickets.handling import Actor, TicketError, act_within, locked_ticket
from desk.tickets.tables import Ticket


async def join(
    db: Database,
    city: City,
    number: str,
    main_number: str,
    actor: Actor,
    *,
    note: str = "",
) -> Ticket:
    """Joins a ticket to a main one, whose handling counts for both from now on. Raises TicketError
    when one of the two cannot be joined.

    There are no chains: what was joined is no main ticket, and what others were joined to stays one.
    """
    async with db.transaction() as session:
        # In one order for all: two that are joined to each other at once do not wait for each other.
        both = {one: await locked_ticket(session, one) for one in sorted((number, main_number))}
        ticket, main = both[number], both[main_number]
        if problem := await _problem(session, city, ticket, main):
            raise TicketError(problem)
        return await join_within(db, session, city, ticket, main, actor, note=note)


async def join_within(  # noqa: PLR0913
    db: Database,
    session: AsyncSession,
    city: City,
    ticket: Ticket,
    main: Ticket,
    actor: Actor,
    *,
    note: str = "",
    tell: bool = True,
) -> Ticket:
    """The same for two tickets that are locked, in the caller's transaction. `tell`: whether the
    resident is told here."""
    why = f"并入{main.number}" + (f"：{note}" if note.strip() else "")
    joined = await act_within(db, session, city, ticket.number, "merge", actor, note=why, tell=tell)
    joined.main_id = main.id
    await keep_findable(session, city, joined)
    return joined


async def unjoin(db: Database, city: City, number: str, actor: Actor, *, note: str) -> Ticket:
    """Undoes a joining: the ticket is in the state that it was in before. Raises TicketError."""
    async with db.transaction() as session:
        ticket = await locked_ticket(session, number)
        if ticket.main_id is None:
            raise TicketError(f"{number} 没有并入别的工单")
        return await act_within(db, session, city, number, UNMERGE, actor, note=note)


async def _problem(session: AsyncSession, city: City, ticket: Ticket, main: Ticket) -> str | None:
    """Why a ticket cannot be joined to a main one, or None."""
    if ticket.id == main.id:
        return "不能并入自己"
    if ticket.main_id is not None:
        return f"{ticket.number} 已经并入别的工单，请先拆单"
    if ticket.confidential:
        return f"{ticket.number} 是保密件，不并单"
    if not can_be_main(city, main):
        return f"不能并入 {main.number}：它已经结束、是保密件，或者自己已并入别的工单"
    below = await session.exec(select(Ticket.id).where(Ticket.main_id == ticket.id).limit(1))
    if below.first() is not None:
        return f"已有工单并入 {ticket.number}：请先拆单，或者反过来并入它"
    return None
