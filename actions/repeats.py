"""A resident tells again what is in hand already: offered to be added to that ticket, and added."""

from __future__ import annotations

from actions.intake import Ask, Draft
from actions.intake.draft import Earlier
from actions.intake.questions import short
from actions.outcome import Services
from actions.understanding import Understanding
from connectors import Outbound
from desk.city import Role
from desk.conversations.tables import Conversation
from desk.tickets import Actor, TicketError
from desk.tickets.datum import to_wgs84
from desk.tickets.duplicates.score import told
from desk.tickets.duplicates.search import own_similar
from desk.tickets.handling import act_within
from desk.tickets.tables import TicketMessage

RESIDENT = Actor("resident", Role.RESIDENT)
SHOWN = 30
# What and where are known then, and nothing was asked in vain.
_READY = (Ask.PHONE, Ask.CONFIRMATION)
# A report of wrongdoing is not held against what its writer said under the own name.
_NEVER = ("violation", "praise")


async def offered(services: Services, draft: Draft, said: Understanding) -> Draft | None:
    """The draft with the question whether it is added to the resident's own ticket about the same
    matter; None when there is none, when it was asked already, or when life is in danger."""
    if draft.compared or draft.ask not in _READY or draft.type in _NEVER:
        return None
    if draft.anonymous or draft.urgent:
        return None
    city = services.world.city
    point = draft.point
    matter = told(
        city,
        description=draft.description,
        place=draft.place,
        topic=draft.topic,
        at=said.at,
        point=to_wgs84(point.latitude, point.longitude, point.system) if point else None,
    )
    async with services.world.db.transaction() as session:
        conversation = await session.get_one(Conversation, said.conversation_id)
        found = await own_similar(session, city, matter, conversation.resident_id)
    for match in found:
        ticket = match.ticket
        takes = city.lifecycle.after(ticket.state, "supplement", Role.RESIDENT)
        if takes and not ticket.confidential:
            earlier = Earlier(
                number=ticket.number,
                at=f"{ticket.created_at.astimezone(city.zone):%m月%d日}",
                words=short(ticket.description, SHOWN),
            )
            return draft.with_(ask=Ask.REPEAT, compared=True, earlier=earlier)
    return None


async def add(services: Services, draft: Draft, said: Understanding) -> Outbound | None:
    """Adds a draft to the ticket that the resident agreed to; None when there is none, or when it
    takes nothing more meanwhile."""
    if draft.earlier is None:
        return None
    world = services.world
    try:
        async with world.db.transaction() as session:
            ticket = await act_within(
                world.db,
                session,
                world.city,
                draft.earlier.number,
                "supplement",
                RESIDENT,
                note=draft.description,
                key=f"supplement:{said.message_id}",
                tell=False,
            )
            for message_id in draft.messages:
                part = TicketMessage(ticket_id=ticket.id or 0, message_id=message_id)
                await session.merge(part)
    except TicketError:
        return None
    return Outbound(
        world.city.say("supplement.done", number=ticket.number, words=draft.earlier.words)
    )
