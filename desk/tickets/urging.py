"""催办: a resident asks for a matter to be hurried, so often a day; the second time a supervisor knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import select

from desk.city import City
from desk.database import Database, now
from desk.tickets.alerts import call_supervisor
from desk.tickets.handling import BY_ITSELF, Actor, act_within, locked_ticket
from desk.tickets.tables import Ticket, TicketEvent

ALERT = "urged_again"
# Which 催办 a supervisor learns of.
NOTED = 2


@dataclass(frozen=True, slots=True)
class Urged:
    """The ticket; whether the department learns of it once more; how often it was urged that day."""

    ticket: Ticket
    done: bool
    today: int


async def urge(
    db: Database, city: City, number: str, actor: Actor, *, note: str, message_id: int
) -> Urged:
    """Urges a ticket, unless it was as often as the city allows in one day (of its zone). The same
    message urges once. Raises TicketError where there is nothing to hurry."""
    key = f"urge:{message_id}"
    async with db.transaction() as session:
        ticket = await locked_ticket(session, number)
        rows = await session.exec(
            select(TicketEvent.at, TicketEvent.key).where(
                TicketEvent.ticket_id == ticket.id,
                TicketEvent.action == "urge",
                TicketEvent.role == actor.role,
            )
        )
        earlier = rows.all()
        day = now().astimezone(city.zone).date()
        today = sum(_day(at, city) == day for at, _ in earlier)
        if any(known == key for _, known in earlier):
            return Urged(ticket, done=True, today=today)
        if today >= city.profile.urges_a_day:
            return Urged(ticket, done=False, today=today)
        await act_within(
            db,
            session,
            city,
            number,
            "urge",
            actor,
            note=note,
            key=key,
            message_id=message_id,
            tell=False,
        )
        if len(earlier) + 1 == NOTED:
            why = f"居民第{NOTED}次催办：{note}"
            await act_within(db, session, city, number, "supervise", BY_ITSELF, note=why)
            await call_supervisor(session, ticket, ALERT, message_id)
        return Urged(ticket, done=True, today=today + 1)


def _day(at: datetime, city: City) -> object:
    return at.astimezone(city.zone).date()
