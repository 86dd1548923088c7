"""更正: place, phone or words of a ticket changed after it was handed in, with old and new on record."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import select

from desk.city import City
from desk.database import Database
from desk.tickets.dispatch import suggest
from desk.tickets.duplicates.search import keep_findable
from desk.tickets.handling import Actor, TicketError, act_within, locked_ticket
from desk.tickets.tables import Ticket, TicketEvent


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in words, with its point if there is one (degrees, in the `datum` of the platform)."""

    place: str | None
    latitude: float | None = None
    longitude: float | None = None
    datum: str | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to be otherwise; None where it stays. `phone` "" takes the number away."""

    spot: Spot | None = None
    phone: str | None = None
    words: str | None = None


async def correct(
    db: Database,
    city: City,
    number: str,
    correction: Correction,
    actor: Actor,
    *,
    message_id: int | None = None,
) -> tuple[Ticket, str]:
    """Corrects a ticket; what was changed, as the timeline has it. The same message corrects once.

    Words are never replaced: the correction is added to them. As long as the ticket was not sent to
    anyone, another place may make it another body's. Raises TicketError.
    """
    key = f"correct:{message_id}" if message_id is not None else None
    async with db.transaction() as session:
        ticket = await locked_ticket(session, number)
        if key is not None:
            made = await session.exec(
                select(TicketEvent.note).where(
                    TicketEvent.ticket_id == ticket.id, TicketEvent.key == key
                )
            )
            if (note := made.first()) is not None:
                return ticket, note
        if correction.phone and ticket.anonymous:
            raise TicketError(f"{number} 是匿名的，不留电话")
        changed = _changed(ticket, correction)
        note = "；".join(changed.values())
        if not note:
            raise TicketError(f"{number} 没有要更正的内容")
        await act_within(
            db,
            session,
            city,
            number,
            "correct",
            actor,
            note=note,
            key=key,
            message_id=message_id,
            tell=False,
        )
        _apply(city, ticket, correction, changed)
        await keep_findable(session, city, ticket)
        return ticket, note


def _changed(ticket: Ticket, correction: Correction) -> dict[str, str]:
    """What becomes otherwise, in words; numbers are not written out."""
    found: dict[str, str] = {}
    if correction.spot is not None:
        old, new = ticket.place or "未填", correction.spot.place or "发来的定位"
        found["spot"] = f"地点：{old} → {new}"
    if correction.phone is not None and correction.phone != (ticket.phone or ""):
        found["phone"] = f"电话：{_ending(ticket.phone)} → {_ending(correction.phone)}"
    if correction.words is not None:
        found["words"] = f"内容：{correction.words}"
    return found


def _apply(city: City, ticket: Ticket, correction: Correction, changed: dict[str, str]) -> None:
    if (spot := correction.spot) is not None:
        ticket.place = spot.place
        ticket.latitude, ticket.longitude, ticket.datum = spot.latitude, spot.longitude, spot.datum
    if correction.phone is not None:
        ticket.phone = correction.phone or None
    for part in ("spot", "words"):
        if part in changed:
            ticket.description += f"\n（更正）{changed[part]}"
    if ticket.state == city.lifecycle.initial:
        whose = suggest(city, ticket.topic, ticket.description, ticket.place)
        ticket.department, ticket.assisting = whose.department, list(whose.assisting)


def _ending(phone: str | None) -> str:
    return f"尾号{phone[-4:]}" if phone else "未留"
