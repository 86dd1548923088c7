"""Taking down what a resident says of how a ticket was handled, and doing what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.city import City, Role
from desk.database import Database, now
from desk.tickets.alerts import call_supervisor
from desk.tickets.handling import BY_ITSELF, Actor, act_within, locked_ticket
from desk.tickets.reviews.answer import LEVELS, Answer, Follows, what_follows
from desk.tickets.reviews.tables import TicketReview
from desk.tickets.tables import Ticket, TicketEvent

# Longer comments are cut; the message itself is part of the ticket.
LONGEST_COMMENT = 1000
ALERT = "dissatisfied"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The ticket after it, all that the resident said of this handling, and what followed."""

    ticket: Ticket
    answer: Answer
    follows: Follows


async def give_review(
    db: Database,
    city: City,
    number: str,
    answer: Answer,
    actor: Actor,
    *,
    source: str,
    message_id: int | None = None,
) -> Reviewed:
    """Takes an answer down, on top of an earlier one about the same handling. The first discontent
    sends the ticket back to be done again, a further one to a person. Raises TicketError.

    The same message gives the same answer: once. In the chat (`source` "chat") the resident is
    answered there and told nothing else.
    """
    tell = source != "chat"
    key = f"review:{message_id}" if message_id is not None else None
    async with db.transaction() as session:
        ticket = await locked_ticket(session, number)
        if key and (known := await _known(session, ticket, key)):
            return known
        handled = await _handled(session, ticket)
        review = await _review(session, ticket, handled)
        said = answer.after(_answer(review)) if review else answer
        note = described(answer)
        await act_within(
            db,
            session,
            city,
            number,
            "review",
            actor,
            note=note,
            key=key,
            message_id=message_id,
            tell=tell,
        )
        review = review or TicketReview(
            ticket_id=ticket.id or 0, round=handled, given_by=actor.name, source=source
        )
        review.department = ticket.department
        review.contacted, review.solved = said.contacted, said.solved
        review.satisfaction = said.satisfaction
        review.comment = said.comment[:LONGEST_COMMENT]
        review.given_by, review.source, review.at = actor.name, source, now()
        session.add(review)
        follows = what_follows(answer, handled)
        if follows is Follows.REDO:
            by = Actor(actor.name, Role.SYSTEM)
            await act_within(db, session, city, number, "redo", by, note=note, tell=tell)
        if follows is Follows.PERSON:
            why = f"重办后居民仍不满意：{note}"
            await act_within(db, session, city, number, "supervise", BY_ITSELF, note=why)
            await call_supervisor(session, ticket, ALERT, message_id)
        return Reviewed(ticket, said, follows)


async def half_answered(
    session: AsyncSession, tickets: Sequence[Ticket], answer: Answer, since: datetime
) -> Ticket | None:
    """The ticket whose review, given after `since`, lacks just the half that the answer says: whether
    it was solved, or how satisfied the resident is."""
    missing = {(True, False): TicketReview.solved, (False, True): TicketReview.satisfaction}
    column = missing.get((answer.solved is not None, answer.satisfaction is not None))
    if column is None:
        return None
    known = {ticket.id: ticket for ticket in tickets}
    found = await session.exec(
        select(TicketReview.ticket_id)
        .where(
            col(TicketReview.ticket_id).in_(known),
            col(TicketReview.at) > since,
            col(column).is_(None),
        )
        .order_by(col(TicketReview.at).desc())
        .limit(1)
    )
    return known.get(found.first())


def described(answer: Answer) -> str:
    """An answer in the words of the timeline."""
    parts = [LEVELS[answer.satisfaction - 1]] if answer.satisfaction else []
    if answer.solved is not None:
        parts.append("已解决" if answer.solved else "未解决")
    if answer.contacted is not None:
        parts.append("已联系居民" if answer.contacted else "未联系居民")
    head = "，".join(parts)
    return f"{head}：{answer.comment}" if head and answer.comment else head or answer.comment


async def _known(session: AsyncSession, ticket: Ticket, key: str) -> Reviewed | None:
    """What became of a review that was taken down already."""
    made = (TicketEvent.ticket_id == ticket.id, TicketEvent.key == key)
    given = (await session.exec(select(TicketEvent.seq).where(*made))).first()
    if given is None:
        return None
    found = await session.exec(
        select(TicketEvent.action).where(
            TicketEvent.ticket_id == ticket.id, TicketEvent.seq == given + 1
        )
    )
    steps = {"redo": Follows.REDO, "supervise": Follows.PERSON}
    rows = await session.exec(
        select(TicketReview)
        .where(TicketReview.ticket_id == ticket.id)
        .order_by(col(TicketReview.round).desc())
        .limit(1)
    )
    last = rows.one()
    return Reviewed(ticket, _answer(last), steps.get(found.first() or "", Follows.NOTHING))


async def _handled(session: AsyncSession, ticket: Ticket) -> int:
    """How often the ticket was handled, this time included."""
    redone = await session.exec(
        select(func.count()).where(TicketEvent.ticket_id == ticket.id, TicketEvent.action == "redo")
    )
    return redone.one() + 1


async def _review(session: AsyncSession, ticket: Ticket, handled: int) -> TicketReview | None:
    found = await session.exec(
        select(TicketReview).where(
            TicketReview.ticket_id == ticket.id, TicketReview.round == handled
        )
    )
    return found.first()


def _answer(review: TicketReview) -> Answer:
    return Answer(review.contacted, review.solved, review.satisfaction, review.comment)
