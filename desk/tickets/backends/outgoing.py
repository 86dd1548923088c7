"""What leaves of a ticket (PIPL art. 6: no more than the purpose needs)."""

from __future__ import annotations

from desk.city import City, category_of
from desk.tickets.backends.base import OutgoingStep, OutgoingTicket
from desk.tickets.datum import to_wgs84
from desk.tickets.masking import masked
from desk.tickets.tables import Ticket, TicketEvent

# In place of what a confidential ticket says: who handles it asks the hotline, under its number.
WITHHELD = "保密工单，内容请凭编号向热线中心调阅。"


def outgoing_ticket(city: City, ticket: Ticket, *, trusted: bool, key: str = "") -> OutgoingTicket:
    """The ticket as a platform gets it.

    A name is never known. Telephone numbers and the like, in the words too, go to a trusted platform
    only. Of a confidential ticket (举报、匿名) another one gets number, type and topic, but neither
    words nor place: they can tell who wrote them (GB/T 33358-2016: 保密).
    """
    hidden = ticket.confidential and not trusted
    category = category_of(city, ticket.topic)
    latitude = longitude = None
    if ticket.latitude is not None and ticket.longitude is not None and not hidden:
        latitude, longitude = to_wgs84(ticket.latitude, ticket.longitude, ticket.datum)
    return OutgoingTicket(
        key=key or ticket.number,
        number=ticket.number,
        type=ticket.type,
        topic=ticket.topic,
        topic_name=city.topic_name(ticket.topic),
        service_code=(category.service_code or category.code) if category else ticket.topic,
        description=_words(ticket, ticket.description, trusted=trusted),
        urgency=ticket.urgency,
        confidential=ticket.confidential,
        department=ticket.department,
        assisting=tuple(ticket.assisting),
        place=None if hidden else ticket.place,
        latitude=latitude,
        longitude=longitude,
        phone=ticket.phone if trusted else None,
        created_at=ticket.created_at,
    )


def outgoing_step(
    city: City, ticket: Ticket, event: TicketEvent, *, trusted: bool, key: str
) -> OutgoingStep:
    """A step as a platform gets it. What was said with it stays here under the same rule."""
    transition = city.lifecycle.transitions.get(event.action)
    return OutgoingStep(
        key=key,
        ticket=outgoing_ticket(city, ticket, trusted=trusted, key=key),
        action=event.action,
        label=transition.label if transition else event.action,
        role=event.role,
        note=_words(ticket, event.note, trusted=trusted) if event.note else "",
        at=event.at,
    )


def _words(ticket: Ticket, text: str, *, trusted: bool) -> str:
    if trusted:
        return text
    return WITHHELD if ticket.confidential else masked(text)
