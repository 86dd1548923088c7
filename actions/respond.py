"""Answering a message when no question is open, or in the middle of one."""

from __future__ import annotations

from sqlmodel import col, func, select

from actions import amending, answers, rating, ticket_verbs
from actions.intake import Ask, Draft, advance, begin, question
from actions.intake.substance import best_place, has_matter
from actions.intake.words import announced_type, asks, asks_how, corrects, meaning, supplements
from actions.matters import carry_out
from actions.outcome import Outcome, Services, say
from actions.understanding import Understanding
from connectors import Outbound
from desk.conversations import handoff
from desk.conversations.messages import locked
from desk.conversations.tables import Author, Conversation, Message, Mode
from desk.tickets.tables import Ticket

# Shorter texts that the model does not understand are not guessed to be a request.
_REQUEST = 5
_SMALLTALK = ("greet", "thank", "goodbye", "ask_identity", "ask_privacy", "out_of_scope")
_VERBS = {
    "ask_progress": ticket_verbs.progress,
    "urge": ticket_verbs.urge,
    "add_to_ticket": ticket_verbs.supplement,
    "withdraw": ticket_verbs.ask_withdraw,
    "rate": rating.rate,
}
# Words that the wording tells residents to say, and those the model refuses as another language.
_COMMANDS = (*_VERBS, "ask_privacy", "my_data", "greet")
# Verbs that ask something back; in the middle of a draft it waits for them.
_ASKING_BACK = (Ask.WITHDRAW, Ask.SUPPLEMENT, Ask.AMEND)


async def respond(services: Services, said: Understanding, draft: Draft | None = None) -> Outcome:
    """The answer to a message by its intent. `draft`: what is open meanwhile; the outcome then has a
    draft of its own only when a verb asks something back."""
    word = meaning(said.text)
    if word in _COMMANDS:
        said = said.as_(word)
    intent = word or said.intent
    if intent == "ask_human":
        return await call_person(services, said, draft)
    if draft is None and (judged := await rating.heard(services, said)):
        return judged
    if said.matters and draft is None:
        return await _several(services, said)
    if said.danger and draft is None:
        return await _take_down(services, said.as_(said.urgent_request))
    if found := await answers.look_up(services, said, midway=draft is not None):
        return found
    match said.intent:
        case "consultation" if draft is not None:
            return answers.aside(services, said, draft)
        case "consultation" if has_matter(said.text):
            return await answers.answer(services, said)
        case talk if talk in _SMALLTALK:
            return say(services, f"smalltalk.{talk}")
        case verb if verb in _VERBS:
            return await _VERBS[verb](services, said)
        case "my_data":
            return await _my_data(services, said)
        case "share_voice":
            return say(services, "voice_unclear")
        case "share_image" | "share_location" | "share_link":
            return await _shared(services, said)
        case _ if said.is_request:
            return await _take_down(services, said)
        case _:
            return await _context(services, said, intent)


async def go_on(services: Services, draft: Draft, said: Understanding) -> Outcome:
    """A message while a question is open."""
    city = services.world.city
    if draft.ask in _ASKING_BACK:
        outcome = await ticket_verbs.asked_back(services, draft, said)
        if outcome is None:
            outcome = await respond(services, said, draft.paused)
        if outcome.draft or not draft.paused:
            return outcome
        return Outcome([*outcome.replies, question(draft.paused, city)], draft.paused)
    if followed := answers.follow_up(services, draft, said):
        return followed
    if judged := await rating.heard_midway(services, said):
        asks = any(reply.buttons for reply in judged.replies)
        return Outcome(judged.replies if asks else [*judged.replies, question(draft, city)], draft)
    step = advance(city, draft, said, parted=await _parted(services, said))
    if step.submit and step.submit.matter and await _unseen(services, said):
        # Tapped twice: the second tap was for the matter before, its summary was not seen yet.
        return Outcome([question(draft, city)], draft)
    if step.aside is None:
        return await carry_out(services, step, said)
    aside = await respond(services, step.aside, step.draft)
    if step.draft is None:
        return aside
    if aside.draft and aside.draft.ask in _ASKING_BACK:
        return Outcome(aside.replies, aside.draft.with_(paused=step.draft))
    grown = aside.draft if step.aside.intent == "consultation" else None
    return Outcome([*aside.replies, *step.replies], grown or step.draft)


async def call_person(services: Services, said: Understanding, draft: Draft | None) -> Outcome:
    """Puts the conversation into the queue for people, with what was collected so far."""
    world = services.world
    collected = draft.model_dump(mode="json", exclude={"held", "rest", "paused"}) if draft else None
    await handoff.request(
        world.db,
        world.city,
        said.conversation_id,
        message_id=said.message_id,
        kind="human",
        detail={"draft": collected},
    )
    open_now = world.city.staffed(said.at)
    return say(services, "handoff.queued" if open_now else "handoff.queued_closed", "不等了")


async def _take_down(services: Services, said: Understanding) -> Outcome:
    if said.intent == "other" and (asks(said.text) or asks_how(said.text)):
        return await answers.answer(services, said.as_("consultation"))
    if supplements(said.text) and await ticket_verbs.recent(services, said):
        return await ticket_verbs.supplement(services, said)
    return await carry_out(services, begin(services.world.city, said), said)


async def _several(services: Services, said: Understanding) -> Outcome:
    """Several matters in one message: what has an answer is answered, the others are taken down one
    after the other."""
    replies: list[Outbound] = []
    left: list[Understanding] = []
    for part in said.matters:
        entry = services.knowledge.find(part.text) if part.intent == "consultation" else None
        if entry:
            replies.append(Outbound(answers.shown(services, entry)))
        else:
            left.append(part)
    if not left:
        return Outcome(replies)
    step = begin(services.world.city, left[0], left[1:])
    outcome = await carry_out(services, step, said)
    return Outcome([*replies, *outcome.replies], outcome.draft)


async def _shared(services: Services, said: Understanding) -> Outcome:
    if attached := await ticket_verbs.attach(services, said):
        return attached
    step = begin(services.world.city, said)
    key = {"share_image": "image_first", "share_location": "location_first"}.get(said.intent)
    return Outcome(say(services, key).replies if key else step.replies, step.draft)


async def _context(services: Services, said: Understanding, intent: str) -> Outcome:
    """What an answer, a correction or an unclear message means when no question is open."""
    recent = await ticket_verbs.recent(services, said)
    if (recent or said.numbers) and (said.intent == "correct" or corrects(said.text)):
        return await amending.amend(services, said)
    if request := _request_in(said, recent):
        return await respond(services, said.as_(request))
    if recent and intent == "affirm" and "提交" in said.text:
        return say(services, "already_submitted", number=recent.number)
    if recent and intent == "cancel":
        return await ticket_verbs.ask_withdraw(services, said)
    if said.numbers:
        return await ticket_verbs.progress(services, said)
    tells = said.intent in ("inform", "correct", "share_link") or corrects(said.text)
    if recent and tells:
        return await ticket_verbs.supplement(services, said)
    if best_place(said.places) and tells:
        step = begin(services.world.city, said)
        return Outcome(say(services, "place_first").replies, step.draft)
    if intent in ("affirm", "deny", "none", "cancel"):
        return say(services, "smalltalk.affirm")
    if said.intent == "nlu_fallback":
        return await _unclear(services, said)
    return say(services, "nothing_open")


async def _unclear(services: Services, said: Understanding) -> Outcome:
    """Examples the first time. Who has just been shown them is not helped by seeing them again."""
    async with services.world.db.transaction() as session:
        found = await session.exec(
            select(Message.text)
            .where(Message.conversation_id == said.conversation_id, Message.author == Author.BOT)
            .order_by(col(Message.seq).desc())
            .limit(1)
        )
        last = found.first()
    if last in [services.world.city.say(key) for key in ("clarify", "clarify.again")]:
        return say(services, "clarify.again", "人工")
    return say(services, "clarify", "查进度", "人工")


def _request_in(said: Understanding, recent: Ticket | None) -> str | None:
    """The request in a message that the model takes for an answer or for nothing. Soon after a
    ticket, words about no other place are rather more about that one."""
    request = announced_type(said.text) or said.likely_request
    if not request and said.intent == "nlu_fallback" and best_place(said.places):
        request = "other"  # something is the matter there
    if not request or not has_matter(said.text, said.known) or len(said.text) < _REQUEST:
        return None
    place = best_place(said.places)
    elsewhere = place and recent and place not in f"{recent.place} {recent.description}"
    return request if not recent or elsewhere or said.intent == "nlu_fallback" else None


async def _my_data(services: Services, said: Understanding) -> Outcome:
    """The right to see and to erase (PIPL art. 44-47): a person answers within the city's days."""
    world = services.world
    async with world.db.transaction() as session:
        conversation = await locked(session, said.conversation_id)
        await handoff.alert(session, conversation, "privacy", message_id=said.message_id)
    return say(services, "my_data", days=str(world.city.profile.privacy.answer_days))


async def _parted(services: Services, said: Understanding) -> bool:
    """Whether people had the conversation and closed it before this message."""
    async with services.world.db.transaction() as session:
        return (await session.get_one(Conversation, said.conversation_id)).mode == Mode.CLOSED


async def _unseen(services: Services, said: Understanding) -> bool:
    """Whether the bot has spoken after this message was sent: messages are numbered in order."""
    async with services.world.db.transaction() as session:
        message = await session.get_one(Message, said.message_id)
        last = await session.exec(
            select(func.max(col(Message.seq))).where(
                Message.conversation_id == said.conversation_id, Message.author == Author.BOT
            )
        )
        return (last.one() or 0) > message.seq
