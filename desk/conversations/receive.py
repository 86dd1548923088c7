"""Storing what a resident sent, before anyone acknowledges it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select, update

from connectors import Inbound, Kind, webchat
from desk.conversations.media import Kept
from desk.conversations.messages import append, key, open_line
from desk.conversations.tables import Author, Delivery, DeliveryState, Media, Message
from desk.database import Database, now


@dataclass(frozen=True, slots=True)
class Received:
    """Where a message was put. `repeated`: it was there already. `reply_until`: when this delivery's
    callback closes."""

    conversation_id: int
    message_id: int
    repeated: bool
    reply_until: datetime | None


async def receive(
    db: Database, inbound: Inbound, *, reply_seconds: float = 0, upload: Kept | None = None
) -> Received | None:
    """Stores a message and queues the turn that answers it, in one transaction.

    A message delivered again (same channel and external id) is the same row. `reply_seconds`: how
    long the platform keeps its callback open for a reply. `upload`: the file that came with the message.
    Returns None for news that is no message (the resident left).
    """
    async with db.transaction() as session:
        resident, conversation = await open_line(session, inbound.channel, inbound.user)
        if inbound.kind is Kind.UNFOLLOW:
            resident.reachable = False
            return None
        resident.reachable = True
        reply_until = now() + timedelta(seconds=reply_seconds) if reply_seconds else None
        known = await session.exec(
            select(Message).where(
                Message.channel == inbound.channel, Message.external_id == inbound.external_id
            )
        )
        if message := known.first():
            message.reply_until = reply_until
            return Received(
                message.conversation_id, key(message), repeated=True, reply_until=reply_until
            )
        conversation.heard_at = now()
        message = append(
            session,
            conversation,
            Author.RESIDENT,
            kind=inbound.kind.value,
            text=clean(inbound.text),
            payload=_payload(inbound),
            channel=inbound.channel,
            external_id=inbound.external_id,
            at=_sane(inbound.at),
            reply_until=reply_until,
        )
        await session.flush()
        if upload is not None:
            session.add(
                Media(
                    message_id=key(message),
                    path=upload.name,
                    content_type=upload.content_type,
                    size=upload.size,
                    fetched_at=now(),
                )
            )
        if inbound.media is not None:
            session.add(
                Media(
                    message_id=key(message),
                    reference=inbound.media.id,
                    content_type=inbound.media.content_type,
                )
            )
            await db.defer(
                session, "fetch_media", lock=f"media:{message.id}", message_id=message.id
            )
        if inbound.channel != webchat.CHANNEL:
            # The platform lets us speak again: what waited for this goes out first.
            await session.exec(
                update(Delivery)
                .where(
                    col(Delivery.conversation_id) == conversation.id,
                    col(Delivery.state) == DeliveryState.WAITING,
                )
                .values(state=DeliveryState.PENDING, due_at=reply_until)
            )
        await db.defer(
            session,
            "turn",
            lock=f"conversation:{conversation.id}",
            conversation_id=conversation.id,
        )
        return Received(key(conversation), key(message), repeated=False, reply_until=reply_until)


def clean(text: str) -> str:
    """A resident's words without what no database or page can hold: NUL and other control
    characters, and lone surrogates. Line breaks and tabs stay."""
    return "".join(
        c
        for c in text
        if (c >= " " or c in "\n\t") and c != "\x7f" and not "\ud800" <= c <= "\udfff"
    ).strip()


def _payload(inbound: Inbound) -> dict[str, Any]:
    if inbound.location is None:
        return {}
    place = inbound.location
    return {
        "location": {
            "latitude": place.latitude,
            "longitude": place.longitude,
            "label": clean(place.label),
            "system": place.system,
        }
    }


def _sane(at: datetime) -> datetime:
    """A platform's clock is trusted within a day; beyond it ours counts."""
    return at if abs(at - now()) < timedelta(days=1) else now()
