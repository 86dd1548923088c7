"""What goes into the open callback of WeChat: each message once, there or by a push, never both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime, timedelta

import pytest

from connectors import Outbound
from connectors.wechat import WeChat
from desk.city import City
from desk.conversations.delivery import Pack, claim_passive, confirm_passive, deliver, overdue
from desk.conversations.receive import Received, receive
from desk.conversations.world import World
from desk.database import Database, now
from tests.harness.letters import deliveries, let_time_pass, letter, rows, tell, work_off, world_of
from tests.standins.wechat import WeChatControl, wechat_api
from tests.standins.wechat_setting import RESIDENT, SharedToken, account, texts


@pytest.fixture
def api() -> Iterator[WeChatControl]:
    with wechat_api() as running:
        running.did(RESIDENT)
        yield running


@pytest.fixture
async def world(db: Database, city: City, api: WeChatControl) -> AsyncIterator[World]:
    channel = WeChat(account(api), SharedToken())
    yield world_of(db, city, channels={"wechat": channel})
    await channel.aclose()


async def arrived(db: Database, number: str = "1") -> Received:
    """A message whose callback is open; its turn is not for this test."""
    written = letter(channel="wechat", user=RESIDENT, external_id=number)
    received = await receive(db, written, reply_seconds=4.5)
    assert received is not None
    await rows(db, "DELETE FROM procrastinate_jobs WHERE task_name = 'turn'")
    return received


def all_fit(outbound: Sequence[Outbound]) -> int:
    return len(outbound)


def only(count: int) -> Pack:
    return lambda outbound: min(count, len(outbound))


async def claim(db: Database, received: Received, pack: Pack = all_fit) -> list[str]:
    async with db.transaction() as session:
        claimed = await claim_passive(session, received, pack)
        return [message.text for message in claimed]


async def push(world: World, conversation_id: int) -> None:
    await deliver(world.db, world.channels, conversation_id)


def soon() -> datetime:
    """When an answer is pushed that the open callback did not take."""
    return now() + timedelta(seconds=5)


async def test_an_answer_in_the_callback_is_not_pushed(world: World, api: WeChatControl) -> None:
    asked = await arrived(world.db)
    await tell(world.db, asked.conversation_id, "答", deliver_at=soon())
    assert await claim(world.db, asked) == ["答"]
    await confirm_passive(world.db, asked.message_id)
    await let_time_pass(world.db)
    await push(world, asked.conversation_id)
    assert texts(api) == []
    assert await deliveries(world.db) == ["sent"]


async def test_while_the_callback_is_open_nothing_is_pushed(
    world: World, api: WeChatControl
) -> None:
    asked = await arrived(world.db)
    await tell(world.db, asked.conversation_id, "答", deliver_at=soon())
    await work_off(world)
    await push(world, asked.conversation_id)
    assert texts(api) == []
    async with world.db.transaction() as session:
        assert await overdue(session) == []


async def test_an_answer_that_missed_the_callback_is_pushed(
    world: World, api: WeChatControl
) -> None:
    asked = await arrived(world.db)
    await tell(world.db, asked.conversation_id, "答", deliver_at=soon())
    await let_time_pass(world.db)
    async with world.db.transaction() as session:
        assert await overdue(session) == [asked.conversation_id]
    await push(world, asked.conversation_id)
    assert texts(api) == ["答"]
    assert await claim(world.db, asked) == [], "what was pushed is not said again"


async def test_the_same_callback_delivered_again_gets_the_answer_that_was_not_taken(
    world: World, api: WeChatControl
) -> None:
    """The process died between marking the answer and writing it out."""
    asked = await arrived(world.db)
    await tell(world.db, asked.conversation_id, "答", deliver_at=soon())
    assert await claim(world.db, asked) == ["答"]
    again = await arrived(world.db)
    assert again.message_id == asked.message_id
    assert await claim(world.db, again) == ["答"]
    await confirm_passive(world.db, again.message_id)
    assert await deliveries(world.db) == ["sent"]


async def test_an_answer_that_was_written_out_is_not_said_again(world: World) -> None:
    asked = await arrived(world.db)
    await tell(world.db, asked.conversation_id, "答", deliver_at=soon())
    await claim(world.db, asked)
    await confirm_passive(world.db, asked.message_id)
    assert await claim(world.db, await arrived(world.db)) == []


async def test_of_three_deliveries_at_once_one_gets_the_answer(world: World) -> None:
    deliveries_of_it = [await arrived(world.db) for _ in range(3)]
    await tell(world.db, deliveries_of_it[0].conversation_id, "答", deliver_at=soon())
    assert [await claim(world.db, one) for one in deliveries_of_it] == [[], [], ["答"]]


async def test_an_answer_nobody_fetched_again_is_pushed_after_the_platforms_last_try(
    world: World, api: WeChatControl
) -> None:
    asked = await arrived(world.db)
    await tell(world.db, asked.conversation_id, "答", deliver_at=soon())
    await claim(world.db, asked)
    await push(world, asked.conversation_id)
    assert texts(api) == []
    await let_time_pass(world.db)
    async with world.db.transaction() as session:
        assert await overdue(session) == [asked.conversation_id]
    await push(world, asked.conversation_id)
    assert texts(api) == ["答"]


async def test_what_does_not_fit_follows_by_push_in_order(world: World, api: WeChatControl) -> None:
    asked = await arrived(world.db)
    await tell(world.db, asked.conversation_id, "一", "二", "三", deliver_at=soon())
    assert await claim(world.db, asked, only(1)) == ["一"]
    await confirm_passive(world.db, asked.message_id)
    async with world.db.transaction() as session:
        assert await overdue(session) == [asked.conversation_id], "at once, not at the deadline"
    await push(world, asked.conversation_id)
    assert texts(api) == ["二", "三"]


async def test_what_does_not_fit_waits_until_the_first_part_is_out(
    world: World, api: WeChatControl
) -> None:
    asked = await arrived(world.db)
    await tell(world.db, asked.conversation_id, "一", "二", deliver_at=soon())
    await claim(world.db, asked, only(1))
    await push(world, asked.conversation_id)
    assert texts(api) == []


async def test_what_waited_comes_before_the_answer(world: World, api: WeChatControl) -> None:
    asked = await arrived(world.db)
    await tell(world.db, asked.conversation_id, "进展")
    await rows(world.db, "UPDATE delivery SET state = 'waiting'")
    later = await arrived(world.db, "2")
    await tell(world.db, later.conversation_id, "答", deliver_at=soon())
    assert await claim(world.db, later) == ["进展", "答"]


async def test_nothing_fits_and_nothing_is_lost(world: World, api: WeChatControl) -> None:
    asked = await arrived(world.db)
    await tell(world.db, asked.conversation_id, "一", deliver_at=soon())
    assert await claim(world.db, asked, only(0)) == []
    await push(world, asked.conversation_id)
    assert texts(api) == ["一"]
