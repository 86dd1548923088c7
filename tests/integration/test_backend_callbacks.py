"""`/callbacks/rest`: only the platform is heard, only now, and what it says is stored first."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from desk.api.app import public_app
from desk.city import City
from desk.conversations.bell import Bell
from desk.database import Database
from tests.harness.letters import rows
from tests.harness.platforms import Office, office, open311_way, rest_way
from tests.standins.rest_backend import KEY, signed

NEXT = "platform-key-of-next-year"


@dataclass
class Door:
    desk: Office
    http: httpx.AsyncClient
    number: str = ""

    def event(self, **more: Any) -> dict[str, Any]:
        return {
            "event_id": "e-1",
            "number": self.number,
            "action": "acknowledge",
            "sequence": 1,
            "at": datetime.now(UTC).isoformat(),
            **more,
        }

    async def call(
        self,
        event: Any,
        *,
        key: str = KEY,
        at: float | None = None,
        off: float = 0.0,
        **headers: str,
    ) -> httpx.Response:
        """`at`: when it is signed, in seconds since 1970; `off`: so many seconds from now."""
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        return await self.http.post(
            "/callbacks/rest",
            content=body,
            headers={**signed(body, key, time.time() + off if off else at), **headers},
        )


@pytest.fixture
async def door(db: Database, city: City) -> AsyncIterator[Door]:
    async with office(db, city, rest_way("http://127.0.0.1:9", keys=(KEY, NEXT))) as desk:
        app = public_app(
            desk.world,
            Bell(),
            wechat_account=None,
            telegram_account=None,
            reply_seconds=1,
            backend=desk.backend,
        )
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://desk") as http:
            one = Door(desk, http)
            one.number = (await desk.open()).number
            yield one


async def stored(door: Door) -> int:
    return len(await rows(door.desk.db, "SELECT 1 FROM backend_update"))


async def test_what_is_signed_is_stored_and_acknowledged_as_often_as_it_comes(door: Door) -> None:
    for _ in range(3):
        answer = await door.call(door.event())
        assert (answer.status_code, answer.json()) == (202, {"event_id": "e-1"})
    assert await stored(door) == 1


@pytest.mark.parametrize("key", [KEY, NEXT])
async def test_while_keys_change_both_are_good(door: Door, key: str) -> None:
    assert (await door.call(door.event(), key=key)).status_code == 202


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "another"},
        {"at": 0.0},
        {"off": -310},
        {"off": 310},
        {"X-Yingsheng-Signature": ""},
        {"X-Yingsheng-Signature": "sha256="},
        {"X-Yingsheng-Timestamp": "now"},
        {"X-Yingsheng-Timestamp": "1" * 40},
    ],
    ids=str,
)
async def test_what_is_not_proved_is_not_heard(door: Door, wrong: dict[str, Any]) -> None:
    answer = await door.call(door.event(), **wrong)
    assert answer.status_code == 401
    assert await stored(door) == 0


async def test_five_minutes_of_clock_are_allowed(door: Door) -> None:
    for at in (time.time() - 290, time.time() + 290):
        assert (await door.call(door.event(), at=at)).status_code == 202


async def test_another_body_under_the_same_signature_is_refused(door: Door) -> None:
    body = json.dumps(door.event()).encode()
    other = json.dumps(door.event(action="resolve")).encode()
    answer = await door.http.post("/callbacks/rest", content=other, headers=signed(body))
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        {"event_id": ""},
        {"action": "DROP TABLE"},
        {"at": "2026-11-25T08:00:00"},
        {"at": "soon"},
        {"sequence": -1},
        {"number": None},
        {"note": "长" * 4001},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_what_is_not_as_agreed_is_refused_by_name(door: Door, change: dict[str, Any]) -> None:
    answer = await door.call(door.event(**change))
    assert answer.status_code == 400
    assert await stored(door) == 0


async def test_no_json_is_refused(door: Door) -> None:
    for body in (b"", b"[]", b"\xff\xfe", b'{"event_id": "e'):
        assert (await door.call(body)).status_code == 400


async def test_a_ticket_that_was_never_handed_over_is_unknown(door: Door) -> None:
    assert (await door.call(door.event(number="YS261125999990"))).status_code == 404
    assert (await door.call(door.event(number=None, id="P-9"))).status_code == 404


async def test_a_note_may_carry_anything_but_nul(door: Door) -> None:
    assert (await door.call(door.event(note="换了\0灯😀"))).status_code == 202


async def test_a_platform_that_is_asked_has_no_door(db: Database, city: City) -> None:
    async with office(db, city, open311_way("http://127.0.0.1:9")) as desk:
        app = public_app(
            desk.world,
            Bell(),
            wechat_account=None,
            telegram_account=None,
            reply_seconds=1,
            backend=desk.backend,
        )
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://desk") as http:
            for name in ("open311", "rest"):
                assert (await http.post(f"/callbacks/{name}", content=b"{}")).status_code == 404
