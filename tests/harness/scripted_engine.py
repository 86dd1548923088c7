"""An engine by contract: answers turns over HTTP as told, and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from desk.conversations.engine import Engine
from tests.standins.server import serve

TOKEN = "scripted"


@dataclass
class ScriptedEngine:
    """`faults`: HTTP statuses of the next answers, 200 for a sound one; `garbled`: answers that are
    no turn; `delay`: seconds before an answer; `most`: the turns it had at a time."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    replies: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    faults: list[int] = field(default_factory=list[int])
    garbled: bool = False
    delay: float = 0.0
    at_once: int = 0
    most: int = 0

    @property
    def texts(self) -> list[str]:
        """What was asked, in order."""
        return [one["text"] for one in self.asked]

    def client(self, *further: str, timeout: float = 5) -> Engine:
        """The desk's side of it; `further` engines are asked after this one."""
        return Engine([self.url, *further], TOKEN, timeout=timeout)

    async def turn(self, request: Request) -> Response:
        """POST /webhooks/yingsheng/turn."""
        if request.query_params.get("token") != TOKEN:
            return Response(status_code=401)
        asked = await request.json()
        self.asked.append(asked)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(self.delay)
        self.at_once -= 1
        status = self.faults.pop(0) if self.faults else 200
        if status != 200:
            return JSONResponse({"error": "told so"}, status)
        if self.garbled:
            return JSONResponse({"answer": "no turn"})
        texts = self.replies.get(asked["text"], [f"收到：{asked['text']}"])
        return JSONResponse({"replies": [{"text": text} for text in texts]})


@contextmanager
def scripted_engine() -> Generator[ScriptedEngine]:
    """The running engine."""
    engine = ScriptedEngine()

    async def status(_: Request) -> Response:
        return JSONResponse({"model_id": "scripted"})

    app = Starlette(
        routes=[
            Route("/webhooks/yingsheng/turn", engine.turn, methods=["POST"]),
            Route("/status", status),
        ]
    )
    with serve(app) as url:
        engine.url = url
        yield engine
