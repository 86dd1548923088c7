"""Correcting a ticket that was handed in: “地址写错了，应该是人民路21号”, “电话换成…”."""

from __future__ import annotations

from actions import own_tickets
from actions.intake import Ask, Draft
from actions.intake.corrections import correct, corrected_place, wrong_part
from actions.intake.substance import best_place
from actions.intake.words import corrects_nothing_yet, names_a_place
from actions.outcome import Outcome, Services, say
from actions.understanding import Understanding
from desk.tickets import TicketError, correcting
from desk.tickets.correcting import Correction, Spot
from desk.tickets.tables import Ticket


async def amend(services: Services, said: Understanding) -> Outcome:
    """The ticket that is meant, with what the message corrects in it. What corrects no part that we
    know is added to the ticket in the resident's words."""
    ticket = await own_tickets.meant(services, said, "correct")
    if ticket is None:
        return own_tickets.no_ticket(services, said)
    if correction := _read(services, ticket, said):
        return await _correct(services, ticket, said, correction)
    part = wrong_part(said.text)
    if part is not None and corrects_nothing_yet(said.text):
        held = said.model_copy(update={"numbers": [ticket.number]})
        draft = Draft(type="other", ask=Ask.AMEND, held=held, touched=said.at)
        key = "amend.ask_phone" if part is Ask.PHONE else "amend.ask_place"
        return Outcome(say(services, key, number=ticket.number).replies, draft)
    done = "supplement.done"
    return await own_tickets.step(services, said, "supplement", done, note=said.text.strip())


async def amended(services: Services, asked: Understanding, said: Understanding) -> Outcome | None:
    """The answer to which part is right; None when it is none. `asked`: the message that said only
    what was wrong, with the ticket's number."""
    ticket = await own_tickets.named(services, asked)
    if ticket is None:
        return None
    if wrong_part(asked.text) is Ask.PHONE:
        found = Correction(phone=said.phones[-1]) if said.phones else None
    elif said.point is not None:
        found = Correction(spot=_spot(said))
    else:
        place = corrected_place(ticket.place, said.text, said.places) or best_place(said.places)
        place = place or (said.text.strip() if names_a_place(said.text) else None)
        found = Correction(spot=Spot(place)) if place else None
    return await _correct(services, ticket, said, found) if found else None


def _read(services: Services, ticket: Ticket, said: Understanding) -> Correction | None:
    """What a message corrects in a ticket, read as in a draft that is not handed in yet."""
    known = Draft(
        type=ticket.type,
        topic=ticket.topic,
        place=ticket.place,
        phone=ticket.phone,
        anonymous=ticket.anonymous,
        touched=said.at,
    )
    draft = correct(services.world.city, known, said)
    if draft is None:
        return None
    spot = None
    if said.point is not None:
        spot = _spot(said)
    elif draft.place != ticket.place:
        spot = Spot(draft.place)
    phone = (draft.phone or "") if draft.phone != ticket.phone else None
    words = "\n".join(draft.words) or None
    if spot is None and phone is None and words is None:
        return None
    return Correction(spot=spot, phone=phone, words=words)


def _spot(said: Understanding) -> Spot:
    point = said.point
    if point is None:
        raise ValueError("the message shares no location")
    return Spot(point.label or None, point.latitude, point.longitude, point.system)


async def _correct(
    services: Services, ticket: Ticket, said: Understanding, correction: Correction
) -> Outcome:
    if correction.phone and ticket.anonymous:
        return say(services, "amend.anonymous", number=ticket.number)
    world = services.world
    try:
        _, what = await correcting.correct(
            world.db,
            world.city,
            ticket.number,
            correction,
            own_tickets.RESIDENT,
            message_id=said.message_id,
        )
    except TicketError:
        return own_tickets.not_now(services, ticket)
    return say(services, "amend.done", number=ticket.number, what=what)
