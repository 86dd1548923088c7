"""What residents send, and looking at what became of it, without a started system."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

import desk.conversations.jobs  # pyright: ignore[reportUnusedImport]
import desk.tickets.backends.jobs  # noqa: F401 # pyright: ignore[reportUnusedImport]
from connectors import Channel, Inbound, Kind, Outbound
from desk.city import City
from desk.conversations.engine import Engine
from desk.conversations.messages import key, locked, open_line, say
from desk.conversations.receive import Received, receive
from desk.conversations.world import World
from desk.database import Database
from desk.tickets.backends.base import Backend

_DUE = (
    "SELECT id FROM procrastinate_jobs WHERE status IN ('todo', 'doing') "
    "AND (scheduled_at IS NULL OR scheduled_at <= now())"
)


def letter(
    words: str = "路灯坏了",
    *,
    user: str = "resident-1",
    channel: str = "webchat",
    external_id: str | None = None,
    kind: Kind = Kind.TEXT,
    **more: Any,
) -> Inbound:
    """One message of a resident."""
    return Inbound(
        channel,
        user,
        external_id or str(uuid.uuid4()),
        kind,
        more.pop("at", datetime.now(UTC)),
        words if kind in (Kind.TEXT, Kind.VOICE, Kind.LINK) else "",
        **more,
    )


async def put(db: Database, words: str = "路灯坏了", **more: Any) -> Received:
    """Stores a message of a resident."""
    received = await receive(db, letter(words, **more))
    assert received is not None
    return received


async def rows(db: Database, sql: str, **values: Any) -> list[dict[str, Any]]:
    """What a query gives."""
    async with db.transaction() as session:
        found = await (await session.connection()).execute(text(sql), values)
        return [dict(row) for row in found.mappings()] if found.returns_rows else []


async def jobs(db: Database, task: str | None = None) -> list[dict[str, Any]]:
    """The jobs that wait, oldest first."""
    return await rows(
        db,
        "SELECT task_name, lock, args, scheduled_at FROM procrastinate_jobs WHERE status = 'todo' "
        "AND (CAST(:task AS text) IS NULL OR task_name = :task) ORDER BY id",
        task=task,
    )


def world_of(
    db: Database,
    city: City,
    *,
    engine: Engine | None = None,
    channels: Mapping[str, Channel] | None = None,
    media_dir: Path | None = None,
) -> World:
    """What the jobs of a process work with; an engine that nobody runs unless one is given."""
    return World(
        db=db,
        city=city,
        engine=engine or Engine(["http://127.0.0.1:9"], "", timeout=1),
        channels=channels or {},
        media_dir=media_dir or Path("/nonexistent"),
    )


async def work_off(world: World, backend: Backend | None = None) -> None:
    """Does every job that is due, as a worker would, until none is."""
    while await rows(world.db, _DUE):
        await world.db.queue.run_worker_async(
            wait=False,
            concurrency=4,
            listen_notify=False,
            install_signal_handlers=False,
            delete_jobs="successful",
            additional_context={"world": world, "backend": backend},
        )


async def let_time_pass(db: Database) -> None:
    """Everything that waits for its time is due now, and what happened lies an hour back."""
    await rows(db, "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
    await rows(
        db,
        "UPDATE delivery SET updated_at = updated_at - interval '1 hour', "
        "due_at = due_at - interval '1 hour'",
    )
    await rows(db, "UPDATE message SET reply_until = reply_until - interval '1 hour'")


async def line(db: Database, *, channel: str = "wechat", user: str = "oResident_1") -> int:
    """The conversation of a resident who has not written yet."""
    async with db.transaction() as session:
        _, conversation = await open_line(session, channel, user)
        return key(conversation)


async def tell(db: Database, conversation_id: int, *texts: str, **more: Any) -> list[int]:
    """Says something to a resident; the ids of the messages."""
    async with db.transaction() as session:
        conversation = await locked(session, conversation_id)
        said = await say(db, session, conversation, [Outbound(text) for text in texts], **more)
        return [key(message) for message in said]


async def deliveries(db: Database) -> list[str]:
    """The states of what was said, in order."""
    found = await rows(db, "SELECT state FROM delivery ORDER BY message_id")
    return [row["state"] for row in found]
