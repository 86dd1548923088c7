"""The resident's own tickets: which one a message is about, and a step on it."""

from __future__ import annotations

from collections.abc import Sequence

from actions.intake.questions import short
from actions.outcome import Outcome, Services, say
from actions.understanding import Understanding
from desk.city import Role
from desk.tickets import Actor, TicketError, act, parse_ticket_number, ticket_of, tickets_of
from desk.tickets.tables import Ticket

RESIDENT = Actor("resident", Role.RESIDENT)
# So many of a resident's newest tickets are looked through for the one that is meant.
LOOKED_THROUGH = 50
SHOWN = 20


async def own(services: Services, said: Understanding) -> list[Ticket]:
    """The newest tickets of who wrote the message."""
    async with services.world.db.transaction() as session:
        return await tickets_of(session, said.conversation_id, limit=LOOKED_THROUGH)


async def named(services: Services, said: Understanding) -> Ticket | None:
    """The resident's own ticket among the numbers in the message."""
    async with services.world.db.transaction() as session:
        for written in said.numbers:
            number = parse_ticket_number(written)
            if number and (ticket := await ticket_of(session, said.conversation_id, number)):
                return ticket
    return None


async def meant(
    services: Services, said: Understanding, action: str | None = None
) -> Ticket | None:
    """The ticket that a message is about: the one it names; without a number the open one whose
    words are likest, else the newest. One that `action` can be done with comes first."""
    if said.numbers:
        return await named(services, said)
    still_open = [t for t in await own(services, said) if not ended(services, t)]
    able = [t for t in still_open if action is None or may(services, t, action)]
    return likeliest(able or still_open, said.text) if still_open else None


def likeliest(tickets: Sequence[Ticket], text: str) -> Ticket:
    """The ticket that shares most pairs of characters with a text; the newest of equals."""
    pairs = {text[i : i + 2] for i in range(len(text) - 1)}
    return max(tickets, key=lambda ticket: sum(pair in ticket.description for pair in pairs))


def ended(services: Services, ticket: Ticket) -> bool:
    """Whether nothing more can be done with a ticket."""
    return services.world.city.lifecycle.states[ticket.state].ended


def may(services: Services, ticket: Ticket, action: str) -> bool:
    """Whether its resident can do something with a ticket now."""
    return services.world.city.lifecycle.after(ticket.state, action, Role.RESIDENT) is not None


def words(ticket: Ticket) -> str:
    """A ticket in a few of the resident's words."""
    return short(ticket.description, SHOWN)


async def step(
    services: Services, said: Understanding, action: str, done: str, *, note: str, **values: str
) -> Outcome:
    """A step on the ticket that is meant, answered with `done`."""
    ticket = await meant(services, said, action)
    if ticket is None:
        return no_ticket(services, said)
    world = services.world
    try:
        await act(
            world.db,
            world.city,
            ticket.number,
            action,
            RESIDENT,
            note=note,
            key=f"{action}:{said.message_id}",
            message_id=said.message_id,
            tell=False,
        )
    except TicketError:
        return not_now(services, ticket)
    return say(services, done, number=ticket.number, words=words(ticket), **values)


def not_now(services: Services, ticket: Ticket) -> Outcome:
    """That a step cannot be made with the ticket as it is."""
    status = services.world.city.lifecycle.states[ticket.state].label
    return say(services, "tickets.not_now", number=ticket.number, status=status)


def no_ticket(services: Services, said: Understanding) -> Outcome:
    """That there is no ticket that could be meant."""
    return say(services, "progress.unknown" if said.numbers else "tickets.none_open")
