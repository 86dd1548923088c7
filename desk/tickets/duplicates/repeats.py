"""How often a resident turns to the city: high frequency (高频诉求) is three tickets in three days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.city import City
from desk.tickets.tables import Ticket

# So many different tickets in so many natural days that follow each other.
OFTEN, DAYS = 3, 3


class Frequency(StrEnum):
    """`insufficient`: some tickets have no date, and those that have are too few to tell."""

    HIGH = "high"
    LOW = "low"
    INSUFFICIENT = "insufficient"


@dataclass(frozen=True, slots=True)
class Busiest:
    """The days with most tickets. `first` is None when no ticket has a date."""

    frequency: Frequency
    count: int
    first: date | None


def busiest(tickets: Iterable[tuple[str, datetime | None]], zone: ZoneInfo) -> Busiest:
    """The DAYS natural days in the city's zone with most different tickets, of numbers and when they
    were opened. The same number counts once, however many steps it had."""
    opened = dict(tickets)
    days = sorted(at.astimezone(zone).date() for at in opened.values() if at is not None)
    count, first = 0, None
    begin = 0
    for end, day in enumerate(days):
        while day - days[begin] >= timedelta(days=DAYS):
            begin += 1
        if end - begin + 1 > count:
            count, first = end - begin + 1, days[begin]
    if count >= OFTEN:
        return Busiest(Frequency.HIGH, count, first)
    unknown = len(opened) - len(days)
    return Busiest(Frequency.INSUFFICIENT if unknown else Frequency.LOW, count, first)


async def busiest_of(session: AsyncSession, city: City, ticket: Ticket) -> Busiest:
    """How often the resident of a ticket wrote in the days around it."""
    around = timedelta(days=DAYS)
    found = await session.exec(
        select(Ticket.number, Ticket.created_at).where(
            Ticket.resident_id == ticket.resident_id,
            col(Ticket.created_at).between(ticket.created_at - around, ticket.created_at + around),
        )
    )
    return busiest(found.all(), city.zone)
