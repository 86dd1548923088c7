"""Answering a consultation from the city's entries."""

from __future__ import annotations

from actions.intake import Ask, Draft, begin, offer
from actions.matters import carry_out
from actions.outcome import Outcome, Services, say
from actions.understanding import Understanding
from connectors import Button, Outbound
from desk.city import find_refusal
from desk.knowledge import Entry

# How near a question must be to an entry, 0 to 1. Below it a wrong answer is likelier than none.
NEAR = 0.42


def find(services: Services, question: str) -> Entry | None:
    """The one entry that answers a question; None rather than a doubtful one."""
    hits = services.knowledge.search(question, limit=1)
    return hits[0].entry if hits and hits[0].score >= NEAR else None


async def answer(services: Services, said: Understanding) -> Outcome:
    """The answer with its source; without one, the city's reason not to accept the matter, or the
    offer of a ticket. Either way the resident may have it taken down or ask for a person."""
    city = services.world.city
    if entry := find(services, said.text):
        text = "\n".join([shown(services, entry), city.say("answer.more")])
        draft = Draft(type="consultation", ask=Ask.ANSWERED, held=said, touched=said.at)
        return Outcome([Outbound(text, (Button("登记"), Button("人工")))], draft)
    if find_refusal(city, said.text, said.topic):
        return await carry_out(services, begin(city, said), said)
    step = offer(city, said)
    return Outcome(step.replies, step.draft)


def aside(services: Services, said: Understanding) -> Outcome:
    """The answer in the middle of something else: it offers no ticket of its own."""
    entry = find(services, said.text)
    if entry is None:
        return say(services, "answer.none_midway")
    return Outcome([Outbound(shown(services, entry))])


def shown(services: Services, entry: Entry) -> str:
    """An entry as the resident reads it, with its source."""
    return services.world.city.say(
        "answer", answer=entry.answer, source=entry.source, updated=entry.updated
    )
