"""What the resident says of a matter that was handled (回访、好差评), and agreeing that it is over."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import col, select

from actions import own_tickets
from actions.intake.substance import best_place, rest_of
from actions.intake.words import announced_type
from actions.outcome import Outcome, Services, say
from actions.review_words import agrees_to_close, read_answer
from actions.understanding import Understanding
from desk.city import Role
from desk.conversations.tables import Author, Message
from desk.database import now
from desk.tickets import Actor, TicketError, act
from desk.tickets.reviews.answer import LEVELS, Answer, Follows
from desk.tickets.reviews.giving import Reviewed, give_review, half_answered
from desk.tickets.tables import Ticket

# The lifecycle lets the system archive a ticket; here it does so on the resident's word.
ON_BEHALF = Actor("resident", Role.SYSTEM)
BEST_FIRST = LEVELS[::-1]
SOLVED = ("解决了", "没解决")
ANSWERS = (*LEVELS, *SOLVED)
# For so long after an answer further words are taken for a part of it.
FRESH = timedelta(hours=24)
# Longer words about a matter of its own are not taken for an answer.
LONGEST_ASIDE = 24
LONGEST = 80
# What these want is clear, whatever else is in them.
_CLEAR = (
    "ask_human",
    "ask_privacy",
    "ask_identity",
    "my_data",
    "withdraw",
    "cancel",
)


async def heard(services: Services, said: Understanding) -> Outcome | None:
    """The answer to a message that says how a matter was handled, or that it is over, while that is
    open; None when it is about something else. Read by rule: the model does not know what is awaited."""
    answer, over = read_answer(said.text), agrees_to_close(said.text)
    judges = answer is not None and (answer.solved is not None or answer.satisfaction is not None)
    if not (judges or over) or said.danger or said.matters or said.intent in _CLEAR:
        return None
    own = await own_tickets.own(services, said)
    asked = [ticket for ticket in own if _awaits(services, ticket)]
    if not asked:
        return await _agrees(services, said) if over and _being_handled(services, own) else None
    if _brings_another(said, asked):
        return None
    if said.intent == "urge" and _being_handled(services, own):
        return None
    return await rate(services, said)


async def heard_midway(services: Services, said: Understanding) -> Outcome | None:
    """The same while a draft is open, whose story the words could belong to as well: what names an
    answer or a ticket, or comes right after news of one."""
    if _bare(said.text) in ANSWERS or said.numbers or await _after_news(services, said):
        return await heard(services, said)
    return None


async def rate(services: Services, said: Understanding) -> Outcome:
    """The resident's word on a ticket that was handled. Discontent sends it back to be done again,
    or to a person when it was already."""
    own = await own_tickets.own(services, said)
    rateable = [ticket for ticket in own if own_tickets.may(services, ticket, "review")]
    if said.numbers:
        ticket = await own_tickets.named(services, said)
        if ticket is None:
            return say(services, "progress.unknown")
        if not own_tickets.may(services, ticket, "review"):
            return own_tickets.not_now(services, ticket)
    elif rateable:
        ticket = await _rated(services, rateable, said.text)
    else:
        return say(services, _nothing_to_rate(services, own))
    answer, over = read_answer(said.text), agrees_to_close(said.text)
    if answer is None and not over:
        words = own_tickets.words(ticket)
        return say(services, "rate.ask", *BEST_FIRST, number=ticket.number, words=words)
    world = services.world
    comment = "" if _bare(said.text) in ANSWERS else said.text.strip()
    given = answer or Answer()
    try:
        reviewed = await give_review(
            world.db,
            world.city,
            ticket.number,
            Answer(given.contacted, given.solved, given.satisfaction, comment),
            own_tickets.RESIDENT,
            source="chat",
            message_id=said.message_id,
        )
        if over and reviewed.follows is Follows.NOTHING:
            await act(
                world.db,
                world.city,
                ticket.number,
                "close",
                ON_BEHALF,
                note="居民同意结案",
                key=f"close:{said.message_id}",
                tell=False,
            )
            return say(services, "rate.closed", number=ticket.number)
    except TicketError:
        return own_tickets.not_now(services, ticket)
    return _thanks(services, reviewed)


async def _rated(services: Services, rateable: list[Ticket], text: str) -> Ticket:
    """Which of the tickets that can be rated a text is about: the one whose other half was just
    asked, else one that nobody answered yet."""
    if answer := read_answer(text):
        since = now() - FRESH
        async with services.world.db.transaction() as session:
            half = await half_answered(session, rateable, answer, since)
        if half is not None:
            return half
    asked = [ticket for ticket in rateable if _unanswered(services, ticket)]
    return own_tickets.likeliest(asked or rateable, text)


def _thanks(services: Services, reviewed: Reviewed) -> Outcome:
    """What follows; and the one thing more that is worth asking."""
    number = reviewed.ticket.number
    if reviewed.follows is Follows.REDO:
        return say(services, "rate.redo", number=number)
    if reviewed.follows is Follows.PERSON:
        return say(services, "rate.person", number=number)
    if reviewed.answer.satisfaction is None:
        return say(services, "rate.how", *BEST_FIRST, number=number)
    if reviewed.answer.solved is None:
        return say(services, "rate.solved", *SOLVED, number=number)
    return say(services, "rate.done", number=number)


def _bare(text: str) -> str:
    """A button's words, as residents copy them from “回复【满意】”."""
    return text.strip().removeprefix("回复").strip("【】“”。")


async def _after_news(services: Services, said: Understanding) -> bool:
    """Whether what the resident was told last, before this message, came by itself."""
    async with services.world.db.transaction() as session:
        last = await session.exec(
            select(Message.author)
            .where(
                Message.conversation_id == said.conversation_id,
                Message.author != Author.RESIDENT,
                col(Message.id) < said.message_id,
            )
            .order_by(col(Message.seq).desc())
            .limit(1)
        )
        return last.first() == Author.SYSTEM


async def _agrees(services: Services, said: Understanding) -> Outcome:
    """That a matter still being handled may be ended: whoever handles it learns it."""
    return await own_tickets.step(services, said, "agree", "agreed", note=said.text)


def _awaits(services: Services, ticket: Ticket) -> bool:
    """Whether words about how it was handled can be about this ticket: nobody answered yet, or an
    answer was given a short while ago."""
    if not own_tickets.may(services, ticket, "review"):
        return False
    return _unanswered(services, ticket) or now() - ticket.updated_at < FRESH


def _unanswered(services: Services, ticket: Ticket) -> bool:
    return ticket.state != services.world.city.lifecycle.transitions["review"].to


def _being_handled(services: Services, own: list[Ticket]) -> bool:
    return any(own_tickets.may(services, ticket, "urge") for ticket in own)


def _brings_another(said: Understanding, asked: list[Ticket]) -> bool:
    """Whether a message is rather about a matter of its own: by its place, or at the same place by
    what is the matter there; by its length; or because it says so."""
    if announced_type(said.text):
        return True
    if place := best_place(said.places):
        rest = rest_of(said.text, said.places)
        pairs = {rest[i : i + 2] for i in range(len(rest) - 1)}
        there = [t.description for t in asked if place in f"{t.place} {t.description}"]
        if not any(pair in rest_of(told, said.places) for told in there for pair in pairs):
            return True
    return len(said.text) > (LONGEST_ASIDE if said.is_request else LONGEST)


def _nothing_to_rate(services: Services, own: list[Ticket]) -> str:
    if not own:
        return "rate.thanks"
    return "rate.over" if own_tickets.ended(services, own[0]) else "rate.none"
