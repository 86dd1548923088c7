"""`yingsheng doctor`: what is on, what is missing, and what each channel needs."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from desk.database import Database, DatabaseUnavailableError
from desk.processes.supervisor import StartError, check_city, find_model
from desk.processes.world import backend_of, database_url
from desk.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `needed`: the system does not work without it."""

    what: str
    well: bool
    advice: str
    needed: bool = True

    @property
    def state(self) -> str:
        """In a word."""
        return "正常" if self.well else ("有问题" if self.needed else "未启用")


async def examine(settings: Settings) -> list[Finding]:
    """Looks at everything; changes nothing."""
    return [
        _city(settings),
        _model(settings),
        await _database(settings),
        *[await _engine(url, settings.token()) for url in settings.engines],
        Finding("网页聊天", well=True, advice=f"/chat，端口 {settings.port}"),
        _wechat(settings),
        _telegram(settings),
        _backend(settings),
    ]


def _city(settings: Settings) -> Finding:
    try:
        check_city(settings)
    except StartError as error:
        return Finding("城市数据", well=False, advice=str(error))
    return Finding("城市数据", well=True, advice=str(settings.city_dir))


def _model(settings: Settings) -> Finding:
    try:
        return Finding("模型", well=True, advice=find_model(settings).name)
    except StartError as error:
        return Finding("模型", well=False, advice=str(error))


async def _database(settings: Settings) -> Finding:
    db = Database(database_url(settings))
    where = "外部数据库" if settings.database_url else "内置数据库"
    try:
        await db.check()
    except DatabaseUnavailableError:
        return Finding(
            where,
            well=False,
            advice="连不上。内置的由 make run 启动；外部的请检查 YINGSHENG_DATABASE_URL",
        )
    finally:
        await db.dispose()
    return Finding(where, well=True, advice="可以连接")


async def _engine(url: str, token: str) -> Finding:
    try:
        async with httpx.AsyncClient(timeout=3) as client:
            answer = await client.get(f"{url}/status", params={"token": token})
        well = answer.status_code == 200
    except httpx.TransportError:
        well = False
    return Finding(
        f"引擎 {url}", well, "就绪" if well else "没有应答。由 make run 或 yingsheng engine 启动"
    )


def _wechat(settings: Settings) -> Finding:
    values = {
        "YINGSHENG_WECHAT_APPID": settings.wechat_appid,
        "YINGSHENG_WECHAT_SECRET": settings.wechat_secret.get_secret_value(),
        "YINGSHENG_WECHAT_TOKEN": settings.wechat_token.get_secret_value(),
    }
    missing = [name for name, value in values.items() if not value]
    if len(missing) == len(values):
        return Finding(
            "微信公众号",
            well=False,
            needed=False,
            advice=f"需要 {'、'.join(values)}（公众平台“基本配置”页）；加密模式再加 "
            "YINGSHENG_WECHAT_AES_KEY；回调地址填 https://您的域名/channels/wechat",
        )
    if missing:
        return Finding("微信公众号", well=False, advice=f"还缺 {'、'.join(missing)}")
    mode = "加密模式" if settings.wechat_aes_key.get_secret_value() else "明文模式"
    return Finding("微信公众号", well=True, advice=f"已启用，{mode}")


def _telegram(settings: Settings) -> Finding:
    token = settings.telegram_token.get_secret_value()
    secret = settings.telegram_secret.get_secret_value()
    if settings.telegram_mode == "off":
        return Finding(
            "Telegram",
            well=False,
            needed=False,
            advice="需要 YINGSHENG_TELEGRAM_MODE=polling 或 webhook、YINGSHENG_TELEGRAM_TOKEN；"
            "webhook 还要 YINGSHENG_TELEGRAM_SECRET。注意：启用后居民的消息会经过境外服务器",
        )
    if not token:
        return Finding("Telegram", well=False, advice="还缺 YINGSHENG_TELEGRAM_TOKEN")
    if settings.telegram_mode == "webhook" and not secret:
        return Finding("Telegram", well=False, advice="webhook 还缺 YINGSHENG_TELEGRAM_SECRET")
    return Finding(
        "Telegram", well=True, advice=f"已启用（{settings.telegram_mode}）；消息会经过境外服务器"
    )


def _backend(settings: Settings) -> Finding:
    try:
        backend = backend_of(settings)
    except ValueError as error:
        return Finding("工单平台", well=False, advice=str(error))
    if backend is None:
        return Finding("工单平台", well=True, advice="工单在本系统办理")
    handed = "交给它电话和保密工单全文" if backend.trusted else "不交给它电话和保密内容"
    return Finding(
        "工单平台",
        well=True,
        advice=f"{backend.name}，{handed}；没送到的看 yingsheng backend failed",
    )
