"""A stand-in of the WeChat API, over real HTTP, that enforces the platform's rules.

`with wechat_api() as api:` starts it; point the connector at `api.url`. Whatever a test does to it
goes over HTTP below `/_control`, so that another process can: `WeChatControl(url)`.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.standins.server import TLS, serve
from tests.standins.wechat_rules import Json, RefusedError, Rules

TOKEN_PATH = "/cgi-bin/stable_token"
SEND_PATH = "/cgi-bin/message/custom/send"
NOTICE_PATH = "/cgi-bin/message/subscribe/bizsend"
MEDIA_PATH = "/cgi-bin/media/get"


@contextmanager
def wechat_api(rules: Rules | None = None) -> Generator[WeChatControl]:
    """The running stand-in, on a loopback port of its own."""
    with serve(_create_app(rules or Rules())) as url:
        yield WeChatControl(url)


class WeChatControl:
    """The levers of a running stand-in."""

    def __init__(self, url: str) -> None:
        self.url = url

    def did(self, openid: str, what: str = "message") -> None:
        """`what`: message, subscribe, scan, click or unsubscribe."""
        self._ask("did", openid=openid, what=what)

    def grant(self, openid: str, template_id: str) -> None:
        """The resident agrees to a subscription notice."""
        self._ask("grant", openid=openid, template_id=template_id)

    def fault(self, path: str, times: int = -1, **kind: object) -> None:
        """Answers `path` with `errcode` and `errmsg`, or with HTTP `status` and `body`, after
        `delay` seconds, for the next `times` calls; -1 is until `mend`.
        """
        self._ask("fault", path=path, times=times, **kind)

    def mend(self) -> None:
        """Ends all faults."""
        self._ask("mend")

    def advance(self, seconds: float) -> None:
        """Puts the platform's clock forward."""
        self._ask("advance", seconds=seconds)

    def revoke(self) -> None:
        """Every token given so far is refused (40001); normal mode still gives the same one."""
        self._ask("revoke")

    def media(self, media_id: str, content: bytes, content_type: str) -> None:
        """Stores a file of a resident."""
        encoded = base64.b64encode(content).decode()
        self._ask("media", media_id=media_id, content=encoded, content_type=content_type)

    def record(self, openid: str, via: str, text: str) -> None:
        """Notes what a resident received by another way than this API."""
        self._ask("record", openid=openid, via=via, text=text)

    def sent(self, openid: str) -> list[Json]:
        """What the resident received, in order: `via` (passive, kefu, notice, fault), `text`."""
        return self._ask("sent", openid=openid)["sent"]

    def calls(self) -> dict[str, int]:
        """How often each path was called."""
        return self._ask("calls")["calls"]

    def _ask(self, verb: str, **asked: object) -> Json:
        with httpx.Client(trust_env=False, verify=TLS, timeout=10) as http:
            answer = http.post(f"{self.url}/_control/{verb}", json=asked)
        answer.raise_for_status()
        return answer.json()


class _Levers:
    """What :class:`WeChatControl` asks for, done to the rules."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def did(self, openid: str, what: str) -> None:
        self._rules.did(openid, what)

    def grant(self, openid: str, template_id: str) -> None:
        self._rules.residents[openid].granted.add(template_id)

    def fault(self, path: str, **kind: object) -> None:
        self._rules.faults[path].append(kind)

    def mend(self) -> None:
        self._rules.faults.clear()

    def advance(self, seconds: float) -> None:
        self._rules.ahead += seconds

    def revoke(self) -> None:
        self._rules.revoke()

    def media(self, media_id: str, content: str, content_type: str) -> None:
        self._rules.media[media_id] = base64.b64decode(content), content_type

    def record(self, openid: str, via: str, text: str) -> None:
        self._rules.record(openid, via, text)

    def sent(self, openid: str) -> Json:
        return {"sent": [one for one in self._rules.sent if one["openid"] == openid]}

    def calls(self) -> Json:
        return {"calls": self._rules.calls}


class _Endpoints:
    """The paths of the API."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    async def stable_token(self, request: Request) -> Response:
        return JSONResponse(self._rules.stable_token(await request.json()))

    async def send(self, request: Request) -> Response:
        self._rules.kefu(await self._message(request))
        return _answer(0, "ok")

    async def notify(self, request: Request) -> Response:
        self._rules.bizsend(await self._message(request))
        return _answer(0, "ok")

    async def media(self, request: Request) -> Response:
        self._authorise(request)
        media_id = request.query_params.get("media_id", "")
        if media_id not in self._rules.media:
            raise RefusedError(40007, "invalid media_id")
        content, content_type = self._rules.media[media_id]
        return Response(content, headers={"Content-Type": content_type})

    def _authorise(self, request: Request) -> None:
        self._rules.authorise(request.query_params.get("access_token", ""))

    async def _message(self, request: Request) -> Json:
        self._authorise(request)
        body = await request.body()
        if b"\\u" in body:  # residents would read the escapes
            raise RefusedError(47001, "data format error")
        return json.loads(body)


def _create_app(rules: Rules) -> Starlette:
    endpoints, levers = _Endpoints(rules), _Levers(rules)

    def guarded(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[..., object]:
        async def call(request: Request) -> Response:
            fault = rules.next_fault(request.url.path)
            await asyncio.sleep(fault.get("delay", 0))
            if "errcode" in fault:
                return _answer(fault["errcode"], fault.get("errmsg", ""))
            if "status" in fault:
                return Response(fault.get("body", "fault"), fault["status"])
            try:
                return await endpoint(request)
            except RefusedError as refused:
                return _answer(refused.code, f"{refused} rid: 0-0-0")

        return call

    async def control(request: Request) -> Response:
        lever = getattr(levers, request.path_params["verb"])
        return JSONResponse(lever(**await request.json()) or {})

    return Starlette(
        routes=[
            Route(TOKEN_PATH, guarded(endpoints.stable_token), methods=["POST"]),
            Route(SEND_PATH, guarded(endpoints.send), methods=["POST"]),
            Route(NOTICE_PATH, guarded(endpoints.notify), methods=["POST"]),
            Route(MEDIA_PATH, guarded(endpoints.media), methods=["GET"]),
            Route("/_control/{verb}", control, methods=["POST"]),
        ]
    )


def _answer(code: int, words: str) -> Response:
    # As the platform does: an error is JSON with status 200, in places typed as plain text.
    return Response(json.dumps({"errcode": code, "errmsg": words}), media_type="text/plain")
