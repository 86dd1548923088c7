"""The channel through which the application runs turns: `POST /webhooks/yingsheng/turn`."""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
import weakref
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json

from bot.action_endpoint import ActionServerUnavailable
from bot.database import DatabaseUnavailable
from bot.dialogue_store import DialogueChanged, DialogueStore, Reply
from bot.turns import TurnAgent

logger = logging.getLogger("yingsheng.engine")

#: Ids are the application's own; anything longer is a mistake.
_LONGEST_ID = 255


@dataclass(frozen=True)
class Turn:
    """What the application asks: run the turn that this message begins."""

    sender: str
    message_id: str
    text: str
    intent: str | None
    metadata: dict[str, Any]


class BadTurn(ValueError):
    """The request is not a turn; the message says why."""


def read_turn(body: Any, intents: list[str]) -> Turn:
    """Check a decoded request body.

    Raises:
        BadTurn: it is not a turn, or names an intent that the model does not have.

    """
    if not isinstance(body, dict):
        raise BadTurn("the body must be a JSON object")
    for name in ("sender", "message_id"):
        value = body.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID:
            raise BadTurn(f"{name} must be a text of 1 to {_LONGEST_ID} characters")
    if not isinstance(body.get("text", ""), str):
        raise BadTurn("text must be a text")
    intent = body.get("intent")
    if intent is not None and intent not in intents:
        raise BadTurn("intent is not one of the model's")
    metadata = body.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise BadTurn("metadata must be a JSON object")
    return Turn(body["sender"], body["message_id"], body.get("text", ""), intent, metadata)


class TurnChannel(InputChannel):
    """Runs a turn and answers with the replies; the same message again gets the same replies."""

    @classmethod
    def name(cls) -> str:
        return "yingsheng"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> TurnChannel:
        """From `credentials.yml`: `bot.channel.TurnChannel: {token: ...}`."""
        return cls(str((credentials or {}).get("token") or ""))

    def __init__(self, token: str) -> None:
        self._token = token
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes below `/webhooks/yingsheng`."""
        routes = Blueprint("yingsheng_turns")

        @routes.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            if not hmac.compare_digest(
                request.args.get("token", "").encode(), self._token.encode()
            ):
                return json({"error": "wrong token"}, status=401)
            return await self._answer(request.app, request)

        return routes

    async def _answer(self, app: Sanic, request: Request) -> HTTPResponse:
        agent: TurnAgent | None = app.ctx.agent
        if agent is None or agent.processor is None:
            return json({"error": "no model is loaded"}, status=503)
        try:
            turn = read_turn(request.json, agent.processor.domain.intents)
        except BadTurn as error:
            return json({"error": str(error)}, status=400)
        started = time.perf_counter()
        try:
            replies = await self._run(agent, turn)
        except (ActionServerUnavailable, DatabaseUnavailable, DialogueChanged) as error:
            logger.warning(
                "turn %s of %s not run: %s", turn.message_id, turn.sender, type(error).__name__
            )
            return json({"error": type(error).__name__}, status=503)
        logger.info(
            "turn %s of %s: %d replies in %.0f ms",
            turn.message_id,
            turn.sender,
            len(replies),
            1000 * (time.perf_counter() - started),
        )
        return json({"replies": replies})

    async def _run(self, agent: TurnAgent, turn: Turn) -> list[Reply]:
        assert agent.processor is not None
        store = agent.tracker_store
        assert isinstance(store, DialogueStore)
        lock = self._locks.setdefault(turn.sender, asyncio.Lock())
        async with lock:
            dialogue = await store.load(turn.sender)
            answered = dialogue.replies_to(turn.message_id)
            if answered is not None:
                return answered
            message = UserMessage(
                turn.text,
                CollectingOutputChannel(),
                turn.sender,
                input_channel=self.name(),
                message_id=turn.message_id,
                metadata={**turn.metadata, "message_id": turn.message_id},
            )
            message.text = turn.text
            replies = await agent.processor.run_turn(dialogue, message, turn.intent)
            await store.save_turn(dialogue, turn.message_id, replies)
            return replies
