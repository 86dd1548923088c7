"""The channels that the settings turn on."""

from __future__ import annotations

from connectors import Channel
from connectors.telegram import TelegramAccount, TelegramChannel
from connectors.wechat import WeChat, WeChatAccount
from desk.conversations.platform_token import DatabaseTokenStore
from desk.database import Database
from desk.settings import Settings


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


def open_channels(settings: Settings, db: Database) -> dict[str, Channel]:
    """What delivers to each platform, by its name. Raises ValueError for half an account."""
    channels: dict[str, Channel] = {}
    if account := wechat_account(settings):
        channels["wechat"] = WeChat(account, DatabaseTokenStore(db, account.appid))
    if bot := telegram_account(settings):
        channels["telegram"] = TelegramChannel(bot)
    return channels
