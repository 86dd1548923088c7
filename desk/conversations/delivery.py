"""Bringing what is in the outbox to the resident.

Two ways lead out. A platform that keeps its callback open (WeChat) gets what is ready in its reply:
`claim_passive`. Everything else is pushed by the `deliver` job, one message after the other in the
order of the conversation. A message is marked before it is sent, so that what a killed process left
half done is seen: a push is then tried again, a passive reply only if the platform does not ask for
it again, which it does when it got none.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from connectors import Button, Channel, Outbound, Outcome, Receipt
from desk.conversations.messages import locked
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
                return  # its own job comes then; what follows it must not overtake it
            held = delivery.state == DeliveryState.SENDING and delivery.via != "push"
            if held and now() - delivery.updated_at < PASSIVE_GRACE:
                await _again(db, session, conversation_id, PASSIVE_GRACE.total_seconds())
                return
            channel = channels.get(resident.channel)
            if channel is None:
                _mark(delivery, DeliveryState.FAILED, reason="the channel is off")
                continue
            if not resident.reachable:
                _mark(delivery, DeliveryState.UNREACHABLE, reason="the resident left the channel")
                continue
            _mark(delivery, DeliveryState.SENDING, via="push")
            delivery.attempts += 1
        receipt = await channel.deliver(resident.account, outbound_of(message))
        async with db.transaction() as session:
            await locked(session, conversation_id)
            if not await _settle(db, session, message, receipt):
                return


async def claim_passive(
    session: AsyncSession, conversation_id: int, message_id: int, pack: Pack
) -> list[Message]:
    """What goes into the open callback of `message_id`: the longest run of pending messages that
    `pack` (how many of these fit) accepts, oldest first.

    The same callback delivered again claims the same messages: the platform repeats it only when no
    reply reached it. Messages that were pushed meanwhile are not claimed.
    """
    conversation = await locked(session, conversation_id)
    via = f"passive:{message_id}"
    found = await session.exec(
        select(Delivery, Message)
        .join(Message, col(Message.id) == col(Delivery.message_id))
        .where(
            Delivery.conversation_id == conversation.id,
            (col(Delivery.state) == DeliveryState.PENDING) | (col(Delivery.via) == via),
        )
        .order_by(col(Message.seq))
    )
    rows = list(found)
    fits = pack([outbound_of(message) for _, message in rows])
    claimed: list[Message] = []
    for delivery, message in rows[:fits]:
        _mark(delivery, DeliveryState.SENDING, via=via)
        claimed.append(message)
    return claimed


async def confirm_passive(db: Database, conversation_id: int, message_id: int) -> None:
    """The reply to the callback of `message_id` was written out; what did not fit is pushed now."""
    async with db.transaction() as session:
        await session.exec(
            update(Delivery)
            .where(
                col(Delivery.via) == f"passive:{message_id}",
                col(Delivery.state) == DeliveryState.SENDING,
            )
            .values(state=DeliveryState.SENT, updated_at=now())
        )
        await session.exec(
            update(Delivery)
            .where(
                col(Delivery.conversation_id) == conversation_id,
                col(Delivery.state) == DeliveryState.PENDING,
            )
            .values(due_at=None)
        )
        await db.defer(
            session, "deliver", lock=f"deliver:{conversation_id}", conversation_id=conversation_id
        )


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


async def _settle(db: Database, session: AsyncSession, message: Message, receipt: Receipt) -> bool:
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
        await _again(db, session, message.conversation_id, wait)
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


async def _again(db: Database, session: AsyncSession, conversation_id: int, seconds: float) -> None:
    await db.defer(
        session,
        "deliver",
        lock=f"deliver:{conversation_id}",
        at=now() + timedelta(seconds=seconds),
        conversation_id=conversation_id,
    )


def _mark(
    delivery: Delivery, state: DeliveryState, *, via: str | None = None, reason: str = ""
) -> None:
    delivery.state = state
    delivery.via = via or delivery.via
    delivery.reason = reason
    delivery.updated_at = now()
