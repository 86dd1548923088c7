"""Putting a process's world together from the settings."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

from connectors import Channel
from desk.city import load_city
from desk.conversations.engine import Engine
from desk.conversations.world import World
from desk.database import Database
from desk.database.embedded import EmbeddedDatabase
from desk.settings import ROOT, Settings
from desk.tickets.backends.base import Backend
from desk.tickets.backends.open311 import Open311Account, Open311Backend
from desk.tickets.backends.rest import RestAccount, RestBackend

FAQ_DIR = ROOT / "nlu_data" / "faq"


def database_url(settings: Settings) -> str:
    """The external server that is named, or the embedded one."""
    return settings.database_url or EmbeddedDatabase(settings.data_dir).url


def backend_of(settings: Settings) -> Backend | None:
    """The city's platform; None when tickets are handled here. Raises ValueError for half of one."""
    if settings.backend == "embedded":
        return None
    keys = tuple(key for one in settings.backend_keys if (key := one.get_secret_value()))
    if not settings.backend_url.startswith(("http://", "https://")) or not keys:
        raise ValueError(
            f"YINGSHENG_BACKEND={settings.backend} also needs YINGSHENG_BACKEND_URL (http…) and "
            "YINGSHENG_BACKEND_KEYS"
        )
    if settings.backend == "rest":
        return RestBackend(RestAccount(settings.backend_url, keys, settings.backend_trusted))
    return Open311Backend(
        Open311Account(
            settings.backend_url,
            keys[0],
            jurisdiction=settings.backend_jurisdiction,
            trusted=settings.backend_trusted,
            updated_after=settings.backend_updated_after,
            poll=timedelta(seconds=settings.backend_poll_seconds),
        )
    )


@asynccontextmanager
async def open_backend(settings: Settings) -> AsyncGenerator[Backend | None]:
    """The same with its connections; closed when the block ends."""
    backend = backend_of(settings)
    try:
        yield backend
    finally:
        if backend is not None:
            await backend.aclose()


@asynccontextmanager
async def open_world(settings: Settings) -> AsyncGenerator[World]:
    """A world with its connections; closed when the block ends. Raises CityError and
    DatabaseUnavailableError."""
    city = load_city(settings.city_dir)
    db = Database(database_url(settings))
    engine = Engine(settings.engines, settings.token(), timeout=settings.turn_timeout)
    channels: dict[str, Channel] = {}
    if settings.wechat_appid or settings.telegram_mode != "off":
        # The platforms' libraries are large, and a command of staff should not wait for them.
        from desk.processes.channels import open_channels  # noqa: PLC0415

        channels = open_channels(settings, db)
    world = World(
        db=db,
        city=city,
        engine=engine,
        channels=channels,
        media_dir=settings.media_dir,
        backend=settings.backend,
    )
    try:
        await db.check()
        async with db.queue.open_async():
            yield world
    finally:
        for channel in channels.values():
            await channel.aclose()
        await engine.aclose()
        await db.dispose()
