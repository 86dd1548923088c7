"""Answering a consultation from the city's entries."""

from __future__ import annotations

from actions.intake import offer
from actions.outcome import Outcome, Services
from actions.understanding import Understanding
from connectors import Button, Outbound

# How near a question must be to an entry, 0 to 1. Below it a wrong answer is likelier than none.
NEAR = 0.42


def answer(services: Services, said: Understanding) -> Outcome:
    """The one entry that answers, with its source; otherwise the offer of a ticket. Either way the
    resident may have it taken down or ask for a person."""
    city = services.world.city
    hits = services.knowledge.search(said.text, limit=1)
    step = offer(city, said)
    if not hits or hits[0].score < NEAR:
        return Outcome(step.replies, step.draft)
    entry = hits[0].entry
    text = city.say("answer", answer=entry.answer, source=entry.source, updated=entry.updated)
    return Outcome([Outbound(text, (Button("登记"), Button("人工")))], step.draft)
