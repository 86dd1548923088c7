"""Answering a consultation from the city's entries."""

from __future__ import annotations

from actions import ticket_verbs
from actions.directory import asks_number, number_asked
from actions.intake import Ask, Draft, begin, more, offer, question
from actions.intake.substance import best_place
from actions.intake.words import (
    asks,
    asks_how,
    asks_what_to_bring,
    asks_whom,
    leads_on,
    meaning,
    process_question,
)
from actions.matters import carry_out
from actions.outcome import Outcome, Services, say
from actions.understanding import Understanding
from connectors import Button, Outbound
from desk.city import find_refusal
from desk.knowledge import NEAR, Entry

# A message that is no consultation is answered as one only when an entry is as near as this, 0 to 1.
SURE = 0.40
# “那要多久？”, with the matter it is about.
HOW_LONG = "反映的问题多久能处理"
# A longer question has a matter of its own; from this length on there are words for a topic to be read off.
_LONGEST_FOLLOW_UP = 20
_BARE = 12
# Digits of a topic's first level.
_FIRST_LEVEL = 2
# What the model takes “要带啥材料” for.
_MAY_CONTINUE = ("consultation", "inform", "other", "out_of_scope", "nlu_fallback")


async def look_up(services: Services, said: Understanding, *, midway: bool) -> Outcome | None:
    """The answer to what is asked for whatever the model makes of it: an office's number, how the
    handling goes, whom to turn to. None when it is none of these, or nothing is known of it."""
    city = services.world.city
    asked = process_question(said.text)
    recent = None
    if not midway and (asked == "how_long" or asks_number(said.text)):
        recent = await ticket_verbs.recent(services, said)
    if listed := number_asked(city, said.text, recent.department if recent else None):
        return say(services, "answer.phone", name=listed.name, phone=listed.phone)
    if asked == "how_long":
        if recent:
            return await ticket_verbs.progress(services, said)
        entry = services.knowledge.find(HOW_LONG)
        return Outcome([Outbound(shown(services, entry))]) if entry else None
    if asked:
        return say(services, f"process.{asked}")
    if midway or best_place(said.places) or not (asks_whom(said.text) or asks_how(said.text)):
        return None
    near = NEAR if asks_whom(said.text) else SURE
    return await answer(services, said) if services.knowledge.find(said.text, near=near) else None


async def answer(services: Services, said: Understanding) -> Outcome:
    """The answer with its source; without one, the city's reason not to accept the matter, or the
    offer of a ticket. Either way the resident may have it taken down or ask for a person. Who names no
    matter is asked for it."""
    city = services.world.city
    if entry := _nearest(services, said):
        return _answered(services, said, entry)
    if _names_nothing(said):
        draft = Draft(type="consultation", ask=Ask.MATTER, held=said, touched=said.at)
        return Outcome([question(draft, city)], draft)
    if find_refusal(city, said.text, said.topic):
        return await carry_out(services, begin(city, said), said)
    step = offer(city, said)
    return Outcome(step.replies, step.draft)


def follow_up(services: Services, draft: Draft, said: Understanding) -> Outcome | None:
    """The answer to a question that continues the one before (“要带什么材料”), which was answered or is
    offered as a ticket. None when it does not continue it."""
    held = draft.held
    if (
        held is None
        or draft.ask not in (Ask.ANSWERED, Ask.OFFER)
        or not _continues(draft, held, said)
    ):
        return None
    if not asks_what_to_bring(said.text) and services.knowledge.find(said.text, near=SURE):
        return None  # it stands for itself
    both = held.model_copy(update={"text": f"{held.text}\n{said.text}"})
    found = services.knowledge.find(both.text)
    if found and found != services.knowledge.find(held.text):
        return _answered(services, both, found)
    first = draft.ask is Ask.ANSWERED and not draft.misses
    key = "answer.no_more" if first else "answer.nor_this"
    asked = draft.with_(held=both, misses=draft.misses + 1, touched=said.at)
    return Outcome(say(services, key, "登记", "人工").replies, asked)


def aside(services: Services, said: Understanding, draft: Draft) -> Outcome:
    """The answer in the middle of something else: it offers no ticket of its own. A question about the
    matter that is being written down goes along with it when there is no answer."""
    if entry := _nearest(services, said):
        return Outcome([Outbound(shown(services, entry))])
    about = said.topic[:_FIRST_LEVEL] == draft.topic[:_FIRST_LEVEL]
    if not (draft.words and said.topic and about):
        return say(services, "answer.none_midway")
    return Outcome(say(services, "answer.goes_along").replies, more(draft, said))


def _names_nothing(said: Understanding) -> bool:
    """Whether a question has no matter in it (“周末上班吗”): neither a topic nor a place, and it is short."""
    return not (said.topic or said.places) and len(said.text) <= _BARE


def _nearest(services: Services, said: Understanding) -> Entry | None:
    """The entry that answers a question. Where no matter is named, words in common with several entries
    say nothing."""
    return services.knowledge.find(said.text, alone=_names_nothing(said))


def _continues(draft: Draft, held: Understanding, said: Understanding) -> bool:
    """Whether a message is a short question without a matter of its own."""
    if meaning(said.text) or said.places or said.danger or len(said.text) > _LONGEST_FOLLOW_UP:
        return False
    if process_question(said.text):  # after an answer, “要多久” is about what was answered
        return draft.ask is Ask.ANSWERED
    asking = said.intent == "consultation" or asks(said.text) or asks_how(said.text)
    goes_on = leads_on(said.text) or asks_what_to_bring(said.text)
    own = said.topic and said.topic != held.topic and not goes_on
    speaks = said.intent in _MAY_CONTINUE or (said.is_request and not said.topic)
    return asking and speaks and not own


def _answered(services: Services, said: Understanding, entry: Entry) -> Outcome:
    text = "\n".join([shown(services, entry), services.world.city.say("answer.more")])
    draft = Draft(type="consultation", ask=Ask.ANSWERED, held=said, touched=said.at)
    return Outcome([Outbound(text, (Button("登记"), Button("人工")))], draft)


def shown(services: Services, entry: Entry) -> str:
    """An entry as the resident reads it, with its source."""
    return services.world.city.say(
        "answer", answer=entry.answer, source=entry.source, updated=entry.updated
    )
