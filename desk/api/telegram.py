"""The Telegram webhook. Off unless a city turns it on: what residents write leaves the country."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from connectors.telegram import Forbidden, Malformed, TelegramAccount, parse_update, verify_secret
from desk.api.storing import store
from desk.conversations.world import World
from desk.database import now


def router(world: World, account: TelegramAccount) -> APIRouter:
    """`/channels/telegram`. What is no message of a resident is acknowledged and ignored."""
    routes = APIRouter()

    @routes.post("/channels/telegram")
    async def update(request: Request) -> Response:
        try:
            verify_secret(request.headers.get("x-telegram-bot-api-secret-token"), account.secret)
            inbound = parse_update(await request.body(), now())
        except Forbidden:
            return Response(status_code=403)
        except Malformed:
            return Response(status_code=400)
        if inbound is not None:
            await store(world.db, inbound)
        return Response(status_code=200)

    return routes
