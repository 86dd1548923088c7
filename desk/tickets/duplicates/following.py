"""What a step means for the tickets that were joined to this one (并单)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.city import City, Role, Transition
from desk.tickets.masking import masked
from desk.tickets.tables import Ticket, TicketEvent

# Steps of the lifecycle that a joined ticket makes by itself: it hears of the main one, has its
# result, and goes on by itself (拆单).
FOLLOW = "follow"
RESOLVE_JOINED = "resolve_joined"
UNMERGE = "unmerge"


@dataclass(frozen=True, slots=True)
class Following:
    """A step of a joined ticket that follows from one of its main ticket."""

    number: str
    action: str
    note: str
    key: str


async def steps_that_follow(
    session: AsyncSession, city: City, main: Ticket, transition: Transition, event: TicketEvent
) -> list[Following]:
    """Their residents hear of a step when its resident does; the result is theirs too, to be reviewed
    by each; and when it ends without one, they go on by themselves."""
    lifecycle = city.lifecycle
    result = lifecycle.transitions[RESOLVE_JOINED]
    ends = lifecycle.states[event.to_state].ended
    # What a resident may do concerns that resident alone.
    tells = transition.told is not None and Role.RESIDENT not in transition.roles
    if not (tells or ends):
        return []
    # A note of the system may be the resident's own words.
    note = masked(event.note) if event.role not in (Role.SYSTEM, Role.RESIDENT) else ""
    status = lifecycle.states[event.to_state].label
    if ends:
        action, words = UNMERGE, f"主单{status}"
    elif event.to_state == result.to != event.from_state:
        action, words = RESOLVE_JOINED, note or status
    else:
        action, words = FOLLOW, f"{transition.label}，{city.handler_name(main.department)}"
        words += f"：{note}" if note else ""
    joined = await session.exec(
        select(Ticket.number)
        .where(Ticket.main_id == main.id, col(Ticket.state).in_(result.sources))
        .order_by(col(Ticket.id))
    )
    key = f"main:{main.id}:{event.seq}"
    return [Following(number, action, words, key) for number in joined]
