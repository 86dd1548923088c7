"""The worker: runs queued jobs, and takes up what a killed one left behind."""

from __future__ import annotations

import asyncio
import contextlib
import logging

import psycopg
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

# The jobs register themselves when their room is imported.
import desk.conversations.jobs  # noqa: F401 # pyright: ignore[reportUnusedImport]
from desk.conversations.delivery import overdue
from desk.conversations.world import World
from desk.database import DatabaseUnavailableError, now

log = logging.getLogger(__name__)

# A job whose worker gave no sign for that long is done again. Short, because a resident waits; long
# enough that a busy process is not taken for a dead one.
SILENT_AFTER = 6.0
HEARTBEAT = 1.5
PAUSE = 1.0
# Seconds between looks at the queue. Notifications usually come first; but a job that waited for its
# lock is announced by nobody when the lock is free, and procrastinate 3.10 forgets what is announced
# while it looks (`Worker._fetch_and_process_jobs` clears the event after the fetch). One look takes
# half a millisecond.
LOOK = 0.05
# Seconds between looks for pushes that are due.
SWEEP = 0.5


async def work(world: World, *, concurrency: int) -> None:
    """Runs jobs until cancelled; starts again when the database went away."""
    while True:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_rescue(world))
                group.create_task(_sweep(world))
                group.create_task(
                    world.db.queue.run_worker_async(
                        concurrency=concurrency,
                        fetch_job_polling_interval=LOOK,
                        install_signal_handlers=False,
                        update_heartbeat_interval=HEARTBEAT,
                        stalled_worker_timeout=SILENT_AFTER,
                        shutdown_graceful_timeout=10,
                        delete_jobs="successful",
                        additional_context={"world": world},
                    )
                )
        except* (ConnectorException, DatabaseUnavailableError, psycopg.Error) as group_error:
            log.warning(
                "the worker lost the database: %s", type(group_error.exceptions[0]).__name__
            )
        await asyncio.sleep(PAUSE)


async def _sweep(world: World) -> None:
    """Queues the pushes whose time has come."""
    while True:
        async with world.db.single() as session:
            due = await overdue(session)
        for conversation_id in due:
            lock = f"deliver:{conversation_id}"
            job = world.db.job("deliver", lock=lock, queueing_lock=lock)
            with contextlib.suppress(AlreadyEnqueued):
                await job.defer_async(conversation_id=conversation_id)
        await asyncio.sleep(SWEEP)


async def _rescue(world: World) -> None:
    """Puts jobs of silent workers back into the queue."""
    jobs = world.db.queue.job_manager
    while True:
        for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=SILENT_AFTER):
            log.warning("job %s is done again: its worker is silent", job.id)
            await jobs.retry_job(job, retry_at=now())
        await asyncio.sleep(HEARTBEAT)
