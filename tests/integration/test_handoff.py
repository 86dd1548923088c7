"""From the bot to people and back: one owner, a silent bot, and nobody left waiting unheard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from desk.city import City
from desk.conversations import handoff
from desk.conversations.handoff import TakenError, UnknownConversationError
from desk.conversations.turn import take_turn
from desk.conversations.world import World
from desk.database import Database
from tests.harness.letters import jobs, let_time_pass, put, rows, work_off, world_of
from tests.harness.scripted_engine import ScriptedEngine, scripted_engine


@pytest.fixture
def engine() -> Iterator[ScriptedEngine]:
    with scripted_engine() as running:
        yield running


@pytest.fixture
async def world(db: Database, city: City, engine: ScriptedEngine) -> AsyncIterator[World]:
    world = world_of(db, city, engine=engine.client())
    yield world
    await world.engine.aclose()


async def wants_person(world: World) -> int:
    """A resident in the queue."""
    asked = await put(world.db, "人工")
    await rows(world.db, "UPDATE message SET answered_at = now()")
    await handoff.request(
        world.db,
        world.city,
        asked.conversation_id,
        message_id=asked.message_id,
        kind="human",
        detail={"draft": None},
    )
    return asked.conversation_id


async def answered(world: World, conversation_id: int) -> None:
    await take_turn(world.db, world.city, world.engine, conversation_id, last_try=False)


async def heard(db: Database) -> list[str]:
    """What the resident was told, in order."""
    found = await rows(db, "SELECT text FROM message WHERE author <> 'resident' ORDER BY seq")
    return [row["text"] for row in found]


async def mode(db: Database) -> tuple[str, str | None]:
    [row] = await rows(db, "SELECT mode, owner FROM conversation")
    return row["mode"], row["owner"]


async def take(db: Database, conversation_id: int, staff: str) -> None:
    async with db.transaction() as session:
        await handoff.take(session, conversation_id, staff)


async def test_two_people_who_take_at_the_same_moment_make_one_owner(world: World) -> None:
    conversation = await wants_person(world)
    done = await asyncio.gather(
        *(take(world.db, conversation, name) for name in ("小王", "小李", "小张")),
        return_exceptions=True,
    )
    losers = [one for one in done if isinstance(one, TakenError)]
    assert len(losers) == 2
    _, owner = await mode(world.db)
    assert {loser.owner for loser in losers} == {owner}


async def test_who_has_it_may_take_it_again(world: World) -> None:
    conversation = await wants_person(world)
    await take(world.db, conversation, "小王")
    await take(world.db, conversation, "小王")
    assert await mode(world.db) == ("human", "小王")


async def test_a_reply_takes_a_conversation_of_the_bot_over(world: World) -> None:
    asked = await put(world.db)
    await handoff.staff_reply(world.db, asked.conversation_id, "小王", "您好，我来处理")
    assert await mode(world.db) == ("human", "小王")
    assert await heard(world.db) == ["您好，我来处理"]


async def test_a_reply_into_someone_elses_conversation_is_not_said(world: World) -> None:
    conversation = await wants_person(world)
    await take(world.db, conversation, "小王")
    with pytest.raises(TakenError):
        await handoff.staff_reply(world.db, conversation, "小李", "我来")
    assert await heard(world.db) == []


async def test_there_is_nothing_to_take_where_there_is_no_conversation(world: World) -> None:
    with pytest.raises(UnknownConversationError):
        await take(world.db, 4711, "小王")
    with pytest.raises(UnknownConversationError):
        await handoff.close(world.db, world.city, 4711, "小王")


@pytest.mark.parametrize("by", ["queued", "human"])
async def test_the_bot_is_silent_while_people_have_it(
    world: World, engine: ScriptedEngine, by: str
) -> None:
    conversation = await wants_person(world)
    if by == "human":
        await take(world.db, conversation, "小王")
    for words in ("路灯坏了", "确认提交", "你是机器人吗"):
        await put(world.db, words)
    await answered(world, conversation)
    assert await heard(world.db) == []
    assert engine.asked == []
    [row] = await rows(world.db, "SELECT count(*) AS n FROM message WHERE answered_at IS NULL")
    assert row["n"] == 0


async def test_a_bot_that_was_at_work_when_someone_took_over_does_not_speak(
    world: World, engine: ScriptedEngine
) -> None:
    asked = await put(world.db)
    engine.delay = 0.6
    working = asyncio.create_task(answered(world, asked.conversation_id))
    await asyncio.sleep(0.3)
    await handoff.staff_reply(world.db, asked.conversation_id, "小王", "您好，我来处理")
    await working
    assert engine.texts == ["路灯坏了"]
    assert await heard(world.db) == ["您好，我来处理"]


async def test_danger_is_answered_even_while_people_have_it(world: World) -> None:
    conversation = await wants_person(world)
    await take(world.db, conversation, "小王")
    await put(world.db, "家里煤气泄漏了怎么办")
    await answered(world, conversation)
    [told] = await heard(world.db)
    assert "119" in told
    kinds = [row["kind"] for row in await rows(world.db, "SELECT kind FROM alert ORDER BY id")]
    assert kinds == ["human", "danger"]


async def test_who_no_longer_wants_to_wait_is_the_bots_again(
    world: World, engine: ScriptedEngine
) -> None:
    conversation = await wants_person(world)
    await put(world.db, "不等了")
    await put(world.db, "路灯坏了")
    await answered(world, conversation)
    assert await mode(world.db) == ("bot", None)
    told = await heard(world.db)
    assert told[0] == world.city.say("handoff.given_up")
    assert told[-1] == "收到：路灯坏了"


async def test_a_person_who_is_there_is_not_sent_away_by_it(world: World) -> None:
    conversation = await wants_person(world)
    await take(world.db, conversation, "小王")
    await put(world.db, "不等了")
    await answered(world, conversation)
    assert await mode(world.db) == ("human", "小王")
    assert await heard(world.db) == []


async def test_nobody_came_in_time_and_the_resident_is_told(
    world: World, engine: ScriptedEngine
) -> None:
    await wants_person(world)
    await work_off(world)
    assert await mode(world.db) == ("queued", None)
    [job] = await jobs(world.db, "queue_timeout")
    minutes = world.city.profile.queue_minutes
    [row] = await rows(world.db, "SELECT queued_at FROM conversation")
    assert (job["scheduled_at"] - row["queued_at"]).total_seconds() == pytest.approx(
        minutes * 60, abs=5
    )
    await let_time_pass(world.db)
    await work_off(world)
    assert await mode(world.db) == ("bot", None)
    assert await heard(world.db) == [world.city.say("handoff.timeout")]


async def test_a_person_who_came_is_not_overruled_by_the_timeout(world: World) -> None:
    conversation = await wants_person(world)
    await take(world.db, conversation, "小王")
    await let_time_pass(world.db)
    await work_off(world)
    assert await mode(world.db) == ("human", "小王")
    assert await heard(world.db) == []


async def test_an_old_timeout_does_not_end_a_new_wait(world: World) -> None:
    conversation = await wants_person(world)
    await put(world.db, "不等了")
    await answered(world, conversation)
    [old] = await jobs(world.db, "queue_timeout")
    await wants_person(world)
    await handoff.queue_timeout(world.db, world.city, conversation, old["args"]["queued_at"])
    assert (await mode(world.db))[0] == "queued"


async def test_asking_twice_with_one_message_is_asking_once(world: World) -> None:
    conversation = await wants_person(world)
    [message] = await rows(world.db, "SELECT id FROM message")
    for _ in range(2):
        await handoff.request(
            world.db,
            world.city,
            conversation,
            message_id=message["id"],
            kind="human",
            detail={},
        )
    assert len(await rows(world.db, "SELECT id FROM alert")) == 1
    assert len(await jobs(world.db, "queue_timeout")) == 1


async def test_the_end_of_a_service_is_said_once_and_the_bot_goes_on(
    world: World, engine: ScriptedEngine
) -> None:
    conversation = await wants_person(world)
    await take(world.db, conversation, "小王")
    await handoff.close(world.db, world.city, conversation, "小王")
    await handoff.close(world.db, world.city, conversation, "小王")
    await handoff.close(world.db, world.city, conversation, "小李")
    assert await heard(world.db) == [world.city.say("handoff.closed")]
    assert await mode(world.db) == ("closed", None)
    await put(world.db, "路灯坏了")
    await answered(world, conversation)
    assert (await heard(world.db))[-1] == "收到：路灯坏了"
    assert await mode(world.db) == ("bot", None)


async def test_someone_elses_conversation_cannot_be_ended(world: World) -> None:
    conversation = await wants_person(world)
    await take(world.db, conversation, "小王")
    with pytest.raises(TakenError):
        await handoff.close(world.db, world.city, conversation, "小李")
    assert await mode(world.db) == ("human", "小王")


async def test_the_desk_sees_who_waits_why_and_since_when_until_it_is_handled(
    world: World,
) -> None:
    conversation = await wants_person(world)
    async with world.db.transaction() as session:
        [waiting] = await handoff.waiting(session)
    assert waiting.conversation_id == conversation
    assert waiting.alerts == ["human"]
    assert waiting.queued_at is not None
    await take(world.db, conversation, "小王")
    async with world.db.transaction() as session:
        [waiting] = await handoff.waiting(session)
    assert (waiting.owner, waiting.alerts) == ("小王", [])
    await handoff.close(world.db, world.city, conversation, "小王")
    async with world.db.transaction() as session:
        assert await handoff.waiting(session) == []


async def test_an_alert_in_a_conversation_of_the_bot_is_done_with_by_closing_it(
    world: World,
) -> None:
    asked = await put(world.db, "删除我的信息")
    async with world.db.transaction() as session:
        conversation = await handoff.locked(session, asked.conversation_id)
        await handoff.alert(session, conversation, "privacy", message_id=asked.message_id)
    await handoff.close(world.db, world.city, asked.conversation_id, "小王")
    async with world.db.transaction() as session:
        assert await handoff.waiting(session) == []
    assert await heard(world.db) == []
    assert (await mode(world.db))[0] == "bot"


async def test_the_transcript_is_the_end_of_the_talk_in_order(world: World) -> None:
    asked = await put(world.db, "第0句")
    for n in range(1, 6):
        await put(world.db, f"第{n}句")
    async with world.db.transaction() as session:
        last = await handoff.transcript(session, asked.conversation_id, limit=3)
    assert [message.text for message in last] == ["第3句", "第4句", "第5句"]
