"""Finding what may be shown: never a confidential ticket, whatever is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.city import City
from desk.tickets.open311.public import PublicRequest, closed_states, public
from desk.tickets.open311.tables import Open311Request
from desk.tickets.tables import Ticket

MOST = 1000
"""Rows of one answer (GeoReport v2)."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked for. `numbers` override all the rest. Pages count from 1."""

    numbers: tuple[str, ...] = ()
    service_codes: tuple[str, ...] = ()
    closed: bool | None = None
    requested_from: datetime | None = None
    requested_to: datetime | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None
    page: int = 1
    page_size: int = MOST


async def find(session: AsyncSession, city: City, search: Search) -> list[PublicRequest]:
    """The public requests that match, the newest first."""
    query = (
        select(Ticket, Open311Request)
        .outerjoin(Open311Request, col(Open311Request.ticket_id) == col(Ticket.id))
        .where(col(Ticket.confidential).is_(False), col(Ticket.anonymous).is_(False))
    )
    if search.numbers:
        query = query.where(col(Ticket.number).in_(search.numbers)).limit(MOST)
    else:
        for column, first, last in (
            (col(Ticket.created_at), search.requested_from, search.requested_to),
            (col(Ticket.updated_at), search.updated_from, search.updated_to),
        ):
            if first is not None:
                query = query.where(column >= first)
            if last is not None:
                query = query.where(column <= last)
        if search.service_codes:
            # A topic may be of the third level; its first four digits are the service.
            query = query.where(
                or_(*(col(Ticket.topic).startswith(code) for code in search.service_codes))
            )
        if search.closed is not None:
            is_closed = col(Ticket.state).in_(closed_states(city.lifecycle))
            query = query.where(is_closed if search.closed else ~is_closed)
        query = query.offset((search.page - 1) * search.page_size).limit(search.page_size)
    rows = await session.exec(query.order_by(col(Ticket.id).desc()))
    return [public(city, ticket, request) for ticket, request in rows]
