"""Waking those who wait for news of a conversation, in whichever process it happens."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress

import psycopg

from desk.database import Database

# The channel that the trigger `message_stored` tells the conversation's id on.
CHANNEL = "yingsheng_conversation"
# Seconds until waiters look again by themselves, in case the connection is lost, and until a lost
# connection is opened again.
LOOK_AGAIN = 1.0

log = logging.getLogger(__name__)


class Bell:
    """Rings for a conversation when something was said to its resident."""

    def __init__(self, look_again: float = LOOK_AGAIN) -> None:
        self._look_again = look_again
        self._waiting: defaultdict[int, set[asyncio.Event]] = defaultdict(set)

    @contextmanager
    def watch(self, conversation_id: int) -> Generator[Callable[[float], Awaitable[None]]]:
        """Gives a wait(seconds) that returns when the conversation rang, and after `look_again` or
        `seconds` at the latest. What rings between two waits is not missed: look, then wait."""
        event = asyncio.Event()
        waiting = self._waiting[conversation_id]
        waiting.add(event)

        async def wait(seconds: float) -> None:
            with suppress(TimeoutError):
                async with asyncio.timeout(min(seconds, self._look_again)):
                    await event.wait()
            event.clear()

        try:
            yield wait
        finally:
            waiting.discard(event)
            if not waiting:
                self._waiting.pop(conversation_id, None)

    async def run(self, db: Database) -> None:
        """Listens until cancelled; connects again when the database went away."""
        while True:
            try:
                async for _, payload in db.listen(CHANNEL):
                    for event in self._waiting.get(int(payload), ()):
                        event.set()
            except psycopg.Error:
                log.warning("the bell lost the database; listening again")
            await asyncio.sleep(LOOK_AGAIN)
