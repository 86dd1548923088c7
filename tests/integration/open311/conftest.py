"""An application that speaks Open311 to our server, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from desk.api.app import public_app
from desk.api.open311 import Site
from desk.city import City
from desk.conversations.bell import Bell
from desk.database import Database
from desk.tickets import Matter, open_ticket
from desk.tickets.open311.keys import add_key
from tests.harness.letters import put, world_of

LAMP = {
    "service_code": "0306",
    "attribute[type]": "incident",
    "address_string": "永安路12号",
    "description": "路灯不亮",
}


class Client:
    """An application that speaks Open311."""

    def __init__(self, http: httpx.AsyncClient, db: Database, media_dir: Path) -> None:
        self.http = http
        self.db = db
        self.media_dir = media_dir
        self.key = ""

    async def get(self, path: str, **params: str) -> httpx.Response:
        return await self.http.get(f"/open311/v2/{path}", params=params or None)

    async def json(self, path: str, **params: str) -> Any:
        answer = await self.get(f"{path}.json", **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(
        self,
        fields: dict[str, str],
        *,
        fmt: str = "json",
        headers: dict[str, str] | None = None,
        files: Any = None,
    ) -> httpx.Response:
        return await self.http.post(
            f"/open311/v2/requests.{fmt}",
            data={"api_key": self.key, **fields},
            headers=headers,
            files=files,
        )

    async def number(self, **fields: str) -> str:
        answer = await self.post({**LAMP, **fields})
        assert answer.status_code == 201, answer.text
        return answer.json()[0]["service_request_id"]

    async def codes(self, answer: httpx.Response) -> list[int]:
        assert {error["code"] for error in answer.json()} >= {answer.status_code}
        assert all(error["description"] for error in answer.json())
        return [error["code"] for error in answer.json()]


@pytest.fixture
async def client(db: Database, city: City, tmp_path: Path) -> AsyncIterator[Client]:
    app = public_app(
        world_of(db, city, media_dir=tmp_path),
        Bell(),
        wechat_account=None,
        telegram_account=None,
        reply_seconds=1,
        open311_site=Site("demo", "https://12345.example.gov.cn"),
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as http:
        one = Client(http, db, tmp_path)
        async with db.transaction() as session:
            one.key = await add_key(session, "市民App", per_minute=1000)
        yield one


async def chat_ticket(client: Client, city: City, words: str, **more: Any) -> str:
    source = await put(client.db, words, user=more.pop("user", "resident-1"))
    parts: dict[str, Any] = {"type": "incident", "topic": "030604", "description": words, **more}
    ticket = await open_ticket(
        client.db,
        city,
        Matter(messages=[source.message_id], **parts),
        conversation_id=source.conversation_id,
        source_message_id=source.message_id,
    )
    return ticket.number
