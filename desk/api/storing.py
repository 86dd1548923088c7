"""Taking a message in while the database may be restarting."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from connectors import Inbound
from desk.conversations.media import Kept
from desk.conversations.receive import Received, receive
from desk.database import Database, DatabaseUnavailableError, now

_PAUSE = 0.2
# How long a client waits for its acknowledgement anyway, seconds.
_PATIENCE = 3.0


async def store(
    db: Database,
    inbound: Inbound,
    *,
    reply_seconds: float = 0,
    until: datetime | None = None,
    upload: Kept | None = None,
) -> Received | None:
    """`receive`, tried again until `until` while the database is away: storing a message twice is
    storing it once, and a platform that has to come again does so only a few times. Raises
    DatabaseUnavailableError."""
    until = until or now() + timedelta(seconds=_PATIENCE)
    while True:
        try:
            return await receive(db, inbound, reply_seconds=reply_seconds, upload=upload)
        except DatabaseUnavailableError:
            if now() >= until:
                raise
        await asyncio.sleep(_PAUSE)
