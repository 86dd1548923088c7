"""From the bot to people and back: `bot → queued → human → bot | closed`.

Every change is made while holding the conversation's row, so two members of staff who click at the
same moment get one owner, and a bot turn under way sees who has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import NoResultFound
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from connectors import Outbound
from desk.city import City
from desk.conversations.messages import key, locked, say
from desk.conversations.tables import Alert, Author, Conversation, Message, Mode
from desk.database import Database, now

DESK_CHANNEL = "yingsheng_desk"
_GIVES_UP = re.compile(
    r"^(算了[,，。 ]*)?(我?不等了?|算了|取消(排队)?|不用(人工|了)|不转(人工)?了?|返回)[吧啊。!！了]*"
    r"([,，。 ]*(谢谢|再见)[你您]?)?[。!！]*$"
)


class UnknownConversationError(Exception):
    """There is no such conversation."""


class TakenError(Exception):
    """Someone else has the conversation; `owner` is who."""

    def __init__(self, owner: str) -> None:
        super().__init__(f"the conversation is with {owner}")
        self.owner = owner


@dataclass(frozen=True, slots=True)
class Waiting:
    """A conversation that needs a person: who has it, since when, and why."""

    conversation_id: int
    mode: str
    owner: str | None
    queued_at: datetime | None
    alerts: list[str]


def gives_up(text: str) -> bool:
    """Whether a resident in the queue no longer wants to wait for a person."""
    return bool(_GIVES_UP.match(text.strip()))


async def request(
    db: Database,
    city: City,
    conversation_id: int,
    *,
    message_id: int,
    kind: str,
    detail: dict[str, Any],
) -> None:
    """The resident wants a person: an alert with what is known, and the queue. Doing it twice for a
    message is doing it once."""
    async with db.transaction() as session:
        conversation = await locked(session, conversation_id)
        await alert(session, conversation, kind, message_id=message_id, detail=detail)
        await enqueue(db, city, session, conversation)


async def enqueue(
    db: Database, city: City, session: AsyncSession, conversation: Conversation
) -> None:
    """Puts a held conversation into the queue for people; the bot takes it back after the city's
    waiting time if nobody came."""
    if conversation.mode in (Mode.QUEUED, Mode.HUMAN):
        return
    conversation.mode = Mode.QUEUED
    conversation.queued_at = now()
    await db.notify(session, DESK_CHANNEL, str(conversation.id))
    await db.defer(
        session,
        "queue_timeout",
        lock=f"queue:{conversation.id}",
        at=now() + timedelta(minutes=city.profile.queue_minutes),
        conversation_id=conversation.id,
        queued_at=conversation.queued_at.isoformat(),
    )


def back_to_bot(conversation: Conversation) -> None:
    """The bot answers again."""
    conversation.mode = Mode.BOT
    conversation.owner = None
    conversation.queued_at = None


async def alert(
    session: AsyncSession,
    conversation: Conversation,
    kind: str,
    *,
    message_id: int | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Something for a person to look at; once for each message and kind."""
    await session.exec(
        insert(Alert)
        .values(
            conversation_id=conversation.id,
            message_id=message_id,
            kind=kind,
            detail=detail or {},
            at=now(),
        )
        .on_conflict_do_nothing(index_elements=["message_id", "kind"])
    )


async def queue_timeout(db: Database, city: City, conversation_id: int, queued_at: str) -> None:
    """Nobody came in time: says so, offers to write it down as a ticket, and the bot goes on."""
    async with db.transaction() as session:
        conversation = await locked(session, conversation_id)
        since = conversation.queued_at
        if conversation.mode != Mode.QUEUED or since is None or since.isoformat() != queued_at:
            return
        back_to_bot(conversation)
        await say(
            db, session, conversation, [Outbound(city.say("handoff.timeout"))], author=Author.SYSTEM
        )


async def take(session: AsyncSession, conversation_id: int, staff: str) -> Conversation:
    """Gives the conversation to a member of staff, whatever mode it is in. Raises TakenError and
    UnknownConversationError."""
    conversation = await _existing(session, conversation_id)
    if conversation.mode == Mode.HUMAN and conversation.owner != staff:
        raise TakenError(conversation.owner or "")
    conversation.mode = Mode.HUMAN
    conversation.owner = staff
    await _handle_alerts(session, conversation_id, staff)
    return conversation


async def staff_reply(db: Database, conversation_id: int, staff: str, text: str) -> list[Message]:
    """A member of staff writes to the resident; that takes the conversation over. A long text is
    several messages, a blank one none. Raises TakenError and UnknownConversationError."""
    async with db.transaction() as session:
        conversation = await take(session, conversation_id, staff)
        return await say(db, session, conversation, [Outbound(text)], author=Author.STAFF)


async def close(db: Database, city: City, conversation_id: int, staff: str) -> None:
    """Ends the handling by people; the next message of the resident is the bot's again. Where nobody
    handles it, only its alerts are done with. Raises TakenError and UnknownConversationError."""
    async with db.transaction() as session:
        mode = (await _existing(session, conversation_id)).mode
        if mode not in (Mode.QUEUED, Mode.HUMAN):
            await _handle_alerts(session, conversation_id, staff)
            return
        conversation = await take(session, conversation_id, staff)
        back_to_bot(conversation)
        conversation.mode = Mode.CLOSED
        await say(
            db, session, conversation, [Outbound(city.say("handoff.closed"))], author=Author.SYSTEM
        )


async def waiting(session: AsyncSession) -> list[Waiting]:
    """What people must look at: queued and taken conversations, and open alerts; oldest first."""
    alerts = await session.exec(
        select(Alert).where(col(Alert.handled_at).is_(None)).order_by(col(Alert.at))
    )
    kinds: dict[int, list[str]] = {}
    for found in alerts:
        kinds.setdefault(found.conversation_id, []).append(found.kind)
    rows = await session.exec(
        select(Conversation)
        .where(
            col(Conversation.mode).in_([Mode.QUEUED, Mode.HUMAN]) | col(Conversation.id).in_(kinds)
        )
        .order_by(col(Conversation.queued_at).nulls_first())
    )
    return [
        Waiting(key(row), row.mode, row.owner, row.queued_at, kinds.get(key(row), []))
        for row in rows
    ]


async def transcript(
    session: AsyncSession, conversation_id: int, *, limit: int = 50
) -> list[Message]:
    """The last messages of a conversation, oldest first."""
    found = await session.exec(
        select(Message)
        .where(Message.conversation_id == conversation_id)
        .order_by(col(Message.seq).desc())
        .limit(limit)
    )
    return list(found)[::-1]


async def _existing(session: AsyncSession, conversation_id: int) -> Conversation:
    try:
        return await locked(session, conversation_id)
    except NoResultFound as error:
        raise UnknownConversationError from error


async def _handle_alerts(session: AsyncSession, conversation_id: int, staff: str) -> None:
    found = await session.exec(
        select(Alert).where(
            Alert.conversation_id == conversation_id, col(Alert.handled_at).is_(None)
        )
    )
    for item in found:
        item.handled_at = now()
        item.handled_by = staff
