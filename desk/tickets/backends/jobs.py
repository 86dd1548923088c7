"""The jobs of this room, and what queues them when their time has come."""

from __future__ import annotations

import asyncio
import contextlib

from procrastinate import JobContext
from procrastinate.exceptions import AlreadyEnqueued

from desk.conversations.world import World
from desk.database import Database
from desk.database.queue import tasks
from desk.tickets.backends.base import Backend, PolledBackend
from desk.tickets.backends.outbox import lane
from desk.tickets.backends.polling import fetch_updates, poll_is_due
from desk.tickets.backends.sending import due, send
from desk.tickets.backends.updates import apply_updates

# Seconds between looks for what is due.
SWEEP = 2.0


@tasks.task(name="send", pass_context=True)
async def run_send(context: JobContext, *, ticket_id: int) -> None:
    """Sends what is due of a ticket. Until this process has a platform, it stays in the outbox."""
    world, backend = _world(context), _backend(context)
    if backend is not None:
        await send(world.db, world.city, backend, ticket_id)


@tasks.task(name="apply_updates", pass_context=True, retry=5)
async def run_apply_updates(context: JobContext, *, ticket_id: int) -> None:
    """Makes the steps that a ticket's news tell."""
    world = _world(context)
    await apply_updates(world.db, world.city, ticket_id)


@tasks.task(name="fetch_updates", pass_context=True)
async def run_fetch_updates(context: JobContext) -> None:
    """Asks the platform for news."""
    world, backend = _world(context), _backend(context)
    if isinstance(backend, PolledBackend):
        await fetch_updates(world.db, world.city, backend)


async def sweep(db: Database, backend: Backend) -> None:
    """Queues what is due, until cancelled."""
    while True:
        async with db.transaction() as session:
            tickets = await due(session)
            polls = isinstance(backend, PolledBackend) and await poll_is_due(session, backend)
        for ticket_id in tickets:
            job = db.job("send", lock=lane(ticket_id), queueing_lock=f"send-ticket:{ticket_id}")
            with contextlib.suppress(AlreadyEnqueued):
                await job.defer_async(ticket_id=ticket_id)
        if polls:
            lock = f"poll:{backend.name}"
            with contextlib.suppress(AlreadyEnqueued):
                await db.job("fetch_updates", lock=lock, queueing_lock=lock).defer_async()
        await asyncio.sleep(SWEEP)


def _world(context: JobContext) -> World:
    return context.additional_context["world"]


def _backend(context: JobContext) -> Backend | None:
    return context.additional_context.get("backend")
