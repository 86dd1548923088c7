"""The turn: one unanswered message after the other gets its answer."""

from __future__ import annotations

import logging

from connectors import Kind, Outbound
from desk.city import City, Danger, find_danger
from desk.conversations import handoff
from desk.conversations.beforehand import DELAY_PART, notice, push_at, warn
from desk.conversations.engine import Engine, EngineFaultError, EngineUnavailableError, Question
from desk.conversations.messages import held, key, say, unanswered
from desk.conversations.tables import Author, Message, Mode
from desk.database import Database, now

log = logging.getLogger(__name__)


async def take_turn(
    db: Database, city: City, engine: Engine, conversation_id: int, *, last_try: bool
) -> None:
    """Answers all waiting messages of a conversation, in order.

    Runs under the conversation's lock. `last_try`: a message that the engine cannot handle is given
    to people instead of raising. Raises EngineUnavailableError and EngineFaultError for the queue
    to try again; what was answered until then stays answered.
    """
    while True:
        async with db.single() as session:
            found = await unanswered(session, conversation_id)
        if found is None:
            return
        message, mode = found
        if mode in (Mode.QUEUED, Mode.HUMAN):
            await _leave_to_people(db, city, message)
            continue
        danger = find_danger(city, message.text) if message.text else None
        if danger:
            await warn(db, city, message, danger)
            if danger.then == "human":
                continue
        try:
            replies = await _answer(city, engine, message, danger)
        except EngineUnavailableError:
            await _tell_of_delay(db, city, message)
            raise
        except EngineFaultError:
            if not last_try:
                raise
            log.exception("message %s is given to people: the engine cannot answer it", message.id)
            await _give_to_people(db, city, message)
            continue
        await _store(db, city, message, replies)


async def _answer(
    city: City, engine: Engine, message: Message, danger: Danger | None
) -> list[Outbound]:
    if message.kind == Kind.FOLLOW:
        return [Outbound(city.say("greet"))]
    intent = {
        Kind.IMAGE: "share_image",
        Kind.LOCATION: "share_location",
        Kind.VOICE: "share_voice",
        Kind.LINK: "share_link",
    }.get(Kind(message.kind))
    if message.kind == Kind.UNSUPPORTED or (intent is None and not message.text):
        return [Outbound(city.say("unsupported"))]
    if message.kind in (Kind.VOICE, Kind.IMAGE) and message.text:
        intent = None  # the words say what it is; the picture or recording comes along
    question = Question(
        conversation_id=message.conversation_id,
        message_id=key(message),
        text=message.text,
        intent=intent,
        metadata={
            "kind": message.kind,
            "at": message.at.isoformat(),
            "danger": danger.code if danger else None,
            **message.payload,
        },
    )
    return await engine.turn(question)


async def _store(db: Database, city: City, message: Message, answer: list[Outbound]) -> None:
    """The answer and the mark that the message is answered, in one transaction."""
    async with db.transaction() as session:
        conversation, current = await held(session, message)
        if current.answered_at is not None:
            return
        if conversation.mode == Mode.HUMAN:
            # Someone took over while the engine was at work: the bot does not talk over them.
            current.answered_at = now()
            await db.notify(session, handoff.DESK_CHANNEL, str(conversation.id))
            return
        if conversation.mode == Mode.CLOSED:
            conversation.mode = Mode.BOT
        replies = [*await notice(session, city, conversation), *answer]
        await say(
            db, session, conversation, replies, reply_to=key(message), deliver_at=push_at(current)
        )
        current.answered_at = now()


async def _leave_to_people(db: Database, city: City, message: Message) -> None:
    """While people have the conversation the bot is silent. Only someone who gives up waiting, or is
    in danger, hears it."""
    async with db.transaction() as session:
        conversation, current = await held(session, message)
        current.answered_at = now()
        danger = find_danger(city, message.text) if message.text else None
        if danger:
            await handoff.alert(
                session,
                conversation,
                "danger",
                message_id=key(message),
                detail={"danger": danger.code},
            )
            told = Outbound(danger.told)
        elif conversation.mode == Mode.QUEUED and handoff.gives_up(message.text):
            handoff.back_to_bot(conversation)
            told = Outbound(city.say("handoff.given_up"))
        else:
            await db.notify(session, handoff.DESK_CHANNEL, str(conversation.id))
            return
        await say(
            db, session, conversation, [told], reply_to=key(message), deliver_at=push_at(current)
        )


async def _tell_of_delay(db: Database, city: City, message: Message) -> None:
    """Once for each message that has to wait: it was received, the answer follows."""
    async with db.transaction() as session:
        conversation, current = await held(session, message)
        if current.payload.get("delay_told"):
            return
        current.payload["delay_told"] = True
        await say(
            db,
            session,
            conversation,
            [Outbound(city.say("delay"))],
            author=Author.SYSTEM,
            reply_to=key(message),
            first_part=DELAY_PART,
            deliver_at=push_at(current),
        )


async def _give_to_people(db: Database, city: City, message: Message) -> None:
    async with db.transaction() as session:
        conversation, current = await held(session, message)
        await say(
            db,
            session,
            conversation,
            [Outbound(city.say("handoff.fault"))],
            author=Author.SYSTEM,
            reply_to=key(message),
            deliver_at=push_at(current),
        )
        current.answered_at = now()
        await handoff.alert(session, conversation, "turn_failed", message_id=key(message))
        await handoff.enqueue(db, city, session, conversation)
