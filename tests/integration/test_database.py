"""What the database keeps, what it refuses by itself, and what its transactions hold together."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from desk.conversations.tables import Alert, Conversation, Message
from desk.database import Database, DatabaseUnavailableError
from desk.residents.tables import Resident
from tests.harness.letters import jobs, put, rows
from tests.harness.places import free_port

pytestmark = pytest.mark.both_servers

PLANTED = "planted-301室-13800138000"


async def test_an_edit_inside_a_json_value_is_saved(db: Database) -> None:
    message_id = (await put(db)).message_id
    async with db.transaction() as session:
        message = await session.get_one(Message, message_id)
        message.payload["delay_told"] = True
    async with db.transaction() as session:
        message = await session.get_one(Message, message_id)
        assert message.payload == {"delay_told": True}
        del message.payload["delay_told"]
    async with db.transaction() as session:
        assert (await session.get_one(Message, message_id)).payload == {}


async def test_two_rows_never_share_a_default_json_value(db: Database) -> None:
    received = await put(db)
    async with db.transaction() as session:
        one = Alert(conversation_id=received.conversation_id, kind="a")
        other = Alert(conversation_id=received.conversation_id, kind="b")
        one.detail["x"] = 1
        session.add_all([one, other])
    stored = await rows(db, "SELECT kind, detail FROM alert ORDER BY kind")
    assert [row["detail"] for row in stored] == [{"x": 1}, {}]


@pytest.mark.parametrize("offset", [timedelta(hours=8), timedelta(0), timedelta(hours=-5)])
async def test_a_moment_comes_back_the_same_and_aware_whatever_zone_it_was_given_in(
    db: Database, offset: timedelta
) -> None:
    at = datetime(2028, 2, 29, 23, 59, 59, 123456, tzinfo=timezone(offset))
    message_id = (await put(db)).message_id
    async with db.transaction() as session:
        (await session.get_one(Message, message_id)).answered_at = at
    async with db.transaction() as session:
        stored = (await session.get_one(Message, message_id)).answered_at
    assert stored == at
    assert stored is not None
    assert stored.tzinfo is not None


async def test_every_stored_moment_knows_its_zone(db: Database) -> None:
    naive = await rows(
        db,
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND data_type = 'timestamp without time zone'",
    )
    assert naive == []


TICKET = (
    "INSERT INTO ticket (number, resident_id, source_message_id, matter, type, topic, description, "
    "phone, latitude, longitude, confidential, anonymous, state, model, created_at, updated_at, "
    "origin, urgency, assisting, version) "
    "SELECT :number, resident.id, message.id, 0, 'incident', '', '路灯坏了', :phone, :latitude, NULL, "
    "false, :anonymous, 'accepted', '', now(), now(), 'chat', :urgency, '{}', 1 FROM resident, message"
)
SOUND = {
    "number": "YS261125000017",
    "phone": None,
    "latitude": None,
    "anonymous": False,
    "urgency": "normal",
}


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ({"number": "17"}, "number_form"),
        ({"number": "YS26112500001X"}, "number_form"),
        ({"phone": "打我电话"}, "phone_form"),
        ({"phone": "123"}, "phone_form"),
        ({"phone": "1" * 21}, "phone_form"),
        ({"latitude": 22.8}, "point_whole"),
        ({"anonymous": True, "phone": "13800138000"}, "anonymous_has_no_phone"),
        ({"urgency": "soon"}, "urgency_known"),
    ],
    ids=str,
)
async def test_an_unsound_ticket_is_refused_by_the_database_itself(
    db: Database, fault: dict[str, object], rule: str
) -> None:
    await put(db)
    with pytest.raises(IntegrityError, match=rule):
        await rows(db, TICKET, **{**SOUND, **fault})
    await rows(db, TICKET, **SOUND)


UNSOUND = {
    "unknown mode": "UPDATE conversation SET mode = 'sleeping'",
    "unknown author": "UPDATE message SET author = 'nobody'",
    "unknown delivery": """
        INSERT INTO delivery (message_id, conversation_id, state, attempts, reason, updated_at)
        SELECT id, conversation_id, 'lost', 0, '', now() FROM message""",
    "same place in a conversation": """
        INSERT INTO message (conversation_id, seq, author, kind, text, payload, at)
        SELECT conversation_id, seq, 'bot', 'text', '', '{}', now() FROM message""",
    "same message of a platform": """
        INSERT INTO message
          (conversation_id, seq, author, kind, text, payload, at, channel, external_id)
        SELECT conversation_id, seq + 1, 'resident', 'text', '', '{}', now(), channel, external_id
        FROM message""",
    "same account": """
        INSERT INTO resident (channel, account, reachable, created_at)
        SELECT channel, account, true, now() FROM resident""",
    "second conversation": """
        INSERT INTO conversation (resident_id, mode, last_seq, created_at)
        SELECT id, 'bot', 0, now() FROM resident""",
}


@pytest.mark.parametrize("sql", UNSOUND.values(), ids=UNSOUND.keys())
async def test_unknown_words_and_doubles_are_refused_by_the_database_itself(
    db: Database, sql: str
) -> None:
    await put(db)
    with pytest.raises(IntegrityError):
        await rows(db, sql)


async def test_a_refused_row_is_not_repeated_in_the_error(db: Database) -> None:
    """Errors reach logs; what residents write does not."""
    await put(db)
    with pytest.raises(DBAPIError) as refused:
        await rows(
            db,
            "INSERT INTO resident (id, channel, account, reachable, created_at) "
            "SELECT id, :planted, :planted, true, now() FROM resident",
            planted=PLANTED,
        )
    assert PLANTED not in str(refused.value)


async def test_a_job_exists_with_what_it_is_about_or_not_at_all(db: Database) -> None:
    async def write(*, fail: bool) -> None:
        async with db.transaction() as session:
            session.add(Resident(channel="webchat", account="new"))
            await db.defer(session, "turn", lock="conversation:1", conversation_id=1)
            if fail:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write(fail=True)
    assert await jobs(db) == []
    assert await rows(db, "SELECT * FROM resident") == []
    await write(fail=False)
    [job] = await jobs(db)
    assert job["task_name"] == "turn"
    assert job["args"] == {"conversation_id": 1}


async def test_news_are_told_when_they_are_committed_and_only_then(db: Database) -> None:
    async def tell(what: str, *, fail: bool) -> None:
        async with db.transaction() as session:
            await db.notify(session, "news", what)
            if fail:
                raise ZeroDivisionError

    news = db.listen("news")
    heard = asyncio.ensure_future(anext(news))
    await asyncio.sleep(0.3)
    with pytest.raises(ZeroDivisionError):
        await tell("rolled back", fail=True)
    assert not heard.done()
    await tell("1", fail=False)
    assert await asyncio.wait_for(heard, 3) == ("news", "1")
    await news.aclose()


async def test_a_missing_database_is_said_in_one_line_that_tells_what_to_do() -> None:
    db = Database(f"postgresql://nobody@127.0.0.1:{free_port()}/none")
    with pytest.raises(DatabaseUnavailableError, match="YINGSHENG_DATABASE_URL"):
        await db.check()
    await db.dispose()


async def lose_connection(db: Database, *, then_queue: bool) -> None:
    """The server ends the connection in the middle of a transaction."""
    async with db.transaction() as session:
        connection = await session.connection()
        own = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        await asyncio.to_thread(terminate, db.url, own)
        if then_queue:
            await db.defer(session, "turn", lock="conversation:1", conversation_id=1)
        else:
            await connection.execute(text("SELECT 1"))


def terminate(url: str, pid: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", (pid,))


@pytest.mark.parametrize("then_queue", [False, True])
async def test_a_server_that_goes_away_in_the_middle_is_said_so_and_the_next_one_is_fine(
    db: Database, *, then_queue: bool
) -> None:
    with pytest.raises(DatabaseUnavailableError):
        await lose_connection(db, then_queue=then_queue)
    await put(db)
    assert len(await jobs(db)) == 1


async def test_a_database_that_answers_is_well(db: Database) -> None:
    await db.check()


async def test_a_conversation_is_held_by_one_writer_at_a_time(db: Database) -> None:
    received = await put(db)

    async def count_up() -> None:
        from desk.conversations.messages import locked

        async with db.transaction() as session:
            conversation = await locked(session, received.conversation_id)
            seen = conversation.last_seq
            await asyncio.sleep(0.01)
            conversation.last_seq = seen + 1

    await asyncio.gather(*(count_up() for _ in range(8)))
    async with db.transaction() as session:
        assert (await session.get_one(Conversation, received.conversation_id)).last_seq == 9


async def test_now_is_utc(db: Database) -> None:
    [row] = await rows(db, "SELECT created_at FROM resident UNION ALL SELECT now()")
    assert abs(row["created_at"] - datetime.now(UTC)) < timedelta(minutes=1)
