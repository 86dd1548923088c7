"""Asking a platform for news, at its interval, by one process at a time."""

from __future__ import annotations

import logging

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.city import City
from desk.database import Database, now
from desk.tickets.backends.base import BackendError, Known, PolledBackend
from desk.tickets.backends.tables import BackendCursor, TicketLink
from desk.tickets.backends.updates import receive
from desk.tickets.tables import Ticket

log = logging.getLogger(__name__)


async def poll_is_due(session: AsyncSession, backend: PolledBackend) -> bool:
    """Whether it is time to ask; of several processes that look, one is told so."""
    await session.exec(
        insert(BackendCursor)
        .values(backend=backend.name, seen_until=now(), due_at=now())
        .on_conflict_do_nothing(index_elements=["backend"])
    )
    taken = await session.exec(
        update(BackendCursor)
        .where(col(BackendCursor.backend) == backend.name, col(BackendCursor.due_at) <= now())
        .values(due_at=now() + backend.poll)
    )
    return taken.rowcount == 1


async def fetch_updates(db: Database, city: City, backend: PolledBackend) -> None:
    """Takes in what is new. How far was asked moves on only when all of it is stored."""
    end = now()
    async with db.transaction() as session:
        cursor = await session.get_one(BackendCursor, backend.name)
        links = await _open_links(session, city, backend)
    await _identify(db, backend, links)
    known = [Known(link.external_id, link.seen) for link in links if link.external_id]
    try:
        news = await backend.news(known, cursor.seen_until, end)
    except BackendError as fault:
        log.warning("%s was not asked for news: %s", backend.name, fault)
        return
    for one in news:
        await receive(db, backend.name, [one])
    async with db.transaction() as session:
        (await session.get_one(BackendCursor, backend.name)).seen_until = end


async def _open_links(
    session: AsyncSession, city: City, backend: PolledBackend
) -> list[TicketLink]:
    ended = [code for code, state in city.lifecycle.states.items() if state.ended]
    found = await session.exec(
        select(TicketLink)
        .join(Ticket, col(Ticket.id) == col(TicketLink.ticket_id))
        .where(TicketLink.backend == backend.name, col(Ticket.state).not_in(ended))
        .order_by(col(TicketLink.ticket_id))
    )
    return list(found)


async def _identify(db: Database, backend: PolledBackend, links: list[TicketLink]) -> None:
    """Exchanges tokens for numbers, where there are any by now."""
    for link in links:
        if link.external_id is None and link.token:
            try:
                external_id = await backend.identify(link.token)
            except BackendError as fault:
                log.warning("the token of ticket %s was not taken: %s", link.ticket_id, fault)
                continue
            if external_id:
                link.external_id = external_id
                async with db.transaction() as session:
                    (await session.get_one(TicketLink, link.ticket_id)).external_id = external_id
