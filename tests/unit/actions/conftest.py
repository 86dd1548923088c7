"""Messages as the engine would understand them, made by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from actions.understanding import Understanding

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
Say = Callable[..., Understanding]


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
