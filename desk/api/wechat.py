"""The official account's callback."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from sqlmodel import select
from starlette.background import BackgroundTask

from connectors import Outbound
from connectors.wechat import (
    ACKNOWLEDGED,
    Forbidden,
    Malformed,
    WeChatAccount,
    open_callback,
    pack,
    passive_reply,
    verify,
)
from desk.api.storing import store
from desk.conversations.bell import Bell
from desk.conversations.delivery import claim_passive, confirm_passive
from desk.conversations.receive import Received
from desk.conversations.tables import Message
from desk.conversations.world import World
from desk.database import DatabaseUnavailableError, now

log = logging.getLogger(__name__)


def router(world: World, bell: Bell, account: WeChatAccount, reply_seconds: float) -> APIRouter:
    """`/channels/wechat`: the echo that proves the address, and the messages."""
    routes = APIRouter()

    @routes.get("/channels/wechat")
    async def echo(request: Request) -> Response:
        try:
            return PlainTextResponse(verify(account, request.query_params, datetime.now(UTC)))
        except Forbidden:
            return Response(status_code=403)

    @routes.post("/channels/wechat")
    async def callback(request: Request) -> Response:
        body = await request.body()
        arrived = now()
        try:
            opened = open_callback(account, request.query_params, body, arrived)
        except Forbidden as refusal:
            log.warning("a WeChat callback was refused: %s", refusal)
            return Response(status_code=403)
        except Malformed as fault:
            log.warning("a WeChat callback was not understood: %s", fault)
            return Response(status_code=400)
        if opened.inbound is None:
            return PlainTextResponse(ACKNOWLEDGED)
        until = arrived + timedelta(seconds=reply_seconds)
        received = await store(world.db, opened.inbound, reply_seconds=reply_seconds, until=until)
        if received is None:
            return PlainTextResponse(ACKNOWLEDGED)
        text = ""
        try:
            if await _wait_for_answer(received, until) and not await request.is_disconnected():
                text = await _claim(received)
        except DatabaseUnavailableError:
            log.warning("the answer to message %s is pushed: no database", received.message_id)
        if not text:
            return PlainTextResponse(ACKNOWLEDGED)
        return Response(
            passive_reply(account, opened.address, text, now()),
            media_type="application/xml",
            background=BackgroundTask(confirm_passive, world.db, received.message_id),
        )

    async def _wait_for_answer(received: Received, until: datetime) -> bool:
        """Whether the answer is ready in the callback's time; if not, it is pushed."""
        with bell.watch(received.conversation_id) as wait:
            while not await _answered(received.message_id):
                left = (until - now()).total_seconds()
                if left <= 0:
                    return False
                await wait(left)
        return True

    async def _claim(received: Received) -> str:
        texts: list[str] = []

        def fitting(outbound: Sequence[Outbound]) -> int:
            body, count = pack([item.text for item in outbound])
            texts.append(body)
            return count

        async with world.db.transaction() as session:
            claimed = await claim_passive(session, received, fitting)
        return texts[0] if claimed else ""

    async def _answered(message_id: int) -> bool:
        async with world.db.single() as session:
            found = await session.exec(select(Message.answered_at).where(Message.id == message_id))
            return found.one() is not None

    return routes
