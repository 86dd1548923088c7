"""The worker: runs queued jobs, and takes up what a killed one left behind."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
from procrastinate import JobContext
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.worker import Worker

# The jobs register themselves when their room is imported.
import desk.conversations.jobs  # noqa: F401 # pyright: ignore[reportUnusedImport]
from desk.conversations.delivery import overdue
from desk.conversations.world import World
from desk.database import DatabaseUnavailableError, now
from desk.tickets.backends.base import Backend
from desk.tickets.backends.jobs import sweep
from desk.tickets.marks import sweep as sweep_deadlines
from desk.tickets.reviews.silence import sweep as sweep_unanswered

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


class _StoppedError(Exception):
    """procrastinate's worker stopped by itself, which it does when it cannot tell that it lives."""


_LOST = (ConnectorException, DatabaseUnavailableError, psycopg.Error, _StoppedError)


@dataclass
class _AtHand:
    """The jobs that run in this process, and under which worker's name."""

    worker_id: int | None = None
    jobs: set[int | None] = field(default_factory=set[int | None])

    async def note(
        self, run: Callable[[], Awaitable[Any]], context: JobContext, worker: Worker
    ) -> Any:
        """Around every job."""
        self.worker_id = worker.worker_id
        self.jobs.add(context.job.id)
        try:
            return await run()
        finally:
            self.jobs.discard(context.job.id)


async def work(world: World, *, concurrency: int, backend: Backend | None = None) -> None:
    """Runs jobs until cancelled; starts again when the database went away."""
    while True:
        at_hand = _AtHand()
        work_to_do = [
            _run(world, backend, at_hand, concurrency),
            _rescue(world, at_hand),
            _sweep(world),
            sweep_unanswered(world.db, world.city),
            sweep_deadlines(world.db, world.city),
        ]
        if backend is not None:
            work_to_do.append(sweep(world.db, backend))
        parts = [asyncio.create_task(part) for part in work_to_do]
        try:
            await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for part in parts:
                part.cancel()
            ended = await asyncio.gather(*parts, return_exceptions=True)
        for fault in ended:
            if isinstance(fault, _LOST):
                log.warning("the worker lost the database: %s", type(fault).__name__)
            elif isinstance(fault, Exception):
                raise fault
        await asyncio.sleep(PAUSE)


async def _run(world: World, backend: Backend | None, at_hand: _AtHand, concurrency: int) -> None:
    await world.db.queue.run_worker_async(
        concurrency=concurrency,
        fetch_job_polling_interval=LOOK,
        install_signal_handlers=False,
        update_heartbeat_interval=HEARTBEAT,
        stalled_worker_timeout=SILENT_AFTER,
        shutdown_graceful_timeout=10,
        delete_jobs="successful",
        additional_context={"world": world, "backend": backend},
        worker_middleware=[at_hand.note],
    )
    raise _StoppedError


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


async def _rescue(world: World, at_hand: _AtHand) -> None:
    """Puts back into the queue what nobody is at: jobs of silent workers, and those of our own whose
    end could not be stored."""
    jobs = world.db.queue.job_manager
    ended: set[int | None] = set()
    while True:
        silent = list(await jobs.get_stalled_jobs(seconds_since_heartbeat=SILENT_AFTER))
        ours = await jobs.list_jobs_async(status="doing", worker_id=at_hand.worker_id or 0)
        idle = [job for job in ours if job.id not in at_hand.jobs]
        # Seen twice: at the first look its end may be on its way.
        for job in (*silent, *(job for job in idle if job.id in ended)):
            log.warning("job %s is done again: nobody is at it", job.id)
            with contextlib.suppress(ConnectorException):  # another process was quicker
                await jobs.retry_job(job, retry_at=now())
        ended = {job.id for job in idle}
        await asyncio.sleep(HEARTBEAT)
