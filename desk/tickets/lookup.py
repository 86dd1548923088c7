"""Tickets as their residents and their timeline show them."""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from desk.conversations.tables import Conversation
from desk.tickets.handling import TicketError
from desk.tickets.number import parse_ticket_number
from desk.tickets.tables import Ticket, TicketEvent


async def ticket_numbered(session: AsyncSession, number: str) -> Ticket:
    """The ticket of a number as people write it. Raises TicketError."""
    parsed = parse_ticket_number(number)
    if parsed is None:
        raise TicketError(f"{number} 不是工单编号：应是YS加12位数字，末位是校验位")
    found = (await session.exec(select(Ticket).where(Ticket.number == parsed))).first()
    if found is None:
        raise TicketError(f"没有编号为 {parsed} 的工单")
    return found


async def timeline(session: AsyncSession, ticket: Ticket) -> list[TicketEvent]:
    """All steps of a ticket, oldest first."""
    found = await session.exec(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(col(TicketEvent.seq))
    )
    return list(found)


def _own(conversation_id: int) -> SelectOfScalar[Ticket]:
    return (
        select(Ticket)
        .join(Conversation, col(Conversation.resident_id) == col(Ticket.resident_id))
        .where(Conversation.id == conversation_id)
    )


async def tickets_of(
    session: AsyncSession, conversation_id: int, *, limit: int = 5
) -> list[Ticket]:
    """The newest tickets of the resident of a conversation."""
    found = await session.exec(_own(conversation_id).order_by(col(Ticket.id).desc()).limit(limit))
    return list(found)


async def ticket_of(session: AsyncSession, conversation_id: int, number: str) -> Ticket | None:
    """The resident's own ticket of that number, or the one that was opened into it (`<number>-2`, of
    which people say the first part). Someone else's is as unknown as none at all."""
    opened_into = col(Ticket.number).startswith(f"{number}-", autoescape=True)
    found = await session.exec(
        _own(conversation_id)
        .where(or_(Ticket.number == number, opened_into))
        .order_by(func.length(Ticket.number), col(Ticket.id))
    )
    return found.first()
