"""Bringing what is in the outbox to the resident.

Two ways lead out. A platform that keeps its callback open (WeChat) gets what is ready in its reply:
`claim_passive`. Everything else is pushed by the `deliver` job, one message after the other in the
order of the conversation; what has to wait carries the time it is due, and the worker's sweep finds it
then. A message is marked before it is sent, so that what a killed process left
half done is seen: a push is then tried again, a passive reply only if the platform does not ask for
it again, which it does when it got none.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import func
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from connectors import Button, Channel, Outbound, Outcome, Receipt
from desk.conversations.messages import locked
from desk.conversations.receive import Received
from desk.conversations.tables import Conversation, Delivery, DeliveryState, Message
from desk.database import Database, now
from desk.residents.tables import Resident

log = logging.getLogger(__name__)

# Seconds between the tries of a push: quick for a hiccup, then 5 and 30 minutes and hourly as
# FixMyStreet does; after the last a person must look.
BACKOFF = (1, 5, 30, 300, 1800, *[3600] * 12)
# A passive reply that was claimed but not confirmed: WeChat repeats its callback within 5 s of its
# own time-out, three times in all. After that the push takes it.
PASSIVE_GRACE = timedelta(seconds=16)

CHANNEL_OFF = timedelta(minutes=1)

Pack = Callable[[Sequence[Outbound]], int]


async def deliver(db: Database, channels: Mapping[str, Channel], conversation_id: int) -> None:
    """Pushes what is pending in a conversation, in order. Runs under the delivery lock.

    Stops at the first message that cannot go now; what comes after it must not overtake it.
    """
    while True:
        async with db.transaction() as session:
            conversation = await locked(session, conversation_id)
            resident = await session.get_one(Resident, conversation.resident_id)
            found = await _next(session, conversation_id)
            if found is None:
                return
            delivery, message = found
            if delivery.due_at and delivery.due_at > now():
                return  # it is swept up then; what follows it must not overtake it
            channel = channels.get(resident.channel)
            if channel is None:
                # Perhaps on in another process, or tomorrow: what is to be said stays.
                delivery.reason = "the channel is off"
                delivery.due_at = now() + CHANNEL_OFF
                return
            if not resident.reachable:
                _mark(delivery, DeliveryState.UNREACHABLE, reason="the resident left the channel")
                continue
            _mark(delivery, DeliveryState.SENDING, via="push")
            delivery.due_at = None
            delivery.attempts += 1
        receipt = await channel.deliver(resident.account, outbound_of(message))
        async with db.transaction() as session:
            await locked(session, conversation_id)
            if not await _settle(session, message, receipt):
                return


async def claim_passive(session: AsyncSession, received: Received, pack: Pack) -> list[Message]:
    """What goes into the open callback of a received message: the longest run of pending messages
    that `pack` (how many of these fit) accepts, oldest first.

    Delivered again, the callback claims again what it claimed and nobody confirmed: the platform
    repeats it when no reply reached it. Of several at once, only the last one delivered claims.
    What was pushed or written out meanwhile is not claimed.
    """
    conversation = await locked(session, received.conversation_id)
    asked = await session.get_one(Message, received.message_id)
    if asked.reply_until != received.reply_until:
        return []
    via = f"passive:{received.message_id}"
    held = (col(Delivery.state) == DeliveryState.SENDING) & (col(Delivery.via) == via)
    found = await session.exec(
        select(Delivery, Message)
        .join(Message, col(Message.id) == col(Delivery.message_id))
        .where(
            Delivery.conversation_id == conversation.id,
            (col(Delivery.state) == DeliveryState.PENDING) | held,
        )
        .order_by(col(Message.seq))
    )
    rows = list(found)
    fits = pack([outbound_of(message) for _, message in rows])
    claimed: list[Message] = []
    for delivery, message in rows[:fits]:
        _mark(delivery, DeliveryState.SENDING, via=via)
        delivery.due_at = now() + PASSIVE_GRACE
        claimed.append(message)
    for delivery, _ in rows[fits:]:
        delivery.due_at = now()  # what does not fit is pushed next
    return claimed


async def confirm_passive(db: Database, message_id: int) -> None:
    """The reply to the callback of `message_id` was written out."""
    async with db.single() as session:
        await session.exec(
            update(Delivery)
            .where(
                col(Delivery.via) == f"passive:{message_id}",
                col(Delivery.state) == DeliveryState.SENDING,
            )
            .values(state=DeliveryState.SENT, updated_at=now())
        )


async def overdue(session: AsyncSession) -> list[int]:
    """The conversations with something to push that no job is about: the time of its first message
    has come, or the process that was sending it is gone."""
    is_open = col(Delivery.state).in_([DeliveryState.PENDING, DeliveryState.SENDING])
    first = (
        select(func.min(Delivery.message_id)).where(is_open).group_by(col(Delivery.conversation_id))
    )
    due_at = func.coalesce(Delivery.due_at, col(Delivery.updated_at) + PASSIVE_GRACE)
    found = await session.exec(
        select(Delivery.conversation_id).where(
            is_open, col(Delivery.message_id).in_(first), due_at <= now()
        )
    )
    return list(found)


def outbound_of(message: Message) -> Outbound:
    """A stored message as a channel takes it."""
    return Outbound(
        message.text, tuple(Button(text) for text in message.payload.get("buttons", ()))
    )


async def _next(session: AsyncSession, conversation_id: int) -> tuple[Delivery, Message] | None:
    found = await session.exec(
        select(Delivery, Message)
        .join(Message, col(Message.id) == col(Delivery.message_id))
        .where(
            Delivery.conversation_id == conversation_id,
            col(Delivery.state).in_([DeliveryState.PENDING, DeliveryState.SENDING]),
        )
        .order_by(col(Message.seq))
        .limit(1)
    )
    return found.first()


async def _settle(session: AsyncSession, message: Message, receipt: Receipt) -> bool:
    """Records the outcome; True when the next message may go."""
    delivery = await session.get_one(Delivery, message.id)
    if receipt.outcome is Outcome.SENT:
        _mark(delivery, DeliveryState.SENT)
        return True
    log.info("message %s was not delivered: %s %s", message.id, receipt.outcome, receipt.reason)
    if receipt.outcome is Outcome.FAILED:
        _mark(delivery, DeliveryState.FAILED, reason=receipt.reason)
        return True
    if receipt.outcome is Outcome.RETRY:
        if delivery.attempts > len(BACKOFF):
            _mark(delivery, DeliveryState.FAILED, reason=receipt.reason)
            return True
        _mark(delivery, DeliveryState.PENDING, reason=receipt.reason)
        wait = max(receipt.retry_after, BACKOFF[delivery.attempts - 1])
        delivery.due_at = now() + timedelta(seconds=wait)
        return False
    unreachable = receipt.outcome is Outcome.UNREACHABLE
    state = DeliveryState.UNREACHABLE if unreachable else DeliveryState.WAITING
    await session.exec(
        update(Delivery)
        .where(
            col(Delivery.conversation_id) == message.conversation_id,
            col(Delivery.state).in_([DeliveryState.PENDING, DeliveryState.SENDING]),
        )
        .values(state=state, reason=receipt.reason, updated_at=now())
    )
    if unreachable:
        conversation = await session.get_one(Conversation, message.conversation_id)
        resident = await session.get_one(Resident, conversation.resident_id)
        resident.reachable = False
    return False


def _mark(
    delivery: Delivery, state: DeliveryState, *, via: str | None = None, reason: str = ""
) -> None:
    delivery.state = state
    delivery.via = via or delivery.via
    delivery.reason = reason
    delivery.updated_at = now()
