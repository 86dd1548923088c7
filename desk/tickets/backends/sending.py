"""Sending what the outbox holds. Every attempt is marked before it is made: what a killed process
left is found, and treated like an attempt whose answer was lost."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.city import City, Role
from desk.database import Database, now
from desk.tickets.backends.base import Accepted, Backend, BackendError, NotTakenError
from desk.tickets.backends.outgoing import outgoing_step, outgoing_ticket
from desk.tickets.backends.tables import Sending, SendState, TicketLink
from desk.tickets.handling import Actor, TicketError, act
from desk.tickets.tables import Ticket, TicketEvent

log = logging.getLogger(__name__)

# Waits after the first and the second attempt that failed, then LATER each time, without end.
SOON = (timedelta(minutes=5), timedelta(minutes=30))
LATER = timedelta(hours=1)
# An attempt takes seconds; one that was marked so long ago died with its process.
LEASE = timedelta(minutes=2)
# A step waits for its ticket's number at the platform.
UNNUMBERED = timedelta(minutes=5)
OPEN = (SendState.UNPROCESSED, SendState.SENDING, SendState.FAILED)
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What is about to be sent."""

    sending: Sending
    ticket: Ticket
    event: TicketEvent | None
    external_id: str | None


def wait_after(attempts: int) -> timedelta:
    """How long nothing is tried after so many attempts that failed: 5 min, 30 min, then hourly."""
    return SOON[attempts - 1] if attempts <= len(SOON) else LATER


async def send(db: Database, city: City, backend: Backend, ticket_id: int) -> None:
    """Sends what is due of a ticket, in order. Runs under its lane's lock."""
    while attempt := await _next(db, ticket_id):
        sending = attempt.sending
        # From the beginning of it all: the answer that was lost may be that of any attempt.
        since = sending.created_at if sending.uncertain else None
        try:
            accepted = await _try(city, backend, attempt, since)
        except BackendError as fault:
            await _failed(db, sending, fault)
            return
        except NotTakenError as fault:
            await _skipped(db, sending, str(fault))
            continue
        await _accepted(db, backend, attempt, accepted)
        if accepted is not None and sending.event_id is None:
            await _assign(db, city, backend, attempt.ticket, accepted)


async def due(session: AsyncSession, limit: int = 50) -> list[int]:
    """The tickets whose time to be sent has come, the longest waiting first."""
    found = await session.exec(
        select(Sending.ticket_id)
        .where(col(Sending.due_at) <= now())
        .order_by(col(Sending.due_at))
        .limit(limit)
    )
    return list(dict.fromkeys(found))


async def unsent(session: AsyncSession) -> list[tuple[Sending, str]]:
    """What failed and is tried again, or is parked until a person looks; with the ticket's number."""
    found = await session.exec(
        select(Sending, Ticket.number)
        .join(Ticket, col(Ticket.id) == col(Sending.ticket_id))
        .where(
            or_(
                col(Sending.state) == SendState.PARKED,
                (col(Sending.attempts) > 0) & col(Sending.state).in_(OPEN),
            )
        )
        .order_by(col(Sending.id))
    )
    return list(found)


async def send_again(session: AsyncSession, number: str | None) -> int:
    """Makes what failed or is parked due at once: of one ticket, or all. How many there are."""
    ids = select(Ticket.id).where(Ticket.number == number)
    changed = await session.exec(
        update(Sending)
        .where(
            col(Sending.state).in_((SendState.FAILED, SendState.PARKED)),
            *((col(Sending.ticket_id).in_(ids),) if number else ()),
        )
        .values(state=SendState.FAILED, due_at=now())
    )
    return changed.rowcount


async def _next(db: Database, ticket_id: int) -> _Attempt | None:
    async with db.transaction() as session:
        found = await session.exec(
            select(Sending)
            .where(Sending.ticket_id == ticket_id, col(Sending.state).in_(OPEN))
            .order_by(col(Sending.id))
            .limit(1)
            .with_for_update()
        )
        sending = found.first()
        if sending is None or sending.due_at is None or sending.due_at > now():
            return None
        ticket = await session.get_one(Ticket, ticket_id)
        link = await session.get(TicketLink, ticket_id)
        event = await session.get_one(TicketEvent, sending.event_id) if sending.event_id else None
        external_id = link.external_id if link else None
        if event is not None and external_id is None:
            sending.due_at = now() + UNNUMBERED
            return None
        # Still marked: its process was killed, before or after the platform took it.
        sending.uncertain |= sending.state == SendState.SENDING
        sending.state = SendState.SENDING
        sending.attempts += 1
        sending.tried_at = now()
        sending.due_at = now() + LEASE
        return _Attempt(sending, ticket, event, external_id)


async def _try(
    city: City, backend: Backend, attempt: _Attempt, since: datetime | None
) -> Accepted | None:
    key, trusted = attempt.sending.key, backend.trusted
    if attempt.event is None or attempt.external_id is None:
        parcel = outgoing_ticket(city, attempt.ticket, trusted=trusted, key=key)
        return await backend.create(parcel, since=since)
    step = outgoing_step(city, attempt.ticket, attempt.event, trusted=trusted, key=key)
    return await backend.follow(attempt.external_id, step, since=since)


async def _accepted(
    db: Database, backend: Backend, attempt: _Attempt, accepted: Accepted | None
) -> None:
    async with db.transaction() as session:
        if accepted is not None:
            known = {
                "backend": backend.name,
                "external_id": accepted.external_id,
                "token": accepted.token,
                "seen": "",
                "linked_at": now(),
            }
            await session.exec(
                insert(TicketLink)
                .values(ticket_id=attempt.ticket.id, **known)
                .on_conflict_do_update(index_elements=["ticket_id"], set_=known)
            )
        row = await session.get_one(Sending, attempt.sending.id)
        row.state, row.reason, row.due_at, row.sent_at = SendState.SENT, "", None, now()


async def _skipped(db: Database, sending: Sending, reason: str) -> None:
    async with db.transaction() as session:
        row = await session.get_one(Sending, sending.id)
        row.state, row.reason, row.due_at = SendState.SKIPPED, reason, None


async def _failed(db: Database, sending: Sending, fault: BackendError) -> None:
    log.warning("sending %s failed, attempt %s: %s", sending.id, sending.attempts, fault)
    async with db.transaction() as session:
        row = await session.get_one(Sending, sending.id)
        row.state = SendState.FAILED if fault.passing else SendState.PARKED
        row.reason = str(fault)[:LONGEST_REASON]
        row.uncertain |= fault.uncertain
        wait = max(wait_after(row.attempts), timedelta(seconds=fault.retry_after))
        row.due_at = now() + wait if fault.passing else None


async def _assign(
    db: Database, city: City, backend: Backend, ticket: Ticket, accepted: Accepted
) -> None:
    """What the platform has is on its way (派单). The resident hears it from the platform's news."""
    note = f"已转外部平台办理，平台编号 {accepted.external_id or accepted.token}"
    try:
        await act(
            db,
            city,
            ticket.number,
            "assign",
            Actor(backend.name, Role.SYSTEM),
            note=note,
            key=f"{backend.name}:handed-over",
            tell=False,
        )
    except TicketError as error:
        log.info("ticket %s stays where it is: %s", ticket.id, error)
