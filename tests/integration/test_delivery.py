"""What is said reaches the resident: in order, tried again, and never silently lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from connectors.wechat import WeChat
from desk.city import City
from desk.conversations.delivery import BACKOFF, deliver, overdue
from desk.conversations.world import World
from desk.database import Database
from tests.harness.letters import (
    deliveries,
    let_time_pass,
    line,
    put,
    rows,
    tell,
    work_off,
    world_of,
)
from tests.harness.patience import until
from tests.harness.scripted_engine import scripted_engine
from tests.standins.wechat import SEND_PATH, WeChatControl, wechat_api
from tests.standins.wechat_setting import RESIDENT, SharedToken, account, texts

pytestmark = pytest.mark.both_servers


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


async def sweep(world: World) -> None:
    """What the worker does when the time of a push has come."""
    async with world.db.transaction() as session:
        due = await overdue(session)
    for conversation_id in due:
        await deliver(world.db, world.channels, conversation_id)


async def test_what_is_said_arrives_in_order(world: World, api: WeChatControl) -> None:
    await tell(world.db, await line(world.db), "一", "二", "三")
    await work_off(world)
    assert texts(api) == ["一", "二", "三"]
    assert await deliveries(world.db) == ["sent"] * 3


async def test_a_long_text_arrives_in_numbered_parts(world: World, api: WeChatControl) -> None:
    await tell(world.db, await line(world.db), "您反映的问题已经转给承办单位。" * 150)
    await work_off(world)
    arrived = texts(api)
    assert len(arrived) > 1
    for n, text in enumerate(arrived, 1):
        assert text.startswith(f"（{n}/{len(arrived)}）")


async def test_a_hiccup_is_tried_again_and_nothing_overtakes_it(
    world: World, api: WeChatControl
) -> None:
    api.fault(SEND_PATH, times=1, errcode=-1, errmsg="system error")
    await tell(world.db, await line(world.db), "一", "二")
    await work_off(world)
    await sweep(world)
    assert texts(api) == []
    assert await deliveries(world.db) == ["pending", "pending"]
    [first, _] = await rows(world.db, "SELECT reason FROM delivery ORDER BY message_id")
    assert "系统繁忙" in first["reason"]
    await let_time_pass(world.db)
    await sweep(world)
    assert texts(api) == ["一", "二"]


async def test_a_later_message_waits_behind_one_that_could_not_go(
    world: World, api: WeChatControl
) -> None:
    conversation = await line(world.db)
    api.fault(SEND_PATH, times=1, errcode=-1)
    await tell(world.db, conversation, "一")
    await work_off(world)
    await tell(world.db, conversation, "二")
    await work_off(world)
    assert texts(api) == []
    await let_time_pass(world.db)
    await sweep(world)
    assert texts(api) == ["一", "二"]


async def test_a_conversation_that_waits_is_left_alone_until_it_is_due(
    world: World, api: WeChatControl
) -> None:
    api.fault(SEND_PATH, times=1, errcode=-1)
    await tell(world.db, await line(world.db), "一", "二")
    await work_off(world)
    await rows(world.db, "UPDATE delivery SET updated_at = now() - interval '1 minute'")
    await rows(
        world.db,
        "UPDATE delivery SET due_at = now() + interval '1 hour' WHERE due_at IS NOT NULL",
    )
    async with world.db.transaction() as session:
        assert await overdue(session) == []


async def test_another_residents_messages_do_not_wait(world: World, api: WeChatControl) -> None:
    api.did("oOther_2")
    api.fault(SEND_PATH, times=1, errcode=-1)
    await tell(world.db, await line(world.db), "一")
    await work_off(world)
    await tell(world.db, await line(world.db, user="oOther_2"), "二")
    await work_off(world)
    assert texts(api, "oOther_2") == ["二"]


async def test_the_pauses_grow_and_after_the_last_a_person_sees_it(
    world: World, api: WeChatControl
) -> None:
    api.fault(SEND_PATH, errcode=-1, errmsg="system error")
    await tell(world.db, await line(world.db), "一", "二")
    await work_off(world)
    pauses: list[float] = []
    while (await deliveries(world.db))[0] == "pending":
        [row] = await rows(
            world.db,
            "SELECT extract(epoch FROM due_at - updated_at) AS pause FROM delivery "
            "ORDER BY message_id LIMIT 1",
        )
        pauses.append(round(float(row["pause"])))
        await rows(world.db, "UPDATE delivery SET due_at = now()")
        await sweep(world)
    assert pauses == [max(pause, 5) for pause in BACKOFF], "WeChat asks for five seconds at least"
    assert pauses == sorted(pauses)
    api.mend()
    await rows(world.db, "UPDATE delivery SET due_at = now()")
    await sweep(world)
    states = await rows(world.db, "SELECT state, reason FROM delivery ORDER BY message_id")
    assert [row["state"] for row in states] == ["failed", "sent"]
    assert states[0]["reason"]
    assert texts(api) == ["二"]


async def test_a_fault_that_does_not_pass_is_visible_and_holds_up_nothing(
    world: World, api: WeChatControl
) -> None:
    api.fault(SEND_PATH, times=1, errcode=48001, errmsg="api unauthorized")
    await tell(world.db, await line(world.db), "一", "二")
    await work_off(world)
    assert await deliveries(world.db) == ["failed", "sent"]
    [first, _] = await rows(world.db, "SELECT reason FROM delivery ORDER BY message_id")
    assert "48001" in first["reason"]


@pytest.mark.parametrize("code", [45015, 45047])
async def test_when_the_platform_allows_no_more_the_rest_waits_for_the_residents_next_word(
    world: World, api: WeChatControl, code: int
) -> None:
    conversation = await line(world.db)
    api.fault(SEND_PATH, times=1, errcode=code)
    await tell(world.db, conversation, "进展一", "进展二")
    await work_off(world)
    assert await deliveries(world.db) == ["waiting", "waiting"]
    await let_time_pass(world.db)
    await sweep(world)
    assert texts(api) == [], "it is not tried until the resident writes"


async def test_what_waited_comes_first_when_the_resident_writes(
    db: Database, city: City, world: World, api: WeChatControl
) -> None:
    conversation = await line(db)
    api.fault(SEND_PATH, times=1, errcode=45015)
    await tell(db, conversation, "进展一", "进展二")
    await work_off(world)
    with scripted_engine() as engine:
        answering = world_of(db, city, engine=engine.client(), channels=world.channels)
        await put(db, "在吗", channel="wechat", user=RESIDENT)
        await work_off(answering)
        await answering.engine.aclose()
    await let_time_pass(db)
    await sweep(world)
    arrived = texts(api)
    assert arrived[:2] == ["进展一", "进展二"]
    assert arrived[-1] == "收到：在吗"


async def test_what_waited_comes_even_if_nobody_answers_the_next_word(
    db: Database, world: World, api: WeChatControl
) -> None:
    """A person has the conversation, and the bot is silent."""
    conversation = await line(db)
    api.fault(SEND_PATH, times=1, errcode=45015)
    await tell(db, conversation, "进展一")
    await work_off(world)
    await rows(db, "UPDATE conversation SET mode = 'human', owner = '小王'")
    await put(db, "在吗", channel="wechat", user=RESIDENT)
    await work_off(world)
    await let_time_pass(db)
    await sweep(world)
    assert texts(api) == ["进展一"]


async def test_a_resident_who_left_gets_nothing_and_that_is_visible(
    world: World, api: WeChatControl
) -> None:
    conversation = await line(world.db)
    api.did(RESIDENT, "unsubscribe")
    await tell(world.db, conversation, "一", "二")
    await work_off(world)
    assert await deliveries(world.db) == ["unreachable", "unreachable"]
    [resident] = await rows(world.db, "SELECT reachable FROM resident")
    assert not resident["reachable"]
    await tell(world.db, conversation, "三")
    calls = api.calls()[SEND_PATH]
    await work_off(world)
    assert await deliveries(world.db) == ["unreachable"] * 3
    assert api.calls()[SEND_PATH] == calls, "who left is not tried again"


async def test_what_a_channel_that_is_off_should_say_is_kept_and_goes_out_when_it_is_on(
    db: Database, city: City, world: World, api: WeChatControl
) -> None:
    await tell(db, await line(db), "一")
    await work_off(world_of(db, city))
    [row] = await rows(db, "SELECT state, reason FROM delivery")
    assert row["state"] == "pending"
    assert row["reason"]
    await let_time_pass(db)
    await sweep(world)
    assert texts(api) == ["一"]


async def test_a_send_that_was_cut_off_is_taken_up_again(world: World, api: WeChatControl) -> None:
    conversation = await line(world.db)
    await tell(world.db, conversation, "一", "二")
    api.fault(SEND_PATH, times=1, delay=20)
    cut_off = asyncio.create_task(deliver(world.db, world.channels, conversation))

    async def sending() -> bool:
        return (await deliveries(world.db))[0] == "sending"

    await until(sending)
    cut_off.cancel()
    await asyncio.wait([cut_off])
    assert await deliveries(world.db) == ["sending", "pending"]
    api.mend()
    await work_off(world)
    assert texts(api) == ["一", "二"]
    assert await deliveries(world.db) == ["sent", "sent"]


async def test_a_send_whose_process_died_is_swept_up_without_any_job(
    world: World, api: WeChatControl
) -> None:
    await tell(world.db, await line(world.db), "一")
    await rows(world.db, "DELETE FROM procrastinate_jobs")
    await rows(world.db, "UPDATE delivery SET state = 'sending', via = 'push'")
    await sweep(world)
    assert texts(api) == [], "it may still be under way"
    await let_time_pass(world.db)
    await sweep(world)
    assert texts(api) == ["一"]


async def test_nobody_pushes_to_the_page(db: Database, city: City) -> None:
    conversation = await line(db, channel="webchat", user="page")
    await tell(db, conversation, "一")
    assert await rows(db, "SELECT * FROM procrastinate_jobs") == []
    await let_time_pass(db)
    async with db.transaction() as session:
        assert await overdue(session) == []
