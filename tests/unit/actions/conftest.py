"""Messages as the engine would understand them, made by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from actions.intake import Ask, Draft, Step, begin
from actions.understanding import Understanding
from desk.city import City

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
Say = Callable[..., Understanding]
LAMP = "人民路21号的路灯坏了"


@pytest.fixture
def say() -> Say:
    """Makes messages of one conversation; each has the next id. `later`: hours after the first."""
    sent = 0

    def make(text: str, intent: str = "inform", *, later: float = 0, **more: Any) -> Understanding:
        nonlocal sent
        sent += 1
        return Understanding(
            conversation_id=1,
            message_id=sent,
            at=NOON + timedelta(hours=later, seconds=sent),
            text=text,
            intent=intent,
            **more,
        )

    return make


def lamp(city: City, say: Say) -> Draft:
    """A draft whose phone is asked for."""
    return open_(begin(city, say(LAMP, "incident", topic="0305", places=["人民路21号"])), Ask.PHONE)


def open_(step: Step, ask: Ask) -> Draft:
    """The draft of a step that leaves this question open, and asks something."""
    assert step.draft is not None
    assert step.draft.ask is ask
    assert step.replies
    return step.draft


def texts(step: Step) -> str:
    return "\n".join(reply.text for reply in step.replies)
