"""The outbox: what the platform has to learn is written with what it tells, in one transaction."""

from __future__ import annotations

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.city import Role
from desk.database import Database, now
from desk.tickets.backends.tables import Sending
from desk.tickets.tables import Ticket, TicketEvent

# So many sendings run at once. A platform that is slow or away keeps that many jobs waiting, and no
# more: the others answer residents.
LANES = 4
# Whose steps the platform has to hear of. Its own, and what follows from them by itself, it knows.
OURS = (Role.RESIDENT, Role.AGENT, Role.DISPATCHER, Role.SUPERVISOR)


async def hand_over(db: Database, session: AsyncSession, ticket: Ticket) -> None:
    """Queues a new ticket for the platform."""
    await _put(db, session, Sending(ticket_id=_id(ticket), key=ticket.number, due_at=now()))


async def pass_on(db: Database, session: AsyncSession, ticket: Ticket, event: TicketEvent) -> None:
    """Queues a step for the platform, when the ticket is one of its."""
    if event.role not in OURS:
        return
    handed_over = await session.exec(
        select(Sending.id).where(
            Sending.ticket_id == _id(ticket),
            Sending.event_id == None,  # noqa: E711 - SQL
        )
    )
    if handed_over.first() is None:
        return
    await session.flush()
    key = f"{ticket.number}/{event.seq}"
    await _put(
        db, session, Sending(ticket_id=_id(ticket), event_id=event.id, key=key, due_at=now())
    )


def lane(ticket_id: int) -> str:
    """The lock under which a ticket is sent: what one has to tell goes out in order."""
    return f"send:{ticket_id % LANES}"


async def _put(db: Database, session: AsyncSession, sending: Sending) -> None:
    session.add(sending)
    await db.defer(session, "send", lock=lane(sending.ticket_id), ticket_id=sending.ticket_id)


def _id(ticket: Ticket) -> int:
    if ticket.id is None:
        raise ValueError("the ticket is not stored yet")
    return ticket.id
