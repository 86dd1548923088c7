"""A turn: each message gets its answer once, whatever the engine does meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from connectors import Kind, Location
from desk.city import City
from desk.conversations.engine import Engine, EngineFaultError, EngineUnavailableError
from desk.conversations.jobs import REFUSALS
from desk.conversations.turn import take_turn
from desk.conversations.world import World
from desk.database import Database
from tests.harness.letters import jobs, let_time_pass, put, rows, work_off, world_of
from tests.harness.places import free_port
from tests.harness.scripted_engine import TOKEN, ScriptedEngine, scripted_engine


@pytest.fixture
def engine() -> Iterator[ScriptedEngine]:
    with scripted_engine() as running:
        yield running


@pytest.fixture
async def world(db: Database, city: City, engine: ScriptedEngine) -> AsyncIterator[World]:
    world = world_of(db, city, engine=engine.client())
    yield world
    await world.engine.aclose()


@pytest.fixture
async def deaf(db: Database, city: City) -> AsyncIterator[World]:
    """A world whose engine is down."""
    world = world_of(db, city)
    yield world
    await world.engine.aclose()


async def answer(world: World, conversation_id: int, *, last_try: bool = False) -> None:
    await take_turn(world.db, world.city, world.engine, conversation_id, last_try=last_try)


async def heard(db: Database) -> list[str]:
    """What the resident was told after the first contact's notice, in order."""
    found = await rows(db, "SELECT text FROM message WHERE author <> 'resident' ORDER BY seq")
    return [row["text"] for row in found if "只用于办理您的诉求" not in row["text"]]


async def test_every_message_is_answered_in_its_order(world: World, engine: ScriptedEngine) -> None:
    for words in ("一", "二", "三"):
        await put(world.db, words)
    await work_off(world)
    assert await heard(world.db) == ["收到：一", "收到：二", "收到：三"]
    assert engine.texts == ["一", "二", "三"]
    assert await jobs(world.db) == []


async def test_at_first_contact_the_resident_learns_what_is_kept_and_later_not_again(
    world: World,
) -> None:
    await put(world.db, "你好")
    await work_off(world)
    await put(world.db, "再问一句")
    await work_off(world)
    found = await rows(world.db, "SELECT text FROM message WHERE author = 'bot' ORDER BY seq")
    notices = [n for n, row in enumerate(found) if "只用于办理您的诉求" in row["text"]]
    assert notices == [0]


async def test_two_workers_on_one_conversation_answer_once(
    world: World, engine: ScriptedEngine
) -> None:
    """A worker that was taken for dead was only slow."""
    asked = await put(world.db, "一")
    engine.delay = 0.3
    await asyncio.gather(*(answer(world, asked.conversation_id) for _ in range(3)))
    assert await heard(world.db) == ["收到：一"]


async def test_residents_do_not_wait_for_each_other(world: World, engine: ScriptedEngine) -> None:
    engine.delay = 0.5
    for n in range(4):
        await put(world.db, "路灯坏了", user=f"resident-{n}")
    await work_off(world)
    assert engine.most == 4
    assert len(await heard(world.db)) == 4


async def test_an_answer_without_words_is_no_message(world: World, engine: ScriptedEngine) -> None:
    engine.replies["路灯坏了"] = ["", "  ", "好的"]
    await put(world.db)
    await work_off(world)
    assert await heard(world.db) == ["好的"]


@pytest.mark.parametrize(
    "words", ['/create_ticket{"address":"x"}', "/restart", "/ 你好", "/intent"]
)
async def test_words_that_look_like_commands_go_to_the_engine_as_words(
    world: World, engine: ScriptedEngine, words: str
) -> None:
    await put(world.db, words)
    await work_off(world)
    [asked] = engine.asked
    assert asked["text"] == words
    assert asked["intent"] is None


@pytest.mark.parametrize(
    ("kind", "words", "intent"),
    [
        (Kind.IMAGE, "", "share_image"),
        (Kind.VOICE, "", "share_voice"),
        (Kind.VOICE, "路灯坏了", None),
        (Kind.LINK, "标题\nhttps://example.com", "share_link"),
        (Kind.LOCATION, "", "share_location"),
    ],
)
async def test_what_is_no_text_reaches_the_engine_as_what_it_is(
    world: World, engine: ScriptedEngine, kind: Kind, words: str, intent: str | None
) -> None:
    place = Location(22.8, 113.2, "幸福里", "gcj02") if kind is Kind.LOCATION else None
    await put(world.db, words, kind=kind, location=place)
    await work_off(world)
    [asked] = engine.asked
    assert asked["intent"] == intent
    assert asked["text"] == words
    assert asked["metadata"]["kind"] == kind
    if place:
        assert asked["metadata"]["location"]["label"] == "幸福里"


@pytest.mark.parametrize(("kind", "words"), [(Kind.UNSUPPORTED, ""), (Kind.TEXT, "\x00 \x07")])
async def test_what_nobody_can_read_gets_a_helpful_sentence(
    world: World, engine: ScriptedEngine, kind: Kind, words: str
) -> None:
    await put(world.db, words, kind=kind)
    await work_off(world)
    assert await heard(world.db) == [world.city.say("unsupported")]
    assert engine.asked == []


async def test_who_follows_is_greeted_without_asking_the_engine(
    world: World, engine: ScriptedEngine
) -> None:
    await put(world.db, kind=Kind.FOLLOW)
    await work_off(world)
    assert world.city.say("greet") in await heard(world.db)
    assert engine.asked == []


async def test_danger_to_life_is_answered_while_no_engine_runs(deaf: World) -> None:
    await put(deaf.db, "隔壁着火了，有人被困")
    await work_off(deaf)
    assert any("119" in told for told in await heard(deaf.db))
    kinds = {row["kind"] for row in await rows(deaf.db, "SELECT kind FROM alert")}
    assert "danger" in kinds


async def test_danger_is_told_once_however_often_the_turn_is_tried(deaf: World) -> None:
    asked = await put(deaf.db, "隔壁着火了，有人被困")
    for _ in range(3):
        try:
            await answer(deaf, asked.conversation_id)
        except EngineUnavailableError:
            continue
    assert sum("119" in told for told in await heard(deaf.db)) == 1
    assert len(await rows(deaf.db, "SELECT id FROM alert WHERE kind = 'danger'")) == 1


async def test_while_no_engine_runs_the_resident_is_told_once_and_answered_later(
    db: Database, deaf: World, world: World
) -> None:
    first = await put(db, "一")
    await put(db, "二")
    for _ in range(3):
        with pytest.raises(EngineUnavailableError):
            await answer(deaf, first.conversation_id)
    assert await heard(db) == [deaf.city.say("delay")]
    await answer(world, first.conversation_id)
    assert await heard(db) == [deaf.city.say("delay"), "收到：一", "收到：二"]


async def test_the_queue_goes_on_asking_until_an_engine_is_back(
    db: Database, deaf: World, world: World
) -> None:
    await put(db, "一")
    for _ in range(REFUSALS + 3):
        await work_off(deaf)
        [job] = await jobs(db, "turn")
        assert job["scheduled_at"] is not None
        await let_time_pass(db)
    await work_off(world)
    assert await heard(db) == [deaf.city.say("delay"), "收到：一"]
    [conversation] = await rows(db, "SELECT mode FROM conversation")
    assert conversation["mode"] == "bot", "an engine that is away is no reason to call people"


async def test_another_engine_answers_when_one_is_down(
    db: Database, city: City, engine: ScriptedEngine
) -> None:
    dead = f"http://127.0.0.1:{free_port()}"
    world = world_of(db, city, engine=Engine([dead, engine.url, dead], TOKEN, timeout=5))
    for n in range(3):
        await put(db, "一", user=f"resident-{n}")
    await work_off(world)
    assert await heard(db) == ["收到：一"] * 3
    await world.engine.aclose()


@pytest.mark.parametrize("status", [503, 500, 400])
async def test_a_refusal_that_passes_is_only_a_delay(
    world: World, engine: ScriptedEngine, status: int
) -> None:
    engine.faults = [status, status]
    await put(world.db, "一")
    for _ in range(3):
        await work_off(world)
        await let_time_pass(world.db)
    told = await heard(world.db)
    assert told[-1] == "收到：一"
    assert told[:-1] in ([], [world.city.say("delay")])


@pytest.mark.parametrize("garbled", [True, False])
async def test_a_message_that_no_engine_can_handle_is_given_to_people(
    world: World, engine: ScriptedEngine, *, garbled: bool
) -> None:
    engine.garbled = garbled
    engine.faults = [] if garbled else [500] * 20
    asked = await put(world.db, "一")
    with pytest.raises(EngineFaultError):
        await answer(world, asked.conversation_id)
    for _ in range(REFUSALS + 1):
        await work_off(world)
        await let_time_pass(world.db)
    assert await heard(world.db) == [world.city.say("handoff.fault")]
    [conversation] = await rows(world.db, "SELECT mode FROM conversation")
    assert conversation["mode"] == "queued"
    assert [row["kind"] for row in await rows(world.db, "SELECT kind FROM alert")] == [
        "turn_failed"
    ]


async def test_an_engine_that_never_finishes_does_not_hold_the_resident_for_ever(
    db: Database, city: City, engine: ScriptedEngine
) -> None:
    world = world_of(db, city, engine=engine.client(timeout=0.3))
    engine.delay = 3
    asked = await put(db, "一")
    with pytest.raises(EngineUnavailableError):
        await answer(world, asked.conversation_id)
    assert await heard(db) == [city.say("delay")]
    await world.engine.aclose()
