"""Telling people that a ticket needs one of them."""

from __future__ import annotations

from sqlmodel.ext.asyncio.session import AsyncSession

from desk.conversations.handoff import alert
from desk.conversations.messages import conversation_of
from desk.residents.tables import Resident
from desk.tickets.tables import Ticket


async def call_supervisor(
    session: AsyncSession, ticket: Ticket, kind: str, message_id: int | None
) -> None:
    """An alert about a ticket, at its resident's conversation. A ticket that came from elsewhere has
    none; there its timeline says it."""
    if ticket.resident_id is None:
        return
    resident = await session.get_one(Resident, ticket.resident_id)
    conversation = await conversation_of(session, resident)
    detail = {"ticket": ticket.number}
    await alert(session, conversation, kind, message_id=message_id, detail=detail)
