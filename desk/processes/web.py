"""The web process: the public port, the action endpoint on loopback, and workers."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import Coroutine, Generator, Sequence

import uvicorn
from fastapi import FastAPI

from actions.endpoint import action_endpoint
from actions.outcome import Services
from connectors import Inbound
from connectors.telegram import poll
from desk.api.app import public_app
from desk.api.open311 import Site
from desk.conversations.bell import Bell
from desk.conversations.receive import receive
from desk.knowledge import Answers
from desk.processes.channels import telegram_account, wechat_account
from desk.processes.logs import report_unheard
from desk.processes.worker import work
from desk.processes.world import FAQ_DIR, open_backend, open_world
from desk.settings import Settings

log = logging.getLogger(__name__)

CONCURRENCY = 16


class _Server(uvicorn.Server):
    """A server without signal handlers of its own: two run here, and one place decides the end."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Nothing to capture."""
        yield


def _server(app: FastAPI, host: str, port: int) -> _Server:
    return _Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=5,
            server_header=False,
        )
    )


async def serve_web(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT, then stops in order: no new requests, then the jobs at hand."""
    bell = Bell()
    async with open_world(settings) as world, open_backend(settings) as backend:
        telegram = telegram_account(settings)
        services = Services(world, Answers(FAQ_DIR))
        public = _server(
            public_app(
                world,
                bell,
                wechat_account=wechat_account(settings),
                telegram_account=telegram,
                reply_seconds=settings.wechat_reply_seconds,
                backend=backend,
                open311_site=Site(settings.jurisdiction or settings.city, settings.public_url),
            ),
            settings.host,
            settings.port,
        )
        endpoint = _server(
            action_endpoint(services, settings.token()), "127.0.0.1", settings.actions_port
        )

        async def store(inbound: Inbound) -> None:
            await receive(world.db, inbound)

        background: list[Coroutine[None, None, None]] = [bell.run(world.db)]
        if settings.web_jobs:
            background.append(work(world, concurrency=settings.web_jobs, backend=backend))
        if telegram is not None and settings.telegram_mode == "polling":
            background.append(poll(telegram, store))
        _settle()
        await _run_until_told(public, endpoint, background)


async def serve_worker(settings: Settings) -> None:
    """Workers alone, for a machine that only works the queue."""
    async with open_world(settings) as world, open_backend(settings) as backend:
        _settle()
        task = asyncio.create_task(work(world, concurrency=CONCURRENCY, backend=backend))
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(report_unheard)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _settle() -> None:
    """What was made until now stays: the collector need not look at it with every request."""
    gc.collect()
    gc.freeze()


async def _run_until_told(
    public: _Server, endpoint: _Server, background: Sequence[Coroutine[None, None, None]]
) -> None:
    def stop() -> None:
        public.should_exit = True

    loop = asyncio.get_running_loop()
    loop.set_exception_handler(report_unheard)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in background]
        inner = group.create_task(endpoint.serve())
        await public.serve()
        for task in tasks:
            task.cancel()
        # The jobs at hand still need the actions; the endpoint closes after them.
        await asyncio.wait(tasks)
        endpoint.should_exit = True
        await inner
