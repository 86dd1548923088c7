"""What answering a message leads to."""

from __future__ import annotations

from dataclasses import dataclass, field

from actions.intake import Draft
from connectors import Button, Outbound
from desk.conversations.world import World
from desk.knowledge import Answers


@dataclass(frozen=True, slots=True)
class Services:
    """What the actions work with."""

    world: World
    knowledge: Answers


@dataclass(frozen=True, slots=True)
class Outcome:
    """The replies, and the draft whose question is open now."""

    replies: list[Outbound] = field(default_factory=list)
    draft: Draft | None = None


def say(services: Services, key: str, *buttons: str, **values: str) -> Outcome:
    """An answer in the city's wording, with choices, that leaves no question open."""
    text = services.world.city.say(key, **values)
    return Outcome([Outbound(text, tuple(Button(button) for button in buttons))])
