"""Opening a ticket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.city import OPENED, City
from desk.conversations.tables import Conversation
from desk.database import Database, now
from desk.tickets.backends.base import EMBEDDED
from desk.tickets.backends.outbox import hand_over
from desk.tickets.deadlines import follow
from desk.tickets.dispatch import suggest
from desk.tickets.duplicates.joining import join_within
from desk.tickets.duplicates.search import can_be_main, keep_findable
from desk.tickets.handling import BY_ITSELF, locked_ticket
from desk.tickets.number import joined_number, ticket_number
from desk.tickets.tables import Ticket, TicketEvent, TicketMessage

# 举报: who reports is never told to whom is reported (GB/T 33358-2016: 保密).
CONFIDENTIAL = ("violation",)


@dataclass(frozen=True, slots=True)
class Matter:
    """What a ticket is opened with. `messages`: the conversation's messages that belong to it.

    `latitude`/`longitude` in degrees, in the `datum` of the platform (gcj02 or wgs84).
    """

    type: str
    topic: str
    description: str
    messages: Sequence[int]
    place: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    datum: str | None = None
    phone: str | None = None
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Earlier:
    """What became of a ticket in another system before it came here: since when, how far, with whom."""

    at: datetime
    state: str
    urgency: str
    department: str | None


async def open_ticket(  # noqa: PLR0913
    db: Database,
    city: City,
    matter: Matter,
    *,
    conversation_id: int,
    source_message_id: int,
    ordinal: int = 0,
    state: str | None = None,
    note: str = "",
    into: str | None = None,
    backend: str = EMBEDDED,
) -> Ticket:
    """Opens a ticket for the resident of a conversation.

    Idempotent: the same source message and ordinal (its place among several matters) give the ticket
    that was opened the first time. `state`: another first state than the lifecycle's initial one.
    `into`: the number of a ticket that this one is joined to at once, if that still can be; its number
    is then that one's with its place after it. `backend`: who handles it; a platform elsewhere learns
    of it in the same transaction.
    """
    async with db.transaction() as session:
        # The main ticket first, as its own steps lock the two.
        main = await _main(session, city, into) if into else None
        # Two attempts at once (a retried turn) come one after the other here.
        conversation = (
            await session.exec(
                select(Conversation).where(Conversation.id == conversation_id).with_for_update()
            )
        ).one()
        known = await session.exec(
            select(Ticket).where(
                Ticket.source_message_id == source_message_id, Ticket.matter == ordinal
            )
        )
        if ticket := known.first():
            return ticket
        ticket = _ticket(city, matter, await _next_number(session, city, main))
        ticket.resident_id = conversation.resident_id
        ticket.source_message_id, ticket.matter = source_message_id, ordinal
        ticket.state = state or city.lifecycle.initial
        # Joined matters are one work order at the platform (国办函〔2025〕66号: 并单).
        to = EMBEDDED if main else backend
        opened = await _store(db, session, city, ticket, actor="bot", note=note, backend=to)
        await follow(session, city, ticket, opened)
        for message_id in dict.fromkeys(matter.messages):
            session.add(TicketMessage(ticket_id=ticket.id or 0, message_id=message_id))
        if main and not ticket.confidential:
            return await join_within(db, session, city, ticket, main, BY_ITSELF, tell=False)
        return ticket


async def open_external(  # noqa: PLR0913
    db: Database,
    session: AsyncSession,
    city: City,
    matter: Matter,
    *,
    origin: str,
    external_key: str | None = None,
    backend: str = EMBEDDED,
    earlier: Earlier | None = None,
) -> tuple[Ticket, bool]:
    """Opens a ticket that comes from elsewhere than a chat (`origin`), with no resident here, in the
    caller's transaction; and whether it is new. `earlier`: what became of it there.

    The same `external_key` gives the ticket that was opened the first time.
    """
    if external_key is not None:
        # Two attempts at once come one after the other here.
        await session.exec(
            select(func.pg_advisory_xact_lock(func.hashtextextended(external_key, 0)))
        )
        known = await session.exec(select(Ticket).where(Ticket.external_key == external_key))
        if ticket := known.first():
            return ticket, False
    opened_at = earlier.at if earlier else now()
    ticket = _ticket(city, matter, await _next_number(session, city, at=opened_at))
    ticket.origin, ticket.external_key = origin, external_key
    if earlier:
        ticket.created_at = ticket.updated_at = earlier.at
        ticket.state, ticket.urgency = earlier.state, earlier.urgency
        ticket.department = earlier.department or ticket.department
    opened = await _store(db, session, city, ticket, actor=origin, note="", backend=backend)
    # What was promised elsewhere is not known here.
    if earlier is None:
        await follow(session, city, ticket, opened)
    return ticket, True


def _ticket(city: City, matter: Matter, number: str) -> Ticket:
    whose = suggest(city, matter.topic, matter.description, matter.place)
    return Ticket(
        number=number,
        type=matter.type,
        topic=matter.topic,
        description=matter.description,
        place=matter.place,
        latitude=matter.latitude,
        longitude=matter.longitude,
        datum=matter.datum,
        phone=None if matter.anonymous else matter.phone,
        confidential=matter.type in CONFIDENTIAL or matter.anonymous,
        anonymous=matter.anonymous,
        department=whose.department,
        assisting=list(whose.assisting),
        state=city.lifecycle.initial,
    )


async def _store(
    db: Database,
    session: AsyncSession,
    city: City,
    ticket: Ticket,
    *,
    actor: str,
    note: str,
    backend: str,
) -> TicketEvent:
    """Puts a ticket with its first step into the database, and into the outbox when a platform is to
    handle it. One that was declined at once goes nowhere."""
    session.add(ticket)
    await session.flush()
    opened = TicketEvent(
        ticket_id=ticket.id or 0,
        seq=1,
        action=OPENED,
        to_state=ticket.state,
        at=ticket.created_at,
        actor=actor,
        role="system",
        department=ticket.department,
        note=note,
    )
    session.add(opened)
    await keep_findable(session, city, ticket)
    if backend != EMBEDDED and not city.lifecycle.states[ticket.state].ended:
        await hand_over(db, session, ticket)
    return opened


async def _main(session: AsyncSession, city: City, number: str) -> Ticket | None:
    """The ticket to open another one into, unless it can be joined to no more."""
    main = await locked_ticket(session, number)
    return main if can_be_main(city, main) and "-" not in main.number else None


async def _next_number(
    session: AsyncSession, city: City, main: Ticket | None = None, *, at: datetime | None = None
) -> str:
    """The next number of the day, or of those opened into a main ticket."""
    if main is not None:
        return joined_number(main.number, await _count(session, main.number))
    day = (at or now()).astimezone(city.zone).date()
    return ticket_number(day, await _count(session, day.isoformat()))


async def _count(session: AsyncSession, what: str) -> int:
    connection = await session.connection()
    counted = await connection.execute(
        text(
            "INSERT INTO ticket_counter (day, last) VALUES (:day, 1) "
            "ON CONFLICT (day) DO UPDATE SET last = ticket_counter.last + 1 RETURNING last"
        ),
        {"day": what},
    )
    return counted.scalar_one()
