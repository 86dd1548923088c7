"""Tickets that may be about the same matter: kept findable, found, and scored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.city import City
from desk.tickets.datum import to_wgs84
from desk.tickets.duplicates.score import Likeness, Told, compare, told
from desk.tickets.duplicates.tables import TicketMatter, TicketTerm
from desk.tickets.duplicates.terms import filed_under, looked_up
from desk.tickets.tables import Ticket

# Of each term the newest tickets are looked at; of all together those that share most are scored.
NEWEST = 50
SCORED = 40
SHOWN = 3
# Of a resident's own open tickets so many, the newest.
OWN = 20
_TOLD = TypeAdapter(Told)
# The inner limit bounds the work: a term that a storm gave to ten thousand tickets costs what any does.
_CANDIDATES = text(
    """
    SELECT ticket_id, CAST(told AS text)
    FROM (
        SELECT found.ticket_id
        FROM unnest(CAST(:terms AS integer[]), CAST(:weights AS integer[])) AS asked (term, weight)
        CROSS JOIN LATERAL (
            SELECT ticket_term.ticket_id FROM ticket_term
            WHERE ticket_term.term = asked.term AND ticket_term.ticket_id <> :itself
            ORDER BY ticket_term.ticket_id DESC LIMIT :newest
        ) AS found
        GROUP BY found.ticket_id
        ORDER BY sum(asked.weight) DESC, found.ticket_id DESC
        LIMIT :scored
    ) AS likely
    JOIN ticket_matter USING (ticket_id)
    """
)


@dataclass(frozen=True, slots=True)
class Match:
    """A ticket that is likely the same matter, and why."""

    ticket: Ticket
    likeness: Likeness


def told_by(city: City, ticket: Ticket) -> Told:
    """A ticket, made ready to be compared."""
    point = None
    if ticket.latitude is not None and ticket.longitude is not None:
        point = to_wgs84(ticket.latitude, ticket.longitude, ticket.datum)
    return told(
        city,
        description=ticket.description,
        place=ticket.place,
        topic=ticket.topic,
        at=ticket.created_at,
        point=point,
    )


def can_be_main(city: City, ticket: Ticket) -> bool:
    """Whether others can be joined to a ticket. One that was joined itself never is (no chains), nor
    a confidential one: who else reported it is told to nobody."""
    return not (city.lifecycle.states[ticket.state].ended or ticket.main_id or ticket.confidential)


async def keep_findable(session: AsyncSession, city: City, ticket: Ticket) -> None:
    """Files a ticket that others can be joined to, and takes any other one out of the file. Called
    whenever that changes; the ticket is stored already."""
    ticket_id = ticket.id or 0
    if not can_be_main(city, ticket):
        await session.exec(delete(TicketMatter).where(col(TicketMatter.ticket_id) == ticket_id))
        return
    matter = told_by(city, ticket)
    connection = await session.connection()
    await connection.execute(
        insert(TicketMatter)
        .values(ticket_id=ticket_id, told=_TOLD.dump_python(matter, mode="json"))
        .on_conflict_do_nothing()
    )
    if terms := filed_under(matter):
        await connection.execute(
            insert(TicketTerm)
            .values([{"term": term, "ticket_id": ticket_id} for term in terms])
            .on_conflict_do_nothing()
        )


async def similar(
    session: AsyncSession, city: City, matter: Told, *, itself: int = 0, limit: int = SHOWN
) -> list[Match]:
    """The tickets of whomever that a matter is likely the same as, the likeliest first. `itself`: the
    id of the ticket that the matter is, when it is one already."""
    terms = looked_up(matter)
    connection = await session.connection()
    found = await connection.execute(
        _CANDIDATES,
        {
            "terms": list(terms),
            "weights": list(terms.values()),
            "itself": itself,
            "newest": NEWEST,
            "scored": SCORED,
        },
    )
    scored = _likeliest(
        (compare(city, matter, _TOLD.validate_json(kept)), ticket_id) for ticket_id, kept in found
    )[:limit]
    if not scored:
        return []
    tickets = await session.exec(
        select(Ticket).where(col(Ticket.id).in_([ticket_id for _, ticket_id in scored]))
    )
    by_id = {ticket.id: ticket for ticket in tickets}
    return [
        Match(by_id[ticket_id], likeness) for likeness, ticket_id in scored if ticket_id in by_id
    ]


async def own_similar(
    session: AsyncSession, city: City, matter: Told, resident_id: int, *, itself: int = 0
) -> list[Match]:
    """The open tickets of a resident that a matter is likely the same as, the likeliest first. The
    resident's own confidential ones and those that were joined to another count too."""
    still_open = [code for code, state in city.lifecycle.states.items() if not state.ended]
    own = await session.exec(
        select(Ticket)
        .where(
            Ticket.resident_id == resident_id,
            Ticket.id != itself,
            col(Ticket.state).in_(still_open),
        )
        .order_by(col(Ticket.id).desc())
        .limit(OWN)
    )
    by_id = {ticket.id or 0: ticket for ticket in own}
    scored = _likeliest(
        (compare(city, matter, told_by(city, ticket)), ticket_id)
        for ticket_id, ticket in by_id.items()
    )
    return [Match(by_id[ticket_id], likeness) for likeness, ticket_id in scored[:SHOWN]]


def _likeliest(compared: Iterable[tuple[Likeness, int]]) -> list[tuple[Likeness, int]]:
    """Those taken for the same matter, most points first; of equals the older ticket: it is the one
    that others were joined to."""
    same = [(likeness, ticket_id) for likeness, ticket_id in compared if likeness.same]
    return sorted(same, key=lambda one: (-one[0].points, one[1]))
