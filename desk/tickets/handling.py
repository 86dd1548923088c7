"""Steps of a ticket's handling: each is checked against the lifecycle, added to the timeline, and
told to the resident, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, Unpack

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from connectors import Button, Outbound
from desk.city import City, Needed, Role, Transition, Urgency
from desk.conversations.messages import conversation_of, say
from desk.conversations.tables import Author
from desk.database import Database, now
from desk.residents.tables import Resident
from desk.tickets.backends.outbox import pass_on
from desk.tickets.deadlines import due_words, follow, promised
from desk.tickets.dispatch import may_handle
from desk.tickets.duplicates.following import UNMERGE, steps_that_follow
from desk.tickets.duplicates.search import keep_findable
from desk.tickets.errors import TicketError
from desk.tickets.reviews.answer import LEVELS
from desk.tickets.tables import Ticket, TicketEvent, TicketMessage


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a step, and in which role of the lifecycle."""

    name: str
    role: Role


class Given(TypedDict, total=False):
    """What may come with a step.

    The same `key` on the same ticket is the same step: done once. `message_id`: a message that
    becomes part of the ticket. `tell`: whether the resident is told now, in a message of its own (a
    chat that answers with its own words says it there). `department`: the code of the body that
    handles the ticket from now on. `urgency`: how urgent it is from now on. `until`: the point in
    time that the step asks for or grants.
    """

    note: str
    key: str | None
    message_id: int | None
    tell: bool
    department: str | None
    urgency: Urgency | None
    until: datetime | None


# What follows from another step, and is nobody's own.
BY_ITSELF = Actor("system", Role.SYSTEM)


async def act(
    db: Database, city: City, number: str, action: str, actor: Actor, **given: Unpack[Given]
) -> Ticket:
    """Makes a step on a ticket. Raises TicketError for what the lifecycle does not allow."""
    async with db.transaction() as session:
        return await act_within(db, session, city, number, action, actor, **given)


async def act_within(
    db: Database,
    session: AsyncSession,
    city: City,
    number: str,
    action: str,
    actor: Actor,
    **given: Unpack[Given],
) -> Ticket:
    """The same in the caller's transaction, for steps that belong together."""
    ticket = await locked_ticket(session, number)
    key, tell = given.get("key"), given.get("tell", True)
    if key and await _made(session, ticket, key):
        return ticket
    transition = _allowed(city, ticket, action, actor)
    await _check_often(session, ticket, transition)
    _check(city, ticket, transition, given)
    before = await _state_before(session, ticket) if ticket.state in transition.back else None
    target = before or transition.to or ticket.state
    ticket.department = given.get("department") or ticket.department
    ticket.urgency = given.get("urgency") or ticket.urgency
    # Joined tickets are handled by themselves again after 拆单, and when they are done anew (重办).
    parts = ticket.main_id is not None and (
        action == UNMERGE or city.lifecycle.states[target].clock
    )
    if parts:
        ticket.main_id = None
    event = TicketEvent(
        ticket_id=_id(ticket),
        seq=await _next_seq(session, ticket),
        key=key,
        action=action,
        from_state=ticket.state,
        to_state=target,
        actor=actor.name,
        role=actor.role,
        department=ticket.department,
        urgency=given.get("urgency"),
        until=given.get("until"),
        note=given.get("note", ""),
    )
    ended = city.lifecycle.states[target].ended != city.lifecycle.states[ticket.state].ended
    ticket.state = target
    ticket.version += 1
    ticket.updated_at = event.at
    await follow(session, city, ticket, event)
    if tell and transition.told:
        event.told = transition.tell(
            number=number,
            note=event.note,
            status=city.lifecycle.states[target].label,
            department=city.handler_name(ticket.department),
            due=due_words(city, await promised(session, ticket), event.at),
        )
    session.add(event)
    await pass_on(db, session, ticket, event)
    if (message_id := given.get("message_id")) is not None:
        await session.merge(TicketMessage(ticket_id=_id(ticket), message_id=message_id))
    if event.told:
        await _tell(db, session, ticket, event.told, _choices(city, event))
    if ended or parts:
        await keep_findable(session, city, ticket)
    for step in await steps_that_follow(session, city, ticket, transition, event):
        await act_within(
            db, session, city, step.number, step.action, BY_ITSELF, note=step.note, key=step.key
        )
    return ticket


async def _check_often(session: AsyncSession, ticket: Ticket, transition: Transition) -> None:
    """首接负责 (国办发〔2020〕53号): who was given a ticket cannot hand it back without end. Raises
    TicketError."""
    if transition.most is None:
        return
    made = await session.exec(
        select(func.count()).where(
            TicketEvent.ticket_id == ticket.id, TicketEvent.action == transition.action
        )
    )
    if made.one() >= transition.most:
        raise TicketError(
            f"{ticket.number} 已经{transition.label}{transition.most}次，不能再{transition.label}："
            "先办理，有异议的由派单员或班长决定"
        )


def _check(city: City, ticket: Ticket, transition: Transition, given: Given) -> None:
    """Raises TicketError when something is missing that the step needs, or is not as it has to be."""
    name = f"{transition.action}（{transition.label}）"
    if Needed.NOTE in transition.needs and not given.get("note", "").strip():
        raise TicketError(f"{name}需要写明说明（--note）")
    department = given.get("department")
    if department is not None:
        body = city.departments.get(department)
        if body is None:
            raise TicketError(f"没有代码为 {department} 的承办单位（见 departments.yml）")
        if not may_handle(city, ticket.topic, body):
            raise TicketError(f"应由职能部门办理的不派给基层：{body.name}可以协办，不能主办")
    if Needed.DEPARTMENT in transition.needs and not (department or ticket.department):
        raise TicketError(f"{name}需要指定承办单位（--department）：{ticket.number} 还没有承办单位")
    if Needed.OTHER_DEPARTMENT in transition.needs and department in (None, ticket.department):
        raise TicketError(
            f"{name}需要指定另一个承办单位（--department），现在是{city.handler_name(ticket.department)}"
        )
    if Needed.URGENCY in transition.needs and given.get("urgency") is None:
        raise TicketError(f"{name}需要写明紧急程度（--urgency）")
    until = given.get("until")
    if Needed.UNTIL in transition.needs and until is None:
        raise TicketError(f"{name}需要写明到什么时候（--until）")
    if until is not None and until <= now():
        raise TicketError(f"{name}的时间已经过去")


def _choices(city: City, event: TicketEvent) -> tuple[Button, ...]:
    """The levels of satisfaction (五级好差评), best first, when the step asks for the resident's word."""
    asks = event.to_state != event.from_state and city.lifecycle.after(
        event.to_state, "review", Role.RESIDENT
    )
    return tuple(Button(level) for level in reversed(LEVELS)) if asks else ()


async def _tell(
    db: Database, session: AsyncSession, ticket: Ticket, words: str, choices: tuple[Button, ...]
) -> None:
    """Brings it to the resident's chat; a ticket from elsewhere has none."""
    if ticket.resident_id is None:
        return
    resident = await session.get_one(Resident, ticket.resident_id)
    conversation = await conversation_of(session, resident)
    await say(db, session, conversation, [Outbound(words, choices)], author=Author.SYSTEM)


async def locked_ticket(session: AsyncSession, number: str) -> Ticket:
    """The ticket of a number, kept from others until the transaction ends. Raises TicketError."""
    found = await session.exec(select(Ticket).where(Ticket.number == number).with_for_update())
    ticket = found.first()
    if ticket is None:
        raise TicketError(f"没有编号为 {number} 的工单")
    return ticket


async def _state_before(session: AsyncSession, ticket: Ticket) -> str | None:
    """The state that a ticket was in before the present one; None when it began there."""
    found = await session.exec(
        select(TicketEvent.from_state)
        .where(
            TicketEvent.ticket_id == _id(ticket),
            TicketEvent.to_state == ticket.state,
            TicketEvent.from_state != ticket.state,
        )
        .order_by(col(TicketEvent.seq).desc())
        .limit(1)
    )
    return found.first()


def _allowed(city: City, ticket: Ticket, action: str, actor: Actor) -> Transition:
    """The transition that the lifecycle has for this step. Raises TicketError."""
    lifecycle = city.lifecycle
    transition = lifecycle.transitions.get(action)
    if transition and ticket.state in transition.sources and actor.role in transition.roles:
        return transition
    possible = "、".join(
        f"{t.action}（{t.label}）" for t in lifecycle.allowed(ticket.state, actor.role)
    )
    state = lifecycle.states[ticket.state].label
    raise TicketError(
        f"{ticket.number} 现在是“{state}”，{actor.role.label}不能{lifecycle.label(action)}；"
        f"可以：{possible or '无'}"
    )


async def _made(session: AsyncSession, ticket: Ticket, key: str) -> bool:
    found = await session.exec(
        select(TicketEvent.id).where(TicketEvent.ticket_id == ticket.id, TicketEvent.key == key)
    )
    return found.first() is not None


async def _next_seq(session: AsyncSession, ticket: Ticket) -> int:
    last = await session.exec(
        select(func.max(TicketEvent.seq)).where(TicketEvent.ticket_id == ticket.id)
    )
    return (last.one() or 0) + 1


def _id(ticket: Ticket) -> int:
    if ticket.id is None:
        raise ValueError("the ticket is not stored yet")
    return ticket.id
