"""Waiting for what comes soon, and no longer than it should take."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

# Between two looks, seconds.
_LOOK = 0.03


def wait_for(look: Callable[[], T], seconds: float = 10, what: str = "") -> T:
    """What `look` gives when it is true for the first time. Fails when that takes longer."""
    deadline = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what or look.__name__}")
        time.sleep(_LOOK)


async def until(look: Callable[[], Awaitable[T]], seconds: float = 10, what: str = "") -> T:
    """The same for a `look` that has to be awaited."""
    deadline = time.monotonic() + seconds
    while True:
        if found := await look():
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what or look.__name__}")
        await asyncio.sleep(_LOOK)
