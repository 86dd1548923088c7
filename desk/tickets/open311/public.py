"""What anyone may see of a ticket: what sort of thing, roughly where, how far it is. Nothing of whose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from desk.city import City, Lifecycle, PlaceKind, category_of
from desk.tickets.datum import to_wgs84
from desk.tickets.masking import masked_for_all
from desk.tickets.open311.tables import Open311Request
from desk.tickets.tables import Ticket

# About public things. What someone needs help with, or asks, says too much about them with its place.
PLACED_TYPES = ("incident", "complaint", "suggestion")
# A village or an estate is a home to few.
COARSE = frozenset(PlaceKind) - {PlaceKind.ESTATE, PlaceKind.VILLAGE}
# Three decimals of a degree are some hundred metres.
DECIMALS = 3


@dataclass(frozen=True, slots=True)
class PublicRequest:
    """A ticket as everyone may see it. Moments are aware; the point is WGS-84, degrees, rounded."""

    number: str
    closed: bool
    state: str
    state_name: str
    type: str
    service_code: str
    service_name: str
    description: str | None
    agency: str | None
    requested_at: datetime
    updated_at: datetime
    address: str | None
    latitude: float | None
    longitude: float | None


def closed_states(lifecycle: Lifecycle) -> frozenset[str]:
    """The states that are closed to Open311, which knows only open and closed: where a ticket ends,
    and where it can only be done again (重办)."""
    redo = lifecycle.transitions.get("redo")
    ended = {code for code, state in lifecycle.states.items() if state.ended}
    return frozenset(ended | set(redo.sources if redo else ()))


def public(city: City, ticket: Ticket, request: Open311Request | None) -> PublicRequest:
    """What may be shown of a ticket that is not confidential.

    Its words only when they came through an application that publishes, and then without numbers,
    addresses and homes: what people tell the hotline is not meant for everyone.
    """
    if ticket.confidential or ticket.anonymous:
        raise ValueError("a confidential ticket is never shown")
    category = category_of(city, ticket.topic)
    placed = bool(category and category.needs_place and ticket.type in PLACED_TYPES)
    latitude = longitude = None
    if placed and ticket.latitude is not None and ticket.longitude is not None:
        point = to_wgs84(ticket.latitude, ticket.longitude, ticket.datum)
        latitude, longitude = (round(degrees, DECIMALS) for degrees in point)
    department = city.departments.get(ticket.department or "")
    return PublicRequest(
        number=ticket.number,
        closed=ticket.state in closed_states(city.lifecycle),
        state=ticket.state,
        state_name=city.lifecycle.states[ticket.state].label,
        type=ticket.type,
        service_code=category.code if category else "",
        service_name=category.name if category else "",
        description=masked_for_all(ticket.description) if request and request.publishes else None,
        agency=department.name if department else None,
        requested_at=ticket.created_at,
        updated_at=ticket.updated_at,
        address=_coarse(city, ticket.place or "") if placed else None,
        latitude=latitude,
        longitude=longitude,
    )


def _coarse(city: City, place: str) -> str | None:
    """The names of the gazetteer in a place, from the left, without house numbers and homes."""
    found: list[tuple[int, str]] = []
    rest = place
    for name in sorted({p.name for p in city.places if p.kind in COARSE}, key=len, reverse=True):
        at = rest.find(name)
        if at >= 0:
            found.append((at, name))
            rest = rest[:at] + "\0" * len(name) + rest[at + len(name) :]
    return "".join(name for _, name in sorted(found)) or None
