"""What answering a message leads to."""

from __future__ import annotations

from dataclasses import dataclass, field

from actions.intake import Draft
from connectors import Outbound
from desk.conversations.world import World
from desk.knowledge import Index


@dataclass(frozen=True, slots=True)
class Services:
    """What the actions work with."""

    world: World
    knowledge: Index


@dataclass(frozen=True, slots=True)
class Outcome:
    """The replies, and the draft whose question is open now."""

    replies: list[Outbound] = field(default_factory=list)
    draft: Draft | None = None
