"""The deadlines of a ticket: begun, stopped, met and lengthened by its steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.city import City, Rule, Stage, StageCode, Unit
from desk.tickets.errors import TicketError
from desk.tickets.reckoning import Reckoning
from desk.tickets.tables import Card, Ticket, TicketDeadline, TicketEvent


async def deadlines_of(session: AsyncSession, ticket: Ticket) -> list[TicketDeadline]:
    """All of a ticket, by stage and round."""
    found = await session.exec(
        select(TicketDeadline)
        .where(TicketDeadline.ticket_id == ticket.id)
        .order_by(col(TicketDeadline.stage), col(TicketDeadline.round))
    )
    return list(found)


async def promised(session: AsyncSession, ticket: Ticket) -> datetime | None:
    """By when the resident has been promised a result; None while nothing is promised."""
    for deadline in await deadlines_of(session, ticket):
        if deadline.stage == StageCode.RESOLVE and deadline.running and not deadline.paused_at:
            return deadline.due_at
    return None


def due_words(city: City, due: datetime | None, at: datetime) -> str:
    """A promise as a resident reads it, said at `at`: “最晚12月2日”, and “会尽快” when there is none."""
    if due is None or due <= at:
        return "会尽快"
    return f"最晚{day_words(city, due, at)}"


def day_words(city: City, due: datetime, at: datetime) -> str:
    """A point in time as people say it: “12月2日”, at which a day is over, or “12月2日18:20”; with its
    year when that is another one."""
    local = due.astimezone(city.zone)
    day = (local - timedelta(microseconds=1)).date()
    year = f"{day.year}年" if day.year != at.astimezone(city.zone).year else ""
    clock = f"{local:%H:%M}" if day == local.date() else ""
    return f"{year}{day.month}月{day.day}日{clock}"


async def follow(session: AsyncSession, city: City, ticket: Ticket, event: TicketEvent) -> None:
    """What a step, which is not stored yet, means for the deadlines of its ticket, which is as the
    step left it. Raises TicketError for an extension that comes too late or goes too far."""
    known = await deadlines_of(session, ticket)
    ended = city.lifecycle.states[event.to_state].ended
    for code, stage in city.deadlines.stages.items():
        latest = next((one for one in reversed(known) if one.stage == code), None)
        running = latest if latest and latest.running else None
        if running:
            if event.action in stage.extends:
                _check_extension(city, running, event)
            advance(city, running, stage, event)
            if event.action in stage.meets:
                running.met_at, running.mark_at = event.at, None
        if ended:
            if running and running.running:
                running.dropped_at, running.mark_at = event.at, None
        elif event.action in stage.restarts or (not latest and event.action in stage.starts):
            again = running or TicketDeadline(
                ticket_id=event.ticket_id, stage=code, round=latest.round + 1 if latest else 1
            )
            if _choose(city, ticket, again):
                begin(city, again, event)
                session.add(again)
        elif event.urgency and running and _choose(city, ticket, running):
            since = await _steps_since(session, running)
            replay(city, running, [*since, event])


def _choose(city: City, ticket: Ticket, deadline: TicketDeadline) -> Rule | None:
    """Lets a deadline be made by the rule for it; None when the city gives the stage no time."""
    rules = city.deadlines
    rule = rules.rule(
        StageCode(deadline.stage),
        urgency=ticket.urgency,
        request_type=ticket.type,
        topic=ticket.topic,
        again=deadline.round > 1,
    )
    if rule is not None:
        deadline.rule, deadline.rules = rule.code, rules.version
        deadline.amount, deadline.unit, deadline.same_day = rule.amount, rule.unit, rule.same_day
        deadline.longest = rule.longest
    return rule


def begin(city: City, deadline: TicketDeadline, event: TicketEvent) -> None:
    """Lets a deadline begin with a step."""
    reckoning, unit = Reckoning.of(city), Unit(deadline.unit)
    deadline.since_seq, deadline.started_at = event.seq, event.at
    deadline.due_at = deadline.reckoned_at = reckoning.after(
        event.at, deadline.amount, unit, same_day=deadline.same_day
    )
    warned = reckoning.after(
        event.at, deadline.amount * city.deadlines.yellow, unit, same_day=deadline.same_day
    )
    deadline.warn_at = max(event.at, warned)
    deadline.card = deadline.requested_at = None
    deadline.paused_at = None if city.lifecycle.states[event.to_state].clock else event.at
    _note(reckoning, deadline)


def advance(city: City, deadline: TicketDeadline, stage: Stage, event: TicketEvent) -> None:
    """What a step after its beginning means for a running deadline: the clock stops or goes on, more
    time is asked for, granted or refused."""
    reckoning = Reckoning.of(city)
    runs = city.lifecycle.states[event.to_state].clock
    if deadline.paused_at is None and not runs:
        deadline.paused_at = event.at
    elif deadline.paused_at is not None and runs:
        paused, unit = deadline.paused_at, Unit(deadline.unit)
        deadline.warn_at = reckoning.resumed(deadline.warn_at, paused, event.at, unit)
        deadline.reckoned_at = reckoning.resumed(deadline.reckoned_at, paused, event.at, unit)
        # What was granted is no less than what the rule gives.
        granted = reckoning.resumed(deadline.due_at, paused, event.at, unit)
        deadline.due_at = max(deadline.reckoned_at, granted)
        deadline.paused_at = None
    if event.action in stage.requests:
        deadline.requested_at = event.at
    if event.action in stage.denies:
        deadline.requested_at = None
    if event.action in stage.extends and event.until is not None:
        # The card comes after the same share of the time that was granted.
        granted = event.until - deadline.started_at
        deadline.warn_at = max(
            deadline.warn_at, deadline.started_at + granted * city.deadlines.yellow
        )
        deadline.due_at = max(deadline.due_at, event.until)
        deadline.card = deadline.requested_at = None
    _note(reckoning, deadline)


async def recount(session: AsyncSession, city: City, deadline: TicketDeadline) -> None:
    """Reckons a running deadline again from its beginning, with what is known of the holidays today:
    the steps since then say how it went on."""
    replay(city, deadline, await _steps_since(session, deadline))


def replay(city: City, deadline: TicketDeadline, events: Sequence[TicketEvent]) -> None:
    """The same for the steps from the one that it began with. It keeps its card when nothing moved."""
    card, due = deadline.card, deadline.due_at
    first, *later = events
    begin(city, deadline, first)
    for event in later:
        advance(city, deadline, city.deadlines.stages[StageCode(deadline.stage)], event)
    if deadline.due_at == due:
        deadline.card = card
        _note(Reckoning.of(city), deadline)


async def _steps_since(session: AsyncSession, deadline: TicketDeadline) -> list[TicketEvent]:
    found = await session.exec(
        select(TicketEvent)
        .where(TicketEvent.ticket_id == deadline.ticket_id, TicketEvent.seq >= deadline.since_seq)
        .order_by(col(TicketEvent.seq))
    )
    return list(found)


def _check_extension(city: City, deadline: TicketDeadline, event: TicketEvent) -> None:
    """Only what was asked for before the deadline can be granted, up to the longest that the rule
    allows. Raises TicketError."""
    until, due = event.until, deadline.due_at
    if until is None:
        return
    if (deadline.requested_at or event.at) > due:
        raise TicketError(f"已过办理时限（{day_words(city, due, event.at)}），延期要在到期以前申请")
    if until <= due:
        raise TicketError(f"延期要晚于现在的时限（{day_words(city, due, event.at)}）")
    if deadline.longest is None:
        raise TicketError("按本市规定，这类诉求不能延期")
    longest = Reckoning.of(city).lengthened(
        deadline.reckoned_at, deadline.longest - deadline.amount, Unit(deadline.unit)
    )
    if until > longest:
        raise TicketError(f"按本市规定，最晚延到{day_words(city, longest, event.at)}")


def _note(reckoning: Reckoning, deadline: TicketDeadline) -> None:
    """Keeps what follows from the rest: when the next card is due, and what was reckoned with."""
    deadline.calendar, deadline.provisional = reckoning.made_with(
        deadline.started_at, deadline.due_at
    )
    if deadline.paused_at is not None or deadline.card == Card.RED:
        deadline.mark_at = None
    else:
        deadline.mark_at = deadline.due_at if deadline.card else deadline.warn_at
