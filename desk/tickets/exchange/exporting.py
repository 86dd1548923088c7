"""Lists of tickets for other systems and for spreadsheets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlmodel import col, select

from desk.city import City
from desk.database import Database
from desk.tickets.exchange.incoming import URGENCIES
from desk.tickets.exchange.mapping import HEADINGS
from desk.tickets.exchange.sheets import written
from desk.tickets.masking import masked
from desk.tickets.tables import Ticket

# So many tickets are read at a time: a city's years do not fit into memory.
PAGE = 2_000
PERSONAL = ("phone",)


async def export_file(
    db: Database,
    city: City,
    file: Path,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    personal: bool = False,
) -> int:
    """Writes the tickets opened from `since` to before `until` into a CSV or XLSX file, the oldest
    first, and gives their number.

    Without `personal` phone numbers are left out and masked in texts, and confidential tickets
    (举报, GB/T 33358-2016) are not in it at all.
    """
    fields = [name for name in HEADINGS if personal or name not in PERSONAL]
    count = last = 0
    with written(file, [HEADINGS[name] for name in fields]) as add:
        while page := await _page(db, last, since, until):
            for ticket in page:
                if personal or not ticket.confidential:
                    add(_row(city, ticket, fields, personal=personal))
                    count += 1
            last = page[-1].id or 0
    return count


async def _page(
    db: Database, last: int, since: datetime | None, until: datetime | None
) -> Sequence[Ticket]:
    query = select(Ticket).where(col(Ticket.id) > last).order_by(col(Ticket.id)).limit(PAGE)
    if since:
        query = query.where(Ticket.created_at >= since)
    if until:
        query = query.where(Ticket.created_at < until)
    async with db.transaction() as session:
        return (await session.exec(query)).all()


def _row(city: City, ticket: Ticket, fields: Sequence[str], *, personal: bool) -> list[str]:
    handler = city.departments.get(ticket.department or "")
    labels = {code: label for label, code in URGENCIES.items()}
    said = ticket.description if personal else masked(ticket.description)
    values = {
        "number": ticket.number,
        "type": city.say(f"type.{ticket.type}"),
        "topic": ticket.topic,
        "description": said,
        "place": ticket.place or "",
        "phone": ticket.phone or "",
        "department": handler.name if handler else ticket.department or "",
        "state": city.lifecycle.states[ticket.state].label,
        "urgency": labels[ticket.urgency],
        "created": f"{ticket.created_at.astimezone(city.zone):%Y-%m-%d %H:%M:%S}",
    }
    return [values[name] for name in fields]
