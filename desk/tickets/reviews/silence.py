"""What becomes of a ticket whose resident says nothing: not reviewed, never satisfied; later archived."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import text

from desk.city import City
from desk.database import Database, now
from desk.tickets.handling import BY_ITSELF, TicketError, act

# Seconds between looks, and how many tickets are taken in one.
SWEEP = 600.0
AT_ONCE = 500

# By when they came into the state they are in. One whose resident is not content stays with the people
# who look after it.
_WAITING = text("""
    SELECT number FROM ticket
    WHERE state = ANY(:states)
    AND (
        SELECT max(at) FROM ticket_event
        WHERE ticket_id = ticket.id AND to_state = ticket.state
        AND from_state IS DISTINCT FROM to_state
    ) <= :before
    AND NOT EXISTS (
        SELECT 1 FROM ticket_review AS review
        WHERE review.ticket_id = ticket.id
        AND (NOT review.solved OR review.satisfaction < 3)
        AND review.round = (SELECT max(round) FROM ticket_review WHERE ticket_id = ticket.id)
    )
    ORDER BY id LIMIT :limit
""")


async def sweep(db: Database, city: City) -> None:
    """Ends what nobody answered, until cancelled."""
    while True:
        await end_unanswered(db, city, now())
        await asyncio.sleep(SWEEP)


async def end_unanswered(db: Database, city: City, at: datetime) -> None:
    """What is to be ended at a moment: resolved tickets without an answer count as not reviewed after
    the city's days; those and the reviewed ones are archived after its late days."""
    wait = city.profile.review
    lifecycle = city.lifecycle
    await _end(
        db, city, "lapse", lifecycle.transitions["lapse"].sources, at - timedelta(days=wait.days)
    )
    left = {lifecycle.transitions["lapse"].to, lifecycle.transitions["review"].to}
    await _end(
        db, city, "close", [state for state in left if state], at - timedelta(days=wait.late_days)
    )


async def _end(
    db: Database, city: City, action: str, states: Iterable[str], before: datetime
) -> None:
    values = {"states": list(states), "before": before, "limit": AT_ONCE}
    async with db.transaction() as session:
        found = await (await session.connection()).execute(_WAITING, values)
        numbers = [str(number) for (number,) in found]
    for number in numbers:
        # The resident, or another process, may have been quicker.
        with contextlib.suppress(TicketError):
            # That it was archived after all is no news to anyone.
            await act(db, city, number, action, BY_ITSELF, tell=action != "close")
