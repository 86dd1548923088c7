"""Answering a consultation from the city's entries."""

from __future__ import annotations

from actions.directory import number_asked
from actions.intake import Ask, Draft, begin, offer
from actions.intake.substance import best_place
from actions.intake.words import asks_how, asks_whom, process_question
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


async def look_up(services: Services, said: Understanding, *, midway: bool) -> Outcome | None:
    """The answer to what is asked for whatever the model makes of it: an office's number, how the
    handling goes, whom to turn to. None when it is none of these, or nothing is known of it."""
    city = services.world.city
    if listed := number_asked(city, said.text):
        return say(services, "answer.phone", name=listed.name, phone=listed.phone)
    asked = process_question(said.text)
    if asked == "how_long":
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
    offer of a ticket. Either way the resident may have it taken down or ask for a person."""
    city = services.world.city
    if entry := services.knowledge.find(said.text):
        text = "\n".join([shown(services, entry), city.say("answer.more")])
        draft = Draft(type="consultation", ask=Ask.ANSWERED, held=said, touched=said.at)
        return Outcome([Outbound(text, (Button("登记"), Button("人工")))], draft)
    if find_refusal(city, said.text, said.topic):
        return await carry_out(services, begin(city, said), said)
    step = offer(city, said)
    return Outcome(step.replies, step.draft)


def aside(services: Services, said: Understanding) -> Outcome:
    """The answer in the middle of something else: it offers no ticket of its own."""
    entry = services.knowledge.find(said.text)
    if entry is None:
        return say(services, "answer.none_midway")
    return Outcome([Outbound(shown(services, entry))])


def shown(services: Services, entry: Entry) -> str:
    """An entry as the resident reads it, with its source."""
    return services.world.city.say(
        "answer", answer=entry.answer, source=entry.source, updated=entry.updated
    )
