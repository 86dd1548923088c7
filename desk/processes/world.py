"""Putting a process's world together from the settings."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from connectors import Channel
from connectors.telegram import TelegramAccount, TelegramChannel
from connectors.wechat import WeChat, WeChatAccount
from desk.city import load_city
from desk.conversations.engine import Engine
from desk.conversations.platform_token import DatabaseTokenStore
from desk.conversations.world import World
from desk.database import Database
from desk.database.embedded import EmbeddedDatabase
from desk.settings import ROOT, Settings

FAQ_DIR = ROOT / "nlu_data" / "faq"


def database_url(settings: Settings) -> str:
    """The external server that is named, or the embedded one."""
    return settings.database_url or EmbeddedDatabase(settings.data_dir).url


def wechat_account(settings: Settings) -> WeChatAccount | None:
    """The official account; None when the channel is off. Raises ValueError for half of one."""
    needed = {
        "YINGSHENG_WECHAT_APPID": settings.wechat_appid,
        "YINGSHENG_WECHAT_SECRET": settings.wechat_secret.get_secret_value(),
        "YINGSHENG_WECHAT_TOKEN": settings.wechat_token.get_secret_value(),
    }
    missing = [name for name, value in needed.items() if not value]
    if len(missing) == len(needed):
        return None
    if missing:
        raise ValueError(f"WeChat also needs {', '.join(missing)}")
    return WeChatAccount(
        appid=settings.wechat_appid,
        secret=settings.wechat_secret.get_secret_value(),
        token=settings.wechat_token.get_secret_value(),
        aes_key=settings.wechat_aes_key.get_secret_value(),
        api_url=settings.wechat_api_url,
    )


def telegram_account(settings: Settings) -> TelegramAccount | None:
    """The Telegram bot; None when the channel is off."""
    if settings.telegram_mode == "off" or not settings.telegram_token.get_secret_value():
        return None
    return TelegramAccount(
        token=settings.telegram_token.get_secret_value(),
        secret=settings.telegram_secret.get_secret_value(),
        api_url=settings.telegram_api_url,
    )


@asynccontextmanager
async def open_world(settings: Settings) -> AsyncGenerator[World]:
    """A world with its connections; closed when the block ends. Raises CityError and
    DatabaseUnavailableError."""
    city = load_city(settings.city_dir)
    db = Database(database_url(settings))
    engine = Engine(settings.engines, settings.token(), timeout=settings.turn_timeout)
    channels: dict[str, Channel] = {}
    if account := wechat_account(settings):
        channels["wechat"] = WeChat(account, DatabaseTokenStore(db, account.appid))
    if bot := telegram_account(settings):
        channels["telegram"] = TelegramChannel(bot)
    world = World(
        db=db,
        city=city,
        engine=engine,
        channels=channels,
        media_dir=settings.media_dir,
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
