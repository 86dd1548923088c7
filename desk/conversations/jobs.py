"""The jobs of this room, as the queue runs them."""

from __future__ import annotations

from datetime import timedelta

import procrastinate
from procrastinate import JobContext
from procrastinate.jobs import Job

from desk.conversations import delivery, handoff, media, turn
from desk.conversations.engine import EngineUnavailableError
from desk.conversations.world import World
from desk.database import now
from desk.database.queue import tasks

# A turn that the engine refuses is tried this often, then people get it. While no engine answers at
# all it is tried without end: nothing is lost, and an answer follows.
REFUSALS = 4
LONGEST_WAIT = 10.0


class _Patience(procrastinate.BaseRetryStrategy):
    """Soon, then every LONGEST_WAIT seconds, as long as it takes."""

    def get_retry_decision(
        self, *, exception: BaseException, job: Job
    ) -> procrastinate.RetryDecision | None:
        wait = min(0.5 * 2**job.attempts, LONGEST_WAIT)
        if not isinstance(exception, EngineUnavailableError):
            wait = min(2.0**job.attempts, 300.0)
        return procrastinate.RetryDecision(retry_at=now() + timedelta(seconds=wait))


@tasks.task(name="turn", pass_context=True, retry=_Patience())
async def run_turn(context: JobContext, *, conversation_id: int) -> None:
    """Answers what waits in a conversation."""
    world = _world(context)
    await turn.take_turn(
        world.db,
        world.city,
        world.engine,
        conversation_id,
        last_try=context.job.attempts >= REFUSALS,
    )


@tasks.task(name="deliver", pass_context=True, retry=_Patience())
async def run_deliver(context: JobContext, *, conversation_id: int) -> None:
    """Pushes what waits in the outbox of a conversation."""
    world = _world(context)
    await delivery.deliver(world.db, world.channels, conversation_id)


@tasks.task(name="queue_timeout", pass_context=True, retry=_Patience())
async def run_queue_timeout(context: JobContext, *, conversation_id: int, queued_at: str) -> None:
    """Takes a conversation back that waited too long for a person."""
    world = _world(context)
    await handoff.queue_timeout(world.db, world.city, conversation_id, queued_at)


@tasks.task(name="fetch_media", pass_context=True, retry=_Patience())
async def run_fetch_media(context: JobContext, *, message_id: int) -> None:
    """Downloads a picture or recording."""
    world = _world(context)
    await media.fetch(
        world.db, world.channels, world.media_dir, message_id, last_try=context.job.attempts >= 6
    )


def _world(context: JobContext) -> World:
    return context.additional_context["world"]
