"""A stand-in of the Telegram Bot API, over real HTTP, that enforces the platform's rules.

`with telegram_api() as api:` starts it; point the connector at `api.url`. Whatever a test does to
it goes over HTTP below `/_control`, so that another process can: `TelegramControl(url)`.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections import Counter, defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.standins.server import TLS, serve

TOKEN = "10000:stand-in-token"
Json = dict[str, Any]


@contextmanager
def telegram_api(token: str = TOKEN) -> Generator[TelegramControl]:
    """The running stand-in, on a loopback port of its own."""
    with serve(_create_app(_Telegram(token))) as url:
        yield TelegramControl(url)


class TelegramControl:
    """The levers of a running stand-in."""

    def __init__(self, url: str) -> None:
        self.url = url

    def writes(self, chat: int, text: str) -> int:
        """A resident writes; gives the update_id."""
        return self.update(message=message(chat, text=text))

    def update(self, **content: object) -> int:
        """Any update, with `update_id` or the next one, by webhook or for the next poll."""
        return self._ask("update", content=content)["update_id"]

    def knows(self, chat: int) -> None:
        """The resident started the bot some time ago."""
        self._ask("knows", chat=chat)

    def block(self, chat: int) -> None:
        """The resident blocks the bot."""
        self._ask("block", chat=chat)

    def file(self, file_id: str, content: bytes) -> None:
        """Stores a file of a resident."""
        self._ask("file", file_id=file_id, content=base64.b64encode(content).decode())

    def fault(self, method: str, status: int = 200, times: int = -1, **more: object) -> None:
        """Answers `method` (or "file") with `status` for the next `times` calls, -1 until `mend`.
        `more`: `description`, `parameters`, `body` (instead of JSON), `delay` in seconds, `after`
        (true: only once the call was carried out, so that its answer is lost).
        """
        self._ask("fault", method=method, times=times, kind={"status": status, **more})

    def mend(self) -> None:
        """Ends all faults."""
        self._ask("mend")

    def sent(self, chat: int) -> list[Json]:
        """What the resident received, in order: the parameters, and `at` in seconds."""
        return self._ask("sent", chat=chat)["sent"]

    def calls(self) -> dict[str, int]:
        """How often each method was called."""
        return self._ask("calls")["calls"]

    def webhook(self) -> Json:
        """The last parameters of setWebhook; empty when there is none."""
        return self._ask("webhook")["webhook"]

    def pending(self) -> list[int]:
        """The updates that were not confirmed."""
        return self._ask("pending")["pending"]

    def _ask(self, verb: str, **asked: object) -> Json:
        with httpx.Client(trust_env=False, verify=TLS, timeout=10) as http:
            answer = http.post(f"{self.url}/_control/{verb}", json=asked)
        answer.raise_for_status()
        return answer.json()


def message(chat: int, **content: object) -> Json:
    """A message in a private chat, as the Bot API tells it."""
    person = {"id": chat, "is_bot": False, "first_name": "居民"}
    place = {"id": chat, "type": "private", "first_name": "居民"}
    return {"message_id": 1, "date": int(time.time()), "chat": place, "from": person, **content}


class _RefusedError(Exception):
    def __init__(self, status: int, description: str, **parameters: object) -> None:
        super().__init__(description)
        self.status = status
        self.parameters = parameters


class _Telegram:
    """The platform: what it knows, its methods, and what a test may do to it."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.calls: Counter[str] = Counter()
        self.faults: defaultdict[str, list[Json]] = defaultdict(list)
        self._updates: dict[int, Json] = {}
        self._last_update = 1000
        self._sent: list[Json] = []
        self._known: set[int] = set()
        self._blocked: set[int] = set()
        self._files: dict[str, bytes] = {}
        self._webhook: Json = {}
        self._poller = 0

    def next_fault(self, method: str) -> Json:
        for fault in self.faults[method]:
            if fault["times"] != 0:
                fault["times"] -= 1
                return fault["kind"]
        return {}

    # The Bot API's methods, by its names.

    async def send_message(self, asked: Json) -> Json:
        chat, text = int(asked["chat_id"]), str(asked.get("text", ""))
        if chat not in self._known:
            raise _RefusedError(400, "Bad Request: chat not found")
        if chat in self._blocked:
            raise _RefusedError(403, "Forbidden: bot was blocked by the user")
        if not text.strip():
            raise _RefusedError(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            raise _RefusedError(400, "Bad Request: message is too long")
        self._sent.append({**asked, "chat_id": chat, "at": time.monotonic()})
        return message(chat, text=text)

    async def get_updates(self, asked: Json) -> list[Json]:
        if self._webhook:
            raise _RefusedError(409, "Conflict: can't use getUpdates while webhook is active")
        self._poller += 1
        me = self._poller
        offset = int(asked.get("offset", 0))
        self._updates = {one: what for one, what in self._updates.items() if one >= offset}
        end = time.monotonic() + float(asked.get("timeout", 0))
        while not self._updates and time.monotonic() < end:
            await asyncio.sleep(0.02)
            if self._poller != me:
                raise _RefusedError(409, "Conflict: terminated by other getUpdates request")
        return [self._updates[one] for one in sorted(self._updates)][:100]

    async def set_webhook(self, asked: Json) -> bool:
        if not str(asked.get("url")).startswith(("https://", "http://127.0.0.1")):
            raise _RefusedError(400, "Bad Request: bad webhook: An HTTPS URL must be provided")
        self._webhook = asked
        return True

    async def delete_webhook(self, _: Json) -> bool:
        self._webhook = {}
        return True

    async def get_file(self, asked: Json) -> Json:
        file_id = str(asked["file_id"])
        if file_id not in self._files:
            raise _RefusedError(400, "Bad Request: wrong file_id or the file is unavailable")
        return {"file_id": file_id, "file_unique_id": file_id, "file_path": f"photos/{file_id}"}

    def download(self, file_id: str) -> Response:
        return Response(self._files[file_id], media_type="application/octet-stream")

    # The levers, by the names of TelegramControl.

    async def lever(self, verb: str, asked: Json) -> Json:
        match verb:
            case "update":
                return {"update_id": await self._update(asked["content"])}
            case "knows":
                self._known.add(asked["chat"])
            case "block":
                self._blocked.add(asked["chat"])
            case "file":
                self._files[asked["file_id"]] = base64.b64decode(asked["content"])
            case "fault":
                self.faults[asked["method"]].append(asked)
            case "mend":
                self.faults.clear()
            case "sent":
                return {"sent": [one for one in self._sent if one["chat_id"] == asked["chat"]]}
            case _:
                told = {
                    "calls": self.calls,
                    "webhook": self._webhook,
                    "pending": sorted(self._updates),
                }
                return {verb: told[verb]}
        return {}

    async def _update(self, content: Json) -> int:
        self._last_update = content.setdefault("update_id", self._last_update + 1)
        if sender := content.get("message", {}).get("from"):
            self._known.add(sender["id"])
            self._blocked.discard(sender["id"])
        if self._webhook:
            header = {"X-Telegram-Bot-Api-Secret-Token": self._webhook.get("secret_token", "")}
            async with httpx.AsyncClient(trust_env=False, verify=TLS) as http:
                await http.post(self._webhook["url"], json=content, headers=header)
        else:
            self._updates[self._last_update] = content
        return self._last_update


def _create_app(telegram: _Telegram) -> Starlette:
    methods = {
        "sendMessage": telegram.send_message,
        "getUpdates": telegram.get_updates,
        "setWebhook": telegram.set_webhook,
        "deleteWebhook": telegram.delete_webhook,
        "getFile": telegram.get_file,
    }

    async def call(request: Request) -> Response:
        method = request.path_params["method"]
        telegram.calls[method] += 1
        fault = telegram.next_fault(method)
        await asyncio.sleep(fault.get("delay", 0))
        if fault.get("status", 200) != 200 and not fault.get("after"):
            return _refuse(fault)
        if request.path_params["token"] != telegram.token or method not in methods:
            return _refuse({"status": 401, "description": "Unauthorized"})
        try:
            result = await methods[method]({**request.query_params, **await request.form()})
        except _RefusedError as refused:
            return _refuse(
                {
                    "status": refused.status,
                    "description": str(refused),
                    "parameters": refused.parameters,
                }
            )
        if fault.get("after"):
            return _refuse(fault)
        return JSONResponse({"ok": True, "result": result})

    async def download(request: Request) -> Response:
        fault = telegram.next_fault("file")
        if fault.get("status", 200) != 200:
            return _refuse(fault)
        return telegram.download(request.path_params["file_id"])

    async def control(request: Request) -> Response:
        asked = await request.json()
        return JSONResponse(await telegram.lever(request.path_params["verb"], asked))

    return Starlette(
        routes=[
            Route("/_control/{verb}", control, methods=["POST"]),
            Route("/file/bot{token}/photos/{file_id}", download),
            Route("/bot{token}/{method}", call, methods=["GET", "POST"]),
        ]
    )


def _refuse(fault: Json) -> Response:
    if "body" in fault:
        return Response(fault["body"], fault["status"])
    answer: Json = {
        "ok": False,
        "error_code": fault["status"],
        "description": fault.get("description", "fault"),
    }
    if fault.get("parameters"):
        answer["parameters"] = fault["parameters"]
    return Response(json.dumps(answer), fault["status"], media_type="application/json")
