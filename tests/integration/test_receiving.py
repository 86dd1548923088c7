"""Messages are stored before anyone acknowledges them, each once, in one order."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from connectors import Inbound, Kind, Location, MediaReference, Outbound
from desk.city import City
from desk.conversations.handoff import take
from desk.conversations.messages import say
from desk.conversations.receive import receive
from desk.conversations.tables import Conversation
from desk.database import Database
from tests.harness.letters import jobs, letter, put, rows

pytestmark = pytest.mark.both_servers


async def test_twenty_deliveries_of_a_message_at_once_are_one_message(db: Database) -> None:
    once = letter(channel="wechat", external_id="23000000000000001")
    received = await asyncio.gather(*(receive(db, once) for _ in range(20)))
    assert len({r.message_id for r in received if r}) == 1
    assert [r.repeated for r in received if r].count(False) == 1
    assert len(await rows(db, "SELECT id FROM message")) == 1
    assert len(await jobs(db, "turn")) == 1


async def test_the_same_words_twice_are_two_messages(db: Database) -> None:
    one = await put(db, "你好", channel="wechat", external_id="1")
    other = await put(db, "你好", channel="wechat", external_id="2")
    assert one.message_id != other.message_id
    assert len(await jobs(db, "turn")) == 2


async def test_the_same_number_on_two_channels_is_two_messages(db: Database) -> None:
    await put(db, channel="wechat", external_id="1")
    await put(db, channel="telegram", external_id="1")
    assert len(await rows(db, "SELECT id FROM message")) == 2


async def test_first_messages_at_once_make_one_resident_with_one_conversation(
    db: Database,
) -> None:
    received = await asyncio.gather(*(put(db, f"第{n}句", user="new") for n in range(8)))
    assert len({r.conversation_id for r in received}) == 1
    assert len(await rows(db, "SELECT id FROM resident")) == 1
    assert len(await rows(db, "SELECT id FROM conversation")) == 1


async def test_messages_are_numbered_without_a_gap_whoever_writes_at_once(
    db: Database,
) -> None:
    first = await put(db)

    async def answer(n: int) -> None:
        async with db.transaction() as session:
            conversation = await session.get_one(
                Conversation, first.conversation_id, with_for_update=True
            )
            await say(db, session, conversation, [Outbound(f"答{n}.1"), Outbound(f"答{n}.2")])

    async def fail() -> None:
        async with db.transaction() as session:
            conversation = await session.get_one(
                Conversation, first.conversation_id, with_for_update=True
            )
            await say(db, session, conversation, [Outbound("never")])
            raise ZeroDivisionError

    done = await asyncio.gather(
        *(put(db, f"问{n}") for n in range(10)),
        *(answer(n) for n in range(5)),
        *(fail() for _ in range(5)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, ZeroDivisionError) for one in done) == 5
    stored = await rows(db, "SELECT seq, text FROM message ORDER BY seq")
    assert [row["seq"] for row in stored] == list(range(1, 22))
    texts = [row["text"] for row in stored]
    for n in range(5):  # what is said together stays together
        assert texts.index(f"答{n}.2") == texts.index(f"答{n}.1") + 1


async def test_what_a_resident_writes_comes_back_unchanged(db: Database) -> None:
    words = "😡路灯坏了👨‍👩‍👧 𠮷野家门口䶮街 ]]> & <b> \"'\\ %s {x}\n第二行"
    await put(db, words)
    assert [row["text"] for row in await rows(db, "SELECT text FROM message")] == [words]


async def test_characters_that_no_database_holds_do_not_lose_the_message(db: Database) -> None:
    await put(db, "路灯\x00坏了\ud83d")
    assert [row["text"] for row in await rows(db, "SELECT text FROM message")] == ["路灯坏了"]


async def test_a_shared_location_is_kept_with_the_datum_of_the_platform(db: Database) -> None:
    await put(
        db,
        channel="wechat",
        kind=Kind.LOCATION,
        location=Location(22.81, 113.29, "幸福里\x00小区", "gcj02"),
    )
    [row] = await rows(db, "SELECT kind, payload FROM message")
    assert row["kind"] == "location"
    assert row["payload"]["location"] == {
        "latitude": 22.81,
        "longitude": 113.29,
        "label": "幸福里小区",
        "system": "gcj02",
    }


async def test_a_picture_is_stored_with_the_job_that_fetches_it(db: Database) -> None:
    received = await put(
        db, channel="wechat", kind=Kind.IMAGE, media=MediaReference("picture-1", "image/jpeg")
    )
    [job] = await jobs(db, "fetch_media")
    assert job["args"] == {"message_id": received.message_id}
    [row] = await rows(db, "SELECT reference, path FROM media")
    assert row == {"reference": "picture-1", "path": ""}


@pytest.mark.parametrize(
    ("off", "trusted"),
    [(timedelta(hours=-2), True), (timedelta(days=-3), False), (timedelta(days=400), False)],
)
async def test_a_platforms_clock_is_believed_within_a_day(
    db: Database, off: timedelta, *, trusted: bool
) -> None:
    at = datetime.now(UTC) + off
    await put(db, at=at)
    [row] = await rows(db, "SELECT at FROM message")
    assert (abs(row["at"] - at) < timedelta(seconds=1)) == trusted
    if not trusted:
        assert abs(row["at"] - datetime.now(UTC)) < timedelta(minutes=1)


async def test_who_leaves_is_unreachable_and_who_comes_back_is_reachable(db: Database) -> None:
    def news(kind: Kind) -> Inbound:
        return letter(channel="wechat", kind=kind, user="o1", external_id=str(uuid.uuid4()))

    async def reachable() -> bool:
        [row] = await rows(db, "SELECT reachable FROM resident")
        return row["reachable"]

    await receive(db, news(Kind.FOLLOW))
    assert await receive(db, news(Kind.UNFOLLOW)) is None
    assert not await reachable()
    await receive(db, news(Kind.FOLLOW))
    assert await reachable()


async def test_a_stranger_who_leaves_is_no_error(db: Database) -> None:
    leaving = letter(channel="wechat", kind=Kind.UNFOLLOW, user="never seen")
    assert await receive(db, leaving) is None


async def test_the_conversation_of_a_taken_resident_still_gets_its_messages(
    db: Database, city: City
) -> None:
    first = await put(db)
    async with db.transaction() as session:
        await take(session, first.conversation_id, "小王")
    again = await put(db, "还在吗")
    assert again.conversation_id == first.conversation_id
