"""What every platform of a city may do wrong: refuse, be slow, take something and lose the answer."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.standins.server import TLS

Json = dict[str, Any]


class Faults:
    """The faults to come, by the name of a call, and how often each was made."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self._next: defaultdict[str, list[Json]] = defaultdict(list)

    def plan(self, name: str, times: int, kind: Json) -> None:
        self._next[name].append({"times": times, "kind": kind})

    def mend(self) -> None:
        self._next.clear()

    async def around(self, name: str, do: Callable[[], Awaitable[Response]]) -> Response:
        """Carries a call out, or does what is planned instead, or besides."""
        self.calls[name] += 1
        kind: Json = {}
        for fault in self._next[name]:
            if fault["times"] != 0:
                fault["times"] -= 1
                kind = fault["kind"]
                break
        answer: Response | None = None
        if not kind or kind.get("after"):
            answer = await do()
        await asyncio.sleep(kind.get("delay", 0))
        if "body" in kind:
            return Response(kind["body"], kind.get("status", 200), media_type="application/json")
        if "status" in kind:
            return Response("{}", kind["status"], kind.get("headers"))
        return answer or await do()


class Control:
    """The levers of a running stand-in, over HTTP below `/_control`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def fault(self, name: str, times: int = -1, **kind: object) -> None:
        """For the next `times` calls of `name`, -1 until `mend`: `status`, `headers`, `body`, `delay`
        in seconds, `after` (the call is carried out all the same)."""
        self.ask("fault", name=name, times=times, kind=kind)

    def mend(self) -> None:
        """Ends all faults."""
        self.ask("mend")

    def calls(self) -> dict[str, int]:
        """How often each call was made."""
        return self.ask("calls")["calls"]

    def ask(self, verb: str, **asked: object) -> Json:
        with httpx.Client(trust_env=False, verify=TLS, timeout=10) as http:
            answer = http.post(f"{self.url}/_control/{verb}", json=asked)
        answer.raise_for_status()
        return answer.json()


def control_route(faults: Faults, verbs: dict[str, Callable[..., Any]]) -> Route:
    """`/_control/<verb>` for these verbs and those of the faults."""

    async def control(request: Request) -> Response:
        verb, asked = request.path_params["verb"], await request.json()
        if verb == "fault":
            faults.plan(asked["name"], asked["times"], asked["kind"])
            return JSONResponse({})
        if verb == "mend":
            faults.mend()
            return JSONResponse({})
        if verb == "calls":
            return JSONResponse({"calls": faults.calls})
        return JSONResponse(verbs[verb](**asked) or {})

    return Route("/_control/{verb}", control, methods=["POST"])
