"""What is said to a message before its answer: what to do in danger, and at first contact who listens."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from connectors import Outbound
from desk.city import City, Danger
from desk.conversations import handoff
from desk.conversations.messages import held, key, say
from desk.conversations.tables import Conversation, Message
from desk.database import Database, now
from desk.residents.tables import Resident

# Part numbers of what is said before the answer, whose own parts count from 0: the one notice that it
# will come later, and what to do in danger.
DELAY_PART = -1
DANGER_PART = -2
# What WeChat's callback still needs for its way back when the turn ends at the last moment, seconds.
PUSH_AFTER = 0.5


async def warn(db: Database, city: City, message: Message, danger: Danger) -> None:
    """The right number at once, and a person is called; once for each message. Where a person must go
    on, the message is answered by that."""
    async with db.transaction() as session:
        conversation, current = await held(session, message)
        if current.answered_at is not None or current.payload.get("danger_told"):
            return
        current.payload["danger_told"] = True
        replies = [Outbound(danger.told), *await notice(session, city, conversation)]
        await say(
            db,
            session,
            conversation,
            replies,
            reply_to=key(message),
            first_part=DANGER_PART - len(replies) + 1,
            deliver_at=push_at(current),
        )
        await handoff.alert(
            session,
            conversation,
            "danger",
            message_id=key(message),
            detail={"danger": danger.code},
        )
        if danger.then == "human":
            current.answered_at = now()
            await handoff.enqueue(db, city, session, conversation)


async def notice(session: AsyncSession, city: City, conversation: Conversation) -> list[Outbound]:
    """At first contact: what is kept and why (PIPL art. 17), and that this is a bot."""
    resident = await session.get_one(Resident, conversation.resident_id)
    if resident.notice_version == city.profile.privacy.version:
        return []
    resident.notice_version = city.profile.privacy.version
    resident.notice_at = now()
    return [Outbound(city.say("first_contact"))]


def push_at(message: Message) -> datetime | None:
    """When a reply may be pushed: not while the platform's callback may still carry it."""
    until = message.reply_until
    return until + timedelta(seconds=PUSH_AFTER) if until and until > now() else None
