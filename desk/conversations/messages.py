"""Writing into a conversation. Whoever writes holds the conversation's row: messages are numbered in
the order they commit, so a reader who asks for what comes after a number misses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from connectors import Outbound, webchat
from desk.conversations.tables import Author, Conversation, Delivery, DeliveryState, Message
from desk.database import Database, now
from desk.residents import resident_of
from desk.residents.tables import Resident


async def locked(session: AsyncSession, conversation_id: int) -> Conversation:
    """The conversation, held until the transaction ends. Raises NoResultFound when there is none."""
    found = await session.exec(
        select(Conversation).where(Conversation.id == conversation_id).with_for_update()
    )
    return found.one()


async def held(session: AsyncSession, message: Message) -> tuple[Conversation, Message]:
    """A message of a resident as it stands, with its conversation held; the resident is loaded."""
    found = await session.exec(
        select(Conversation, Message, Resident)
        .join(Message, col(Message.conversation_id) == Conversation.id)
        .join(Resident, col(Resident.id) == Conversation.resident_id)
        .where(Message.id == message.id)
        # Both: of a table that is only joined, a waiter would see the row as it was before the wait.
        .with_for_update(of=[Conversation, Message])
    )
    conversation, current, _ = found.one()
    return conversation, current


async def open_line(
    session: AsyncSession, channel: str, account: str
) -> tuple[Resident, Conversation]:
    """The resident behind an account and their conversation, made when new; the conversation is
    held until the transaction ends."""
    found = await session.exec(
        select(Resident, Conversation)
        .join(Conversation, col(Conversation.resident_id) == Resident.id)
        .where(Resident.channel == channel, Resident.account == account)
        .with_for_update(of=Conversation)
    )
    if known := found.first():
        return known
    resident = await resident_of(session, channel, account)
    return resident, await conversation_of(session, resident)


async def conversation_of(session: AsyncSession, resident: Resident) -> Conversation:
    """The resident's one conversation, made when new, held until the transaction ends."""
    await session.exec(
        insert(Conversation)
        .values(resident_id=resident.id, mode="bot", last_seq=0, created_at=now())
        .on_conflict_do_nothing(index_elements=["resident_id"])
    )
    found = await session.exec(
        select(Conversation).where(Conversation.resident_id == resident.id).with_for_update()
    )
    return found.one()


def append(
    session: AsyncSession, conversation: Conversation, author: Author, **fields: Any
) -> Message:
    """Adds a message at the end of a held conversation; it has its id after the next flush."""
    conversation.last_seq += 1
    message = Message(
        conversation_id=key(conversation), seq=conversation.last_seq, author=author, **fields
    )
    session.add(message)
    return message


async def say(  # noqa: PLR0913 - each is a column of what is written
    db: Database,
    session: AsyncSession,
    conversation: Conversation,
    outbound: Sequence[Outbound],
    *,
    author: Author = Author.BOT,
    reply_to: int | None = None,
    first_part: int = 0,
    deliver_at: datetime | None = None,
) -> list[Message]:
    """Puts messages to the resident into the outbox, and queues their delivery, in this transaction.

    Empty texts are skipped. `deliver_at`: a reply in the platform's open callback is tried until
    then; only later is it pushed.
    """
    resident = await session.get_one(Resident, conversation.resident_id)
    pushes = resident.channel != webchat.CHANNEL  # the web chat comes and takes its messages
    pieces = [
        piece for item in outbound if item.text.strip() for piece in cut(resident.channel, item)
    ]
    messages = [
        append(
            session,
            conversation,
            author,
            text=piece.text,
            payload={"buttons": [b.text for b in piece.buttons]} if piece.buttons else {},
            reply_to=reply_to,
            part=None if reply_to is None else part,
        )
        for part, piece in enumerate(pieces, start=first_part)
    ]
    await session.flush()
    session.add_all(
        Delivery(
            message_id=key(message),
            conversation_id=key(conversation),
            state=DeliveryState.PENDING if pushes else DeliveryState.WAITING,
            due_at=deliver_at,
        )
        for message in messages
    )
    if messages and pushes and deliver_at is None:
        await db.defer(
            session,
            "deliver",
            lock=f"deliver:{conversation.id}",
            conversation_id=conversation.id,
        )
    return messages


def cut(channel: str, message: Outbound) -> list[Outbound]:
    """A message as the pieces that its channel can carry: each is stored and sent by itself."""
    # The platforms' libraries are large, and most commands of staff do without them.
    if channel == "wechat":
        from connectors import wechat  # noqa: PLC0415

        return [Outbound(text) for text in wechat.parts(message)]
    if channel == "telegram":
        from connectors import telegram  # noqa: PLC0415

        return telegram.parts(message)
    return [message]


async def unanswered(session: AsyncSession, conversation_id: int) -> tuple[Message, str] | None:
    """The oldest message of the resident that nobody answered yet, and who is to answer."""
    found = await session.exec(
        select(Message, Conversation.mode)
        .join(Conversation, col(Conversation.id) == Message.conversation_id)
        .where(
            Message.conversation_id == conversation_id,
            Message.author == Author.RESIDENT,
            col(Message.answered_at).is_(None),
        )
        .order_by(col(Message.seq))
        .limit(1)
    )
    return found.first()


def key(row: Conversation | Message) -> int:
    """The id of a stored row."""
    if row.id is None:
        raise ValueError("the row is not stored yet")
    return row.id
