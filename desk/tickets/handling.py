"""Steps of a ticket's handling: each is checked against the lifecycle, added to the timeline, and
told to the resident, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from connectors import Outbound
from desk.city import City, Role, Transition
from desk.conversations.messages import conversation_of, say
from desk.conversations.tables import Author, Conversation
from desk.database import Database, now
from desk.residents.tables import Resident
from desk.tickets.backends.outbox import pass_on
from desk.tickets.dispatch import may_handle
from desk.tickets.tables import Ticket, TicketEvent, TicketMessage


class TicketError(Exception):
    """The step cannot be made; the message, in Chinese, says why."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a step, and in which role of the lifecycle."""

    name: str
    role: Role


async def act(  # noqa: PLR0913
    db: Database,
    city: City,
    number: str,
    action: str,
    actor: Actor,
    *,
    note: str = "",
    key: str | None = None,
    message_id: int | None = None,
    tell: bool = True,
    department: str | None = None,
) -> Ticket:
    """Makes a step on a ticket. Raises TicketError for what the lifecycle does not allow.

    The same `key` on the same ticket is the same step: done once. `message_id`: a message that
    becomes part of the ticket. `tell`: whether the resident is told now, in a message of its own
    (a chat that answers with its own words says it there). `department`: the code of the body that
    handles it from now on.
    """
    async with db.transaction() as session:
        found = await session.exec(select(Ticket).where(Ticket.number == number).with_for_update())
        ticket = found.first()
        if ticket is None:
            raise TicketError(f"没有编号为 {number} 的工单")
        if key and await _made(session, ticket, key):
            return ticket
        transition = _allowed(city, ticket, action, actor)
        if transition.needs_note and not note.strip():
            raise TicketError(f"{action} 需要写明说明（--note）")
        target = transition.to or ticket.state
        if department is not None:
            body = city.departments.get(department)
            if body is None:
                raise TicketError(f"没有代码为 {department} 的承办单位（见 departments.yml）")
            if not may_handle(city, ticket.topic, body):
                raise TicketError(f"应由职能部门办理的不派给基层：{body.name}可以协办，不能主办")
            ticket.department = department
        handler = city.departments.get(ticket.department or "")
        told = (
            transition.tell(
                number=number,
                note=note,
                status=city.lifecycle.states[target].label,
                department=handler.name if handler else "承办单位",
            )
            or ""
        )
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
            note=note,
            told=told if tell else "",
        )
        session.add(event)
        await pass_on(db, session, ticket, event)
        ticket.state = target
        ticket.version += 1
        ticket.updated_at = now()
        if message_id is not None:
            await session.merge(TicketMessage(ticket_id=_id(ticket), message_id=message_id))
        if told and tell and ticket.resident_id is not None:
            resident = await session.get_one(Resident, ticket.resident_id)
            conversation = await conversation_of(session, resident)
            await say(db, session, conversation, [Outbound(told)], author=Author.SYSTEM)
        return ticket


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
        f"{ticket.number} 现在是“{state}”，{actor.role} 不能 {action}；可以：{possible or '无'}"
    )


async def timeline(session: AsyncSession, ticket: Ticket) -> list[TicketEvent]:
    """All steps of a ticket, oldest first."""
    found = await session.exec(
        select(TicketEvent)
        .where(TicketEvent.ticket_id == _id(ticket))
        .order_by(col(TicketEvent.seq))
    )
    return list(found)


def _own(conversation_id: int) -> SelectOfScalar[Ticket]:
    return (
        select(Ticket)
        .join(Conversation, col(Conversation.resident_id) == col(Ticket.resident_id))
        .where(Conversation.id == conversation_id)
    )


async def tickets_of(
    session: AsyncSession, conversation_id: int, *, limit: int = 5
) -> list[Ticket]:
    """The newest tickets of the resident of a conversation."""
    found = await session.exec(_own(conversation_id).order_by(col(Ticket.id).desc()).limit(limit))
    return list(found)


async def ticket_of(session: AsyncSession, conversation_id: int, number: str) -> Ticket | None:
    """The resident's own ticket of that number. Someone else's is as unknown as none at all."""
    found = await session.exec(_own(conversation_id).where(Ticket.number == number))
    return found.first()


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
