"""Yellow and red cards, each given once; promises that move when a year's holidays become known."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from desk.city import Calendar, City, Role
from desk.city.calendar import Holiday
from desk.database import Database, now
from desk.tickets import Actor, Matter, act, open_ticket
from desk.tickets.marks import give_cards, recount_stale
from desk.tickets.tables import Ticket
from tests.harness.letters import put, rows

pytestmark = pytest.mark.both_servers

BOSS = Actor("班长", Role.SUPERVISOR)
AGENT = Actor("坐席", Role.AGENT)


async def opened(db: Database, city: City) -> Ticket:
    source = await put(db)
    return await open_ticket(
        db,
        city,
        Matter(type="incident", topic="0306", description="路灯坏了", messages=[source.message_id]),
        conversation_id=source.conversation_id,
        source_message_id=source.message_id,
    )


async def age(db: Database, hours: float) -> None:
    """Lets so much time pass for all deadlines."""
    await rows(
        db,
        "UPDATE ticket_deadline SET started_at = started_at - :past, due_at = due_at - :past, "
        "reckoned_at = reckoned_at - :past, warn_at = warn_at - :past, mark_at = mark_at - :past "
        "WHERE stage = 'dispatch' RETURNING id",
        past=timedelta(hours=hours),
    )


async def marks(db: Database, ticket: Ticket) -> list[str]:
    found = await rows(
        db,
        "SELECT note FROM ticket_event WHERE ticket_id = :t AND action = 'supervise' ORDER BY seq",
        t=ticket.id,
    )
    return [row["note"][:2] for row in found]


async def test_a_card_comes_in_its_time_and_once(db: Database, city: City) -> None:
    ticket = await opened(db, city)
    await give_cards(db, city)
    assert await marks(db, ticket) == []
    await age(db, 20)  # of 24
    await asyncio.gather(*(give_cards(db, city) for _ in range(3)))
    assert await marks(db, ticket) == ["黄牌"]
    await age(db, 5)
    await asyncio.gather(*(give_cards(db, city) for _ in range(3)))
    await give_cards(db, city)
    assert await marks(db, ticket) == ["黄牌", "红牌"]
    alerts = await rows(db, "SELECT detail FROM alert WHERE kind = 'overdue'")
    assert [row["detail"] for row in alerts] == [{"ticket": ticket.number}]
    told = await rows(db, "SELECT 1 FROM message WHERE author = 'system'")
    assert told == [], "cards are no news for the resident"


async def test_after_a_long_stop_only_the_red_card_comes(db: Database, city: City) -> None:
    ticket = await opened(db, city)
    await age(db, 100)
    await give_cards(db, city)
    assert await marks(db, ticket) == ["红牌"]


async def test_what_was_done_in_time_or_stands_still_gets_none(db: Database, city: City) -> None:
    done, waiting = await opened(db, city), await opened(db, city)
    await act(db, city, done.number, "assign", BOSS)
    await act(db, city, waiting.number, "await_info", AGENT, note="哪一盏？")
    await age(db, 100)
    await give_cards(db, city)
    assert await marks(db, done) == []
    assert await marks(db, waiting) == []


def with_days_off(city: City, first: date, last: date) -> City:
    """The city after a corrected notice gave more days off."""
    calendar = city.calendar
    more = Holiday.model_validate({"name": "节", "from": first, "to": last})
    notices: dict[int, Any] = dict(calendar.notices)
    for year in {first.year, last.year}:
        base = calendar.notices[max(calendar.notices)]
        known = calendar.notices.get(year) or base.model_copy(
            update={"year": year, "holidays": (), "workdays": (), "version": 0}
        )
        notices[year] = known.model_copy(
            update={"holidays": (*known.holidays, more), "version": known.version + 1}
        )
    return city.model_copy(update={"calendar": Calendar(notices=notices)})


async def test_new_holidays_move_the_promise_once_and_the_resident_hears(
    db: Database, city: City
) -> None:
    ticket = await opened(db, city)
    assert await recount_stale(db, city) == 0
    [before] = await rows(db, "SELECT * FROM ticket_deadline WHERE stage = 'resolve'")
    today = now().astimezone(city.zone).date()
    later = with_days_off(city, today + timedelta(days=1), today + timedelta(days=7))
    assert await recount_stale(db, later) > 0
    assert await recount_stale(db, later) == 0
    [after] = await rows(db, "SELECT * FROM ticket_deadline WHERE stage = 'resolve'")
    assert after["due_at"] >= before["due_at"] + timedelta(days=5)
    assert after["started_at"] == before["started_at"]
    [said] = await rows(db, "SELECT text FROM message WHERE author = 'system'")
    assert ticket.number in said["text"]
    assert "节假日安排已经公布" in said["text"]
