"""The open callback: answers that are late, and platforms that ask again.

As with WeChat, only faster: a callback stays open for 2 s, and a delivery is repeated every 2.2 s.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
import pytest
import uvicorn

from connectors.wechat import WeChat, WeChatAccount
from desk.api.app import public_app
from desk.city import City
from desk.conversations.bell import Bell
from desk.database import Database
from desk.processes.worker import work
from tests.harness.letters import deliveries, let_time_pass, rows, world_of
from tests.harness.patience import until
from tests.harness.places import free_port
from tests.harness.scripted_engine import ScriptedEngine, scripted_engine
from tests.standins.wechat import WeChatControl, wechat_api
from tests.standins.wechat_platform import TOKEN, Fields, Platform, text
from tests.standins.wechat_rules import APPID, SECRET
from tests.standins.wechat_setting import RESIDENT, SharedToken, texts

OPEN = 2.0
REPEAT = 2.2


@pytest.fixture
def api() -> Iterator[WeChatControl]:
    with wechat_api() as running:
        running.did(RESIDENT)
        yield running


@dataclass
class Desk:
    """The public side and a worker in this process."""

    db: Database
    engine: ScriptedEngine
    api: WeChatControl
    url: str

    async def post(self, fields: Fields, patience: float = 5) -> httpx.Response:
        """One delivery."""
        signed = Platform(self.url).sign(fields)
        async with httpx.AsyncClient(timeout=patience) as http:
            return await http.post(self.url, params=signed.query, content=signed.body)

    def said(self, answer: httpx.Response) -> list[str]:
        """The answers in a callback's response."""
        if answer.text in ("", "success"):
            return []
        return [Platform(self.url).read_reply(answer.text, RESIDENT)]


@pytest.fixture
async def desk(db: Database, city: City, api: WeChatControl) -> AsyncIterator[Desk]:
    account = WeChatAccount(APPID, SECRET, TOKEN, api_url=api.url)
    channel = WeChat(account, SharedToken())
    with scripted_engine() as engine:
        world = world_of(db, city, engine=engine.client(), channels={"wechat": channel})
        bell = Bell()
        app = public_app(
            world, bell, wechat_account=account, telegram_account=None, reply_seconds=OPEN
        )
        port = free_port()
        server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, lifespan="off"))
        parts = [
            asyncio.create_task(part)
            for part in (server.serve(), bell.run(db), work(world, concurrency=4))
        ]
        await until(lambda: started(server))
        yield Desk(db, engine, api, f"http://127.0.0.1:{port}/channels/wechat")
        server.should_exit = True
        for part in parts[1:]:
            part.cancel()
        await asyncio.wait(parts)
        await world.engine.aclose()
        await channel.aclose()


async def started(server: uvicorn.Server) -> bool:
    return server.started


async def quiet(desk: Desk) -> bool:
    """Whether something came, and everything is answered and out."""
    if not await rows(desk.db, "SELECT id FROM message WHERE author = 'resident'"):
        return False  # who hung up may have done so before it was stored
    open_ones = await rows(
        desk.db,
        "SELECT id FROM message WHERE author = 'resident' AND answered_at IS NULL "
        "UNION ALL SELECT message_id FROM delivery WHERE state IN ('pending', 'sending')",
    )
    return not open_ones


async def test_an_answer_that_takes_longer_than_two_deliveries_is_given_once(desk: Desk) -> None:
    desk.engine.delay = OPEN + 0.5
    fields = text(RESIDENT, "路灯坏了")

    async def deliver(after: float) -> httpx.Response:
        await asyncio.sleep(after)
        return await desk.post(fields)

    delivered = await asyncio.gather(*(deliver(n * REPEAT) for n in range(3)))
    await until(lambda: quiet(desk))
    assert all(answer.status_code == 200 for answer in delivered)
    assert delivered[0].text == "success"  # said while the engine was still at it
    in_callbacks = [one for answer in delivered for one in desk.said(answer)]
    everything = in_callbacks + texts(desk.api)
    assert sum("收到：路灯坏了" in one for one in everything) == 1
    assert desk.engine.texts == ["路灯坏了"]
    assert len(await rows(desk.db, "SELECT id FROM message WHERE author = 'resident'")) == 1


async def test_an_answer_after_the_last_delivery_is_pushed_once(desk: Desk) -> None:
    desk.engine.delay = OPEN + 0.5
    answer = await desk.post(text(RESIDENT, "路灯坏了"))
    assert answer.text == "success"
    await until(lambda: quiet(desk))
    assert sum("收到：路灯坏了" in one for one in texts(desk.api)) == 1


async def test_a_platform_that_hung_up_gets_the_answer_when_it_asks_again(desk: Desk) -> None:
    desk.engine.delay = 0.6
    fields = text(RESIDENT, "路灯坏了")
    with pytest.raises(httpx.TimeoutException):
        await desk.post(fields, patience=0.2)
    await asyncio.sleep(0.6)
    again = await desk.post(fields)
    assert "收到：路灯坏了" in "\n".join(desk.said(again))
    await until(lambda: quiet(desk))
    assert texts(desk.api) == []


async def test_a_platform_that_hung_up_for_good_gets_the_answer_pushed(desk: Desk) -> None:
    desk.engine.delay = 0.6
    with pytest.raises(httpx.TimeoutException):
        await desk.post(text(RESIDENT, "路灯坏了"), patience=0.2)
    await until(lambda: quiet(desk))
    assert sum("收到：路灯坏了" in one for one in texts(desk.api)) == 1


async def test_two_messages_in_one_breath_are_both_answered_in_order(desk: Desk) -> None:
    desk.engine.delay = 0.2
    answers = await asyncio.gather(desk.post(text(RESIDENT, "一")), desk.post(text(RESIDENT, "二")))
    await until(lambda: quiet(desk))
    told = "\n".join([one for a in answers for one in desk.said(a)] + texts(desk.api))
    assert told.count("收到：一") == told.count("收到：二") == 1


async def test_an_answer_that_does_not_fit_begins_in_the_callback_and_goes_on_by_push(
    desk: Desk,
) -> None:
    desk.engine.replies["长"] = ["长" * 600, "中" * 600, "短"]
    answer = await desk.post(text(RESIDENT, "长"))
    [begun] = desk.said(answer)
    await until(lambda: quiet(desk))
    told = begun + "\n".join(texts(desk.api))
    assert told.index("长" * 600) < told.index("中" * 600) < told.index("短")
    assert set(await deliveries(desk.db)) == {"sent"}


async def test_while_the_database_restarts_a_callback_waits_for_it(desk: Desk) -> None:
    """Its connections are dropped under it."""
    await desk.post(text(RESIDENT, "一"))
    await rows(
        desk.db,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
        "current_database() AND pid <> pg_backend_pid() AND usename = current_user",
    )
    answer = await desk.post(text(RESIDENT, "二"))
    assert answer.status_code == 200
    await until(lambda: quiet(desk), 20)
    told = "\n".join([*desk.said(answer), *texts(desk.api)])
    assert told.count("收到：二") == 1


async def test_the_delay_is_told_once_and_the_answer_follows(desk: Desk) -> None:
    desk.engine.faults = [503] * 3
    await desk.post(text(RESIDENT, "路灯坏了"))
    await until(lambda: quiet(desk), 20)
    await let_time_pass(desk.db)
    await until(lambda: quiet(desk), 20)
    told = texts(desk.api)
    assert sum("已收到" in one for one in told) == 1
    assert sum("收到：路灯坏了" in one for one in told) == 1
