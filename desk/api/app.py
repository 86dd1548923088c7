"""The public application: channels, the resident's page, and the operations' endpoints."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from connectors.telegram import TelegramAccount
from connectors.wechat import WeChatAccount
from desk.api import callbacks, chat, open311, telegram, webchat, wechat
from desk.api.limits import LimitBody
from desk.conversations.bell import Bell
from desk.conversations.world import World
from desk.database import DatabaseUnavailableError
from desk.tickets.backends.base import Backend, CallingBackend


def public_app(
    world: World,
    bell: Bell,
    *,
    wechat_account: WeChatAccount | None,
    telegram_account: TelegramAccount | None,
    reply_seconds: float,
    backend: Backend | None = None,
    open311_site: open311.Site | None = None,
) -> FastAPI:
    """Everything that the one public port serves. A channel without an account has no route."""
    app = FastAPI(title="应声", openapi_url="/api/openapi.json", docs_url=None, redoc_url=None)
    app.state.world = world
    app.add_middleware(LimitBody)
    app.include_router(chat.router())
    app.include_router(webchat.router(world, bell))
    if wechat_account is not None:
        app.include_router(wechat.router(world, bell, wechat_account, reply_seconds))
    if telegram_account is not None:
        app.include_router(telegram.router(world, telegram_account))
    if isinstance(backend, CallingBackend):
        app.include_router(callbacks.router(world, backend))
    if open311_site is not None:
        app.include_router(open311.router(world, open311_site))
        app.add_exception_handler(open311.Open311Error, open311.handle)

    @app.get("/healthz")
    async def healthz() -> Response:
        """The process lives."""
        return PlainTextResponse("ok")

    @app.get("/readyz")
    async def readyz() -> Response:
        """Database and engine answer. Messages are taken without the engine; answers are not."""
        try:
            await world.db.check()
            database = True
        except DatabaseUnavailableError:
            database = False
        state = {"database": database, "engine": await world.engine.ready()}
        return JSONResponse(state, 200 if all(state.values()) else 503)

    @app.exception_handler(DatabaseUnavailableError)
    async def unavailable(_request: Request, _error: Exception) -> Response:
        return JSONResponse({"detail": "服务暂时不可用，请稍后再试"}, 503)

    return app
