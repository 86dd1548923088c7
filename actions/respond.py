"""Answering a message when no question is open, or in the middle of one."""

from __future__ import annotations

from actions import answers, ticket_verbs
from actions.intake import Ask, Draft, Step, advance, begin, following
from actions.intake.words import corrects, meaning
from actions.outcome import Outcome, Services
from actions.understanding import Understanding
from connectors import Button, Outbound
from desk.city import find_refusal
from desk.conversations import handoff
from desk.conversations.messages import locked
from desk.tickets import Matter, open_ticket
from desk.tickets.tables import Ticket

_SMALLTALK = ("greet", "thank", "goodbye", "ask_identity", "ask_privacy", "out_of_scope")


async def respond(services: Services, said: Understanding, draft: Draft | None = None) -> Outcome:
    """The answer to a message by its intent. `draft`: what is open meanwhile, for a person to see.

    The outcome's draft is a new open question; a caller with one of its own ignores it.
    """
    intent = meaning(said.text) or said.intent
    if intent == "ask_human":
        return await call_person(services, said, draft)
    match said.intent:
        case "consultation":
            return answers.answer(services, said)
        case intent if intent in _SMALLTALK:
            return _say(services, f"smalltalk.{intent}")
        case "ask_progress":
            return await ticket_verbs.progress(services, said)
        case "urge":
            return await ticket_verbs.urge(services, said)
        case "add_to_ticket":
            return await ticket_verbs.supplement(services, said)
        case "withdraw":
            return await ticket_verbs.ask_withdraw(services, said)
        case "rate":
            return await ticket_verbs.rate(services, said)
        case "my_data":
            return await _my_data(services, said)
        case "nlu_fallback":
            return _clarify(services)
        case "share_voice":
            return _say(services, "voice_unclear")
        case "share_image":
            attached = await ticket_verbs.attach(services, said)
            return attached or _taken(begin(services.world.city, said), services, "image_first")
        case "share_location":
            return _taken(begin(services.world.city, said), services, "location_first")
        case _ if said.is_request:
            return await take_down(services, said)
        case _:
            return await _context(services, said, intent)


async def take_down(services: Services, said: Understanding) -> Outcome:
    """Begins a matter, unless the city does not accept it: then the right way is told, and that it
    was asked is on record (不予受理)."""
    city = services.world.city
    refusal = find_refusal(city, said.text, said.topic)
    if refusal is None:
        step = begin(city, said)
        return Outcome(step.replies, step.draft)
    step = begin(city, said.model_copy(update={"matters": []}))
    if step.draft is not None:
        await _open(services, step.draft, said, state="declined", note=refusal.name)
    return Outcome([Outbound(refusal.told)])


async def go_on(services: Services, draft: Draft, said: Understanding) -> Outcome:
    """A message while a question is open."""
    if draft.ask in (Ask.WITHDRAW, Ask.SUPPLEMENT):
        return await _verb_answered(services, draft, said)
    step = advance(services.world.city, draft, said)
    replies: list[Outbound] = []
    if step.aside is not None:
        aside = await respond(services, step.aside, step.draft)
        replies += aside.replies
        if step.draft is None:
            return Outcome(replies, aside.draft)
    if step.submit is not None:
        return await _submit(services, step.submit, said)
    return Outcome([*replies, *step.replies], step.draft)


async def call_person(services: Services, said: Understanding, draft: Draft | None) -> Outcome:
    """Puts the conversation into the queue for people, with what was collected so far."""
    world = services.world
    await handoff.request(
        world.db,
        world.city,
        said.conversation_id,
        message_id=said.message_id,
        kind="human",
        detail={
            "draft": draft.model_dump(mode="json", exclude={"held", "rest"}) if draft else None
        },
    )
    open_now = world.city.staffed(said.at)
    return _say(services, "handoff.queued" if open_now else "handoff.queued_closed")


async def _submit(services: Services, draft: Draft, said: Understanding) -> Outcome:
    city = services.world.city
    ticket = await _open(services, draft, said)
    key = "submitted_anonymous" if draft.anonymous else "submitted"
    receipt = Outbound(city.say(key, number=ticket.number))
    if not draft.rest:
        return Outcome([receipt])
    step = following(city, draft, said)
    return Outcome([receipt, *step.replies], step.draft)


async def _open(
    services: Services,
    draft: Draft,
    said: Understanding,
    *,
    state: str | None = None,
    note: str = "",
) -> Ticket:
    matter = Matter(
        type=draft.type,
        topic=draft.topic,
        description=draft.description,
        messages=draft.messages,
        place=draft.place,
        latitude=draft.point.latitude if draft.point else None,
        longitude=draft.point.longitude if draft.point else None,
        datum=draft.point.system if draft.point else None,
        phone=draft.phone,
        anonymous=bool(draft.anonymous),
    )
    return await open_ticket(
        services.world.db,
        services.world.city,
        matter,
        conversation_id=said.conversation_id,
        source_message_id=said.message_id,
        ordinal=draft.matter,
        state=state,
        note=note,
    )


async def _verb_answered(services: Services, draft: Draft, said: Understanding) -> Outcome:
    asked = draft.held
    word = meaning(said.text) or said.intent
    if asked is not None and draft.ask is Ask.WITHDRAW:
        if word in ("affirm", "withdraw") or said.text.strip() == "确认撤回":
            return await ticket_verbs.withdraw(services, said, asked)
        if word in ("deny", "cancel") or "不撤" in said.text:
            return _say(services, "withdraw.kept")
    elif asked is not None:
        if word in ("cancel", "deny"):
            return _say(services, "cancelled")
        if said.intent not in ("ask_human", "ask_progress", "consultation"):
            named = said.model_copy(
                update={"intent": "add_to_ticket", "numbers": said.numbers or asked.numbers}
            )
            return await ticket_verbs.supplement(services, named)
    return await respond(services, said)


async def _context(services: Services, said: Understanding, intent: str) -> Outcome:
    """Words that answer a question, when none is open."""
    city = services.world.city
    if said.intent == "correct" or corrects(said.text):
        return await ticket_verbs.supplement(services, said)
    if intent == "affirm" and (ticket := await ticket_verbs.just_opened(services, said)):
        return _say(services, "already_submitted", number=ticket.number)
    if said.intent == "inform" and said.numbers:
        return await ticket_verbs.progress(services, said)
    if said.intent in ("inform", "share_link") and said.places:
        step = begin(city, said)
        if step.draft is not None:
            opened = step.draft.with_(words=[], ask=Ask.MATTER)
            return Outcome([Outbound(city.say("place_first"))], opened)
    return _say(services, "nothing_open")


async def _my_data(services: Services, said: Understanding) -> Outcome:
    """The right to see and to erase (PIPL art. 44-47): a person answers within the city's days."""
    world = services.world
    async with world.db.transaction() as session:
        conversation = await locked(session, said.conversation_id)
        await handoff.alert(session, conversation, "privacy", message_id=said.message_id)
    return _say(services, "my_data", days=str(world.city.profile.privacy.answer_days))


def _clarify(services: Services) -> Outcome:
    text = services.world.city.say("clarify")
    return Outcome([Outbound(text, (Button("查进度"), Button("人工")))])


def _taken(step: Step, services: Services, key: str) -> Outcome:
    return Outcome([Outbound(services.world.city.say(key))], step.draft)


def _say(services: Services, key: str, **values: str) -> Outcome:
    return Outcome([Outbound(services.world.city.say(key, **values))])
