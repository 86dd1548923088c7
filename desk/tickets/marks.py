"""What time does to deadlines: yellow and red cards (黄牌、红牌), and reckoning again when a year's
holidays become known."""

from __future__ import annotations

import asyncio
import contextlib

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.city import City, StageCode
from desk.database import Database, now
from desk.tickets.alerts import call_supervisor
from desk.tickets.deadlines import day_words, recount
from desk.tickets.errors import TicketError
from desk.tickets.handling import BY_ITSELF, act_within, locked_ticket
from desk.tickets.tables import Card, Ticket, TicketDeadline

STAGES = {StageCode.DISPATCH: "派单", StageCode.RESPOND: "首次联系", StageCode.RESOLVE: "办结"}
CARDS = {Card.YELLOW: "黄牌", Card.RED: "红牌"}
ALERT = "overdue"
# Seconds between looks, and how many deadlines are taken in one: after a long stop they come in turn.
SWEEP = 30.0
AT_ONCE = 200


async def sweep(db: Database, city: City) -> None:
    """Gives cards until cancelled. The holidays were read when the process started, so that is when
    old deadlines are reckoned with them."""
    while await recount_stale(db, city):
        pass
    while True:
        while await give_cards(db, city) == AT_ONCE:
            pass
        await asyncio.sleep(SWEEP)


async def give_cards(db: Database, city: City) -> int:
    """Marks the deadlines whose time for it has come, each in a transaction of its own; how many were
    looked at. Done twice, or by two processes, it is done once."""
    async with db.transaction() as session:
        found = await session.exec(
            select(TicketDeadline.id, Ticket.number)
            .join(Ticket, col(Ticket.id) == TicketDeadline.ticket_id)
            .where(col(TicketDeadline.mark_at) <= now())
            .order_by(col(TicketDeadline.mark_at))
            .limit(AT_ONCE)
        )
        due = found.all()
    for deadline_id, number in due:
        # A ticket may be erased meanwhile.
        with contextlib.suppress(TicketError):
            async with db.transaction() as session:
                await _give_card(db, session, city, number, deadline_id or 0)
    return len(due)


async def _give_card(
    db: Database, session: AsyncSession, city: City, number: str, deadline_id: int
) -> None:
    ticket = await locked_ticket(session, number)
    deadline = await session.get_one(TicketDeadline, deadline_id)
    at = now()
    if deadline.mark_at is None or deadline.mark_at > at:
        return
    # Who was away at the yellow card's time learns of the red one only.
    card = Card.RED if deadline.due_at <= at else Card.YELLOW
    stage = STAGES[StageCode(deadline.stage)]
    due = day_words(city, deadline.due_at, at)
    why = f"{stage}已超过时限{due}" if card is Card.RED else f"{stage}时限将到，最晚{due}"
    await act_within(
        db,
        session,
        city,
        number,
        "supervise",
        BY_ITSELF,
        note=f"{CARDS[card]}：{why}",
        key=f"{card}:{deadline.stage}:{deadline.round}:{deadline.due_at.isoformat()}",
    )
    deadline.card = card
    deadline.mark_at = deadline.due_at if card is Card.YELLOW else None
    if card is Card.RED:
        await call_supervisor(session, ticket, ALERT, None)


async def recount_stale(db: Database, city: City) -> int:
    """Reckons running deadlines again that were made with other holidays than are known today; how
    many were looked at, at most AT_ONCE. The resident hears of a promise that moved."""
    running = (col(TicketDeadline.met_at).is_(None), col(TicketDeadline.dropped_at).is_(None))
    async with db.transaction() as session:
        calendars = await session.exec(select(TicketDeadline.calendar).where(*running).distinct())
        stale = [one for one in calendars if not city.calendar.is_current(one)]
        found = await session.exec(
            select(TicketDeadline.id, Ticket.number)
            .join(Ticket, col(Ticket.id) == TicketDeadline.ticket_id)
            .where(*running, col(TicketDeadline.calendar).in_(stale))
            .order_by(col(TicketDeadline.id))
            .limit(AT_ONCE)
        )
        due = found.all()
    for deadline_id, number in due:
        with contextlib.suppress(TicketError):
            async with db.transaction() as session:
                await _recount(db, session, city, number, deadline_id or 0)
    return len(due)


async def _recount(
    db: Database, session: AsyncSession, city: City, number: str, deadline_id: int
) -> None:
    await locked_ticket(session, number)
    deadline = await session.get_one(TicketDeadline, deadline_id)
    before = deadline.due_at
    if not deadline.running or city.calendar.is_current(deadline.calendar):
        return
    await recount(session, city, deadline)
    if deadline.due_at == before or deadline.paused_at or deadline.stage != StageCode.RESOLVE:
        return
    old, new = day_words(city, before, now()), day_words(city, deadline.due_at, now())
    await act_within(
        db,
        session,
        city,
        number,
        "recount",
        BY_ITSELF,
        note=f"节假日安排已公布，办结时限由{old}改为{new}",
        key=f"recount:{deadline.round}:{deadline.calendar}",
    )
