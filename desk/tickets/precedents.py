"""What became of the latest tickets of a topic, by department: what dispatch learns from."""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.tickets.dispatch import Record
from desk.tickets.tables import Ticket, TicketEvent

# So many of the newest tickets of a topic are looked at: what is older, the directory has learnt.
LATEST = 200
DONE, SENT_BACK = "resolve", "return"


async def precedents(session: AsyncSession, topic: str) -> dict[str, Record]:
    """The record of every department that had one of the latest tickets of a topic (a code)."""
    latest = (
        select(Ticket.id).where(Ticket.topic == topic).order_by(col(Ticket.id).desc()).limit(LATEST)
    )
    rows = await session.exec(
        select(TicketEvent.department, TicketEvent.action, func.count())
        .where(
            col(TicketEvent.ticket_id).in_(latest),
            col(TicketEvent.action).in_((DONE, SENT_BACK)),
            col(TicketEvent.department).is_not(None),
        )
        .group_by(col(TicketEvent.department), col(TicketEvent.action))
    )
    counts: dict[str, dict[str, int]] = {}
    for department, action, number in rows:
        counts.setdefault(department or "", {})[action] = number
    return {
        code: Record(resolved=seen.get(DONE, 0), returned=seen.get(SENT_BACK, 0))
        for code, seen in counts.items()
    }
