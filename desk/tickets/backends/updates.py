"""News of a platform: stored first, then made steps of ours, in the platform's order."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.city import City, Lifecycle, Needed, Role
from desk.database import Database, now
from desk.tickets.backends.base import News
from desk.tickets.backends.tables import BackendUpdate, Sending, TicketLink, UpdateOutcome
from desk.tickets.handling import Actor, TicketError, act
from desk.tickets.tables import Ticket

log = logging.getLogger(__name__)

# Who makes the platform's steps here: it handles the matter; what no department may do, the system.
ROLES = (Role.DEPARTMENT, Role.SYSTEM)
# So often a step is tried while others move the ticket.
PATIENCE = 3
# Said in place of a note that a step needs and the platform did not give.
NO_NOTE = "承办单位已处理，未另附说明。"


class UnknownTicketError(Exception):
    """News of a ticket that this platform was never given."""


def is_late(
    sequence: int | None, at: datetime, last_sequence: int | None, last_at: datetime | None
) -> bool:
    """Whether something newer was taken before. The platform's own count decides where both have
    one, its clock otherwise."""
    if sequence is not None and last_sequence is not None:
        return sequence < last_sequence
    return last_at is not None and at < last_at


def course(lifecycle: Lifecycle, state: str, action: str) -> tuple[str, ...] | None:
    """The steps that have to come before `action` is possible, the fewest that do; None when there is
    no way.

    Platforms report what they find worth it: 办结 may be the first word after 派单. In between go only
    steps that the platform's roles may make, that need nothing said, and that end nothing.
    """
    wanted = lifecycle.transitions.get(action)
    if wanted is None or not any(role in wanted.roles for role in ROLES):
        return None
    ways: deque[tuple[str, tuple[str, ...]]] = deque([(state, ())])
    seen = {state}
    while ways:
        here, made = ways.popleft()
        if here in wanted.sources:
            return made
        for step in lifecycle.transitions.values():
            told = Needed.NOTE in step.needs
            silent = step.to and not told and not lifecycle.states[step.to].ended
            if (
                silent
                and step.to not in seen
                and here in step.sources
                and any(role in step.roles for role in ROLES)
            ):
                assert step.to is not None  # noqa: S101 - it is silent
                seen.add(step.to)
                ways.append((step.to, (*made, step.action)))
    return None


async def receive(db: Database, backend: str, news: Iterable[News]) -> None:
    """Stores news; known ones again change nothing. Raises UnknownTicketError, and then stores
    none."""
    async with db.transaction() as session:
        for one in news:
            tickets = await _tickets(session, backend, one)
            if not tickets:
                raise UnknownTicketError
            for ticket_id in tickets:
                await session.exec(
                    insert(BackendUpdate)
                    .values(
                        ticket_id=ticket_id,
                        backend=backend,
                        event_id=one.event_id,
                        action=one.action,
                        note=one.note,
                        department=one.department,
                        sequence=one.sequence,
                        at=one.at,
                        outcome=UpdateOutcome.RECEIVED,
                        reason="",
                        received_at=now(),
                    )
                    .on_conflict_do_nothing(index_elements=["ticket_id", "event_id"])
                )
                if one.seen:
                    await session.exec(
                        update(TicketLink)
                        .where(col(TicketLink.ticket_id) == ticket_id)
                        .values(seen=one.seen)
                    )
                await db.defer(
                    session, "apply_updates", lock=f"updates:{ticket_id}", ticket_id=ticket_id
                )


async def apply_updates(db: Database, city: City, ticket_id: int) -> None:
    """Makes the steps that a ticket's stored news tell, the oldest first. Runs under its lock."""
    while True:
        async with db.transaction() as session:
            ticket = await session.get_one(Ticket, ticket_id)
            row = await _oldest(session, ticket_id)
            if row is None:
                return
            last_sequence, last_at = await _newest_applied(session, ticket_id)
        if is_late(row.sequence, row.at, last_sequence, last_at):
            outcome, reason = UpdateOutcome.LATE, "更新的进展已经先到"
        else:
            outcome, reason = await _apply(db, city, ticket.number, row)
        if outcome is not UpdateOutcome.APPLIED:
            log.warning("update %s was not applied: %s", row.id, outcome)
        async with db.transaction() as session:
            stored = await session.get_one(BackendUpdate, row.id)
            stored.outcome, stored.reason = outcome, reason


async def not_applied(session: AsyncSession) -> list[tuple[BackendUpdate, str]]:
    """What platforms told and the lifecycle did not allow; with the ticket's number."""
    found = await session.exec(
        select(BackendUpdate, Ticket.number)
        .join(Ticket, col(Ticket.id) == col(BackendUpdate.ticket_id))
        .where(col(BackendUpdate.outcome) == UpdateOutcome.REFUSED)
        .order_by(col(BackendUpdate.id))
    )
    return list(found)


async def _apply(
    db: Database, city: City, number: str, row: BackendUpdate
) -> tuple[UpdateOutcome, str]:
    """The step, and those before it that the platform left out. Made again, it is made once."""
    key = f"{row.backend}:{row.event_id}"

    reason = ""

    async def step(action: str, key: str, *, tell: bool) -> None:
        transition = city.lifecycle.transitions.get(action)
        roles = transition.roles if transition else ()
        role = next((role for role in ROLES if role in roles), Role.DEPARTMENT)
        note = row.note or (NO_NOTE if transition and Needed.NOTE in transition.needs else "")
        await act(
            db,
            city,
            number,
            action,
            Actor(row.backend, role),
            note=note if tell else "",
            key=key,
            tell=tell,
            department=row.department if tell else None,
        )

    # Others may move the ticket meanwhile: each time it is looked at where it stands now.
    for _ in range(PATIENCE):
        try:
            await step(row.action, key, tell=True)
        except TicketError as error:
            reason = str(error)
        else:
            return UpdateOutcome.APPLIED, ""
        async with db.transaction() as session:
            state = (await session.get_one(Ticket, row.ticket_id)).state
        if (before := course(city.lifecycle, state, row.action)) is None:
            return UpdateOutcome.REFUSED, reason
        with suppress(TicketError):
            for action in before:
                await step(action, f"{key}:{action}", tell=False)
    return UpdateOutcome.REFUSED, reason


async def _tickets(session: AsyncSession, backend: str, news: News) -> list[int]:
    """The tickets that news are about: only such as were handed to a platform."""
    handed_over = select(Sending.ticket_id).where(col(Sending.event_id).is_(None))
    asked = select(Ticket.id).where(col(Ticket.id).in_(handed_over))
    if news.number:
        found = await session.exec(asked.where(Ticket.number == news.number))
    else:
        linked = select(TicketLink.ticket_id).where(
            TicketLink.backend == backend, TicketLink.external_id == news.external_id
        )
        found = await session.exec(asked.where(col(Ticket.id).in_(linked)))
    return [ticket_id for ticket_id in found if ticket_id is not None]


async def _oldest(session: AsyncSession, ticket_id: int) -> BackendUpdate | None:
    found = await session.exec(
        select(BackendUpdate)
        .where(
            BackendUpdate.ticket_id == ticket_id,
            col(BackendUpdate.outcome) == UpdateOutcome.RECEIVED,
        )
        .order_by(
            col(BackendUpdate.sequence).nulls_last(), col(BackendUpdate.at), col(BackendUpdate.id)
        )
        .limit(1)
    )
    return found.first()


async def _newest_applied(
    session: AsyncSession, ticket_id: int
) -> tuple[int | None, datetime | None]:
    found = await session.exec(
        select(func.max(BackendUpdate.sequence), func.max(BackendUpdate.at)).where(
            BackendUpdate.ticket_id == ticket_id,
            col(BackendUpdate.outcome) == UpdateOutcome.APPLIED,
        )
    )
    return found.one()
