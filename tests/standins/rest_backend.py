"""A stand-in of a city's platform that speaks the REST contract of docs/backends.md.

It checks signatures by itself, with its own reading of the contract.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.standins.faulty import Control, Faults, Json, control_route
from tests.standins.server import TLS, serve

KEY = "platform-key-of-this-year"


def signed(body: bytes, key: str = KEY, at: float | None = None) -> dict[str, str]:
    """The headers of the contract."""
    moment = str(int(time.time() if at is None else at))
    code = hmac.new(key.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Yingsheng-Timestamp": moment, "X-Yingsheng-Signature": f"sha256={code}"}


class RestControl(Control):
    """The levers of a running stand-in, and its callbacks."""

    def tickets(self) -> list[Json]:
        """What it was given, as it came, with its own `id`."""
        return self.ask("tickets")["tickets"]

    def steps(self, external_id: str) -> list[Json]:
        """What it was told of a ticket."""
        return self.ask("steps", external_id=external_id)["steps"]

    @staticmethod
    def call(url: str, event: Json, key: str = KEY, at: float | None = None) -> httpx.Response:
        """Calls back as the platform does."""
        body = json.dumps(event).encode()
        with httpx.Client(trust_env=False, verify=TLS, timeout=10) as http:
            return http.post(url, content=body, headers=signed(body, key, at))


class _Platform:
    def __init__(self, key: str) -> None:
        self.key = key
        self.by_key: dict[str, Json] = {}
        self.told: dict[str, dict[str, Json]] = {}

    def refused(self, request: Request, body: bytes) -> Response | None:
        moment = request.headers.get("X-Yingsheng-Timestamp", "0")
        wanted = signed(body, self.key, float(moment))["X-Yingsheng-Signature"]
        right = hmac.compare_digest(request.headers.get("X-Yingsheng-Signature", ""), wanted)
        if not right or abs(time.time() - float(moment)) > 300:
            return JSONResponse({"detail": "signature"}, 401)
        return None

    def create(self, key: str, ticket: Json) -> Response:
        new = key not in self.by_key
        if new:
            self.by_key[key] = {**ticket, "id": f"P-{len(self.by_key) + 1:06d}"}
        return JSONResponse({"id": self.by_key[key]["id"]}, 201 if new else 200)

    def step(self, external_id: str, key: str, step: Json) -> Response:
        self.told.setdefault(external_id, {})[key] = step
        return JSONResponse({})

    def steps(self, external_id: str) -> Json:
        return {"steps": list(self.told.get(external_id, {}).values())}


@contextmanager
def rest_backend(key: str = KEY) -> Generator[RestControl]:
    """The running stand-in, on a loopback port of its own."""
    platform, faults = _Platform(key), Faults()

    async def tickets(request: Request) -> Response:
        body = await request.body()

        async def do() -> Response:
            return platform.refused(request, body) or platform.create(
                request.headers["Idempotency-Key"], json.loads(body)
            )

        return await faults.around("create", do)

    async def steps(request: Request) -> Response:
        body = await request.body()

        async def do() -> Response:
            return platform.refused(request, body) or platform.step(
                request.path_params["id"], request.headers["Idempotency-Key"], json.loads(body)
            )

        return await faults.around("step", do)

    verbs: dict[str, Any] = {
        "tickets": lambda: {"tickets": list(platform.by_key.values())},
        "steps": platform.steps,
    }
    app = Starlette(
        routes=[
            Route("/tickets", tickets, methods=["POST"]),
            Route("/tickets/{id}/steps", steps, methods=["POST"]),
            control_route(faults, verbs),
        ]
    )
    with serve(app) as url:
        yield RestControl(url)
