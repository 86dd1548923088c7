"""The rates of a hotline, held against a few tickets counted by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from desk.city import City
from desk.database import Database
from desk.settings import ROOT
from desk.tickets.counts.counting import INDICATORS, By, Count, count, definitions
from desk.tickets.number import ticket_number
from desk.tickets.reviews.tables import TicketReview
from desk.tickets.tables import Ticket, TicketDeadline, TicketEvent

ZONE = ZoneInfo("Asia/Shanghai")
LAMPS, ROADS = "street_lighting", "city_management"
Step = tuple[str, str, str]  # action, day and hour of November in the zone ("03 10"), department


def at(moment: str) -> datetime:
    """“03 10”: the third of November 2026, ten o'clock; “10-31 23”: of another month."""
    day, hour = moment.split()
    month, _, number = day.rpartition("-")
    return datetime(2026, int(month or 11), int(number), int(hour), tzinfo=ZONE).astimezone(UTC)


async def opened(db: Database, n: int, topic: str, steps: list[Step]) -> int:
    """A ticket with its steps, as they would have been made; its id."""
    async with db.transaction() as session:
        ticket = Ticket(
            number=ticket_number(at("01 00").date(), n),
            type="complaint",
            topic=topic,
            description="路灯坏了",
            state="assigned",
            department=steps[-1][2],
        )
        session.add(ticket)
        await session.flush()
        ticket_id = ticket.id or 0
        for seq, (action, moment, department) in enumerate(steps, 1):
            session.add(
                TicketEvent(
                    ticket_id=ticket_id,
                    seq=seq,
                    action=action,
                    to_state="assigned",
                    actor="坐席01",
                    role="agent",
                    department=department,
                    at=at(moment),
                )
            )
    return ticket_id


async def due(db: Database, ticket_id: int, stage: str, due_at: str, **more: str | int) -> None:
    moments = {name: at(value) for name, value in more.items() if isinstance(value, str)}
    until = at(due_at)
    async with db.transaction() as session:
        session.add(
            TicketDeadline(
                ticket_id=ticket_id,
                stage=stage,
                round=int(more.get("round", 1)),
                started_at=until - timedelta(days=2),
                warn_at=until,
                reckoned_at=until,
                due_at=until,
                **moments,  # pyright: ignore[reportArgumentType]
            )
        )


async def said(db: Database, ticket_id: int, moment: str, department: str, **more: object) -> None:
    async with db.transaction() as session:
        session.add(
            TicketReview(
                ticket_id=ticket_id,
                round=1,
                department=department,
                given_by="resident",
                source="chat",
                at=at(moment),
                **more,  # pyright: ignore[reportArgumentType]
            )
        )


@pytest.fixture
async def november(db: Database) -> Database:
    """Nine tickets."""
    # 1: all goes well.
    one = await opened(db, 1, "0305", [("assign", "02 10", LAMPS), ("resolve", "03 10", LAMPS)])
    await due(db, one, "respond", "02 18", met_at="02 11")
    await due(db, one, "resolve", "05 00", met_at="03 10")
    await said(db, one, "03 12", LAMPS, solved=True, satisfaction=5)
    # 2: contacted late, done again, and then not in time.
    two = await opened(
        db,
        2,
        "0305",
        [
            ("assign", "02 10", LAMPS),
            ("resolve", "03 10", LAMPS),
            ("redo", "03 15", LAMPS),
        ],
    )
    await due(db, two, "respond", "02 18", met_at="03 09")
    await due(db, two, "resolve", "05 00", met_at="03 10")
    await due(db, two, "respond", "04 18", met_at="03 16", round=2)
    await due(db, two, "resolve", "10 00", round=2)
    await said(db, two, "03 15", LAMPS, solved=False, satisfaction=2)
    # 3: sent back, which was refused; a day late; how satisfied, but not whether it was solved.
    three = await opened(
        db,
        3,
        "030503",
        [
            ("assign", "04 10", ROADS),
            ("return", "04 11", ROADS),
            ("reject_return", "04 12", ROADS),
            ("resolve", "12 10", ROADS),
        ],
    )
    await due(db, three, "resolve", "11 00", met_at="12 10")
    await said(db, three, "12 12", ROADS, satisfaction=3)
    # 4: sent to the wrong body first; its end is not due yet.
    four = await opened(
        db,
        4,
        "0402",
        [("assign", "04 10", ROADS), ("return", "04 11", ROADS), ("reassign", "04 12", LAMPS)],
    )
    await due(db, four, "respond", "05 18", met_at="05 09")
    await due(db, four, "resolve", "12-31 00")
    # 5: answered by the hotline itself; the resident says nothing.
    await opened(db, 5, "0402", [("answer", "04 10", LAMPS)])
    # 6: withdrawn before it was due.
    six = await opened(db, 6, "0402", [("assign", "04 10", LAMPS), ("withdraw", "05 10", LAMPS)])
    await due(db, six, "resolve", "10 00", dropped_at="05 10")
    # 7: suspended before it was due.
    seven = await opened(db, 7, "0402", [("assign", "04 10", LAMPS), ("suspend", "05 10", LAMPS)])
    await due(db, seven, "resolve", "10 00", paused_at="05 10")
    # 8: overdue, then withdrawn.
    eight = await opened(db, 8, "0402", [("assign", "04 10", LAMPS), ("withdraw", "08 10", LAMPS)])
    await due(db, eight, "resolve", "06 00", dropped_at="08 10")
    # 9: answered on the last evening of October in the city, which is the first of no other month.
    await opened(db, 9, "0402", [("answer", "10-31 23", LAMPS)])
    return db


async def counted(
    db: Database, *, by: By | None = None, since: str = "01 00", until: str = "12-01 00"
) -> dict[str, dict[str, tuple[int, int]]]:
    async with db.transaction() as session:
        found = await count(session, ZONE, since=at(since), until=at(until), by=by)
    return {
        code: {part: (one.hits, one.out_of) for part, one in parts.items()}
        for code, parts in found.items()
    }


async def test_the_month_as_a_whole(november: Database) -> None:
    assert await counted(november) == {
        "response": {"": (3, 4)},
        "on_time": {"": (2, 5)},
        "overdue": {"": (3, 5)},
        "solved": {"": (1, 2)},
        "satisfied": {"": (2, 3)},
        "redone": {"": (1, 4)},
        "returned": {"": (2, 8)},
        "right_first": {"": (6, 7)},
        "direct": {"": (1, 8)},
    }


async def test_by_department_it_is_whose_it_was_then(november: Database) -> None:
    found = await counted(november, by=By.DEPARTMENT)
    assert found["returned"] == {LAMPS: (0, 6), ROADS: (2, 2)}
    assert found["right_first"] == {LAMPS: (5, 5), ROADS: (1, 2)}
    assert found["on_time"] == {LAMPS: (2, 4), ROADS: (0, 1)}
    assert found["satisfied"] == {LAMPS: (1, 2), ROADS: (1, 1)}


async def test_by_topic_it_is_the_second_level(november: Database) -> None:
    found = await counted(november, by=By.TOPIC)
    assert found["satisfied"] == {"0305": (2, 3)}
    assert found["response"] == {"0305": (2, 3), "0402": (1, 1)}


async def test_a_day_begins_in_the_citys_zone(november: Database) -> None:
    found = await counted(november, by=By.MONTH, since="10-01 00")
    assert found["direct"] == {"2026-10": (1, 1), "2026-11": (1, 8)}
    found = await counted(november, by=By.WEEK)
    assert found["redone"] == {"2026-W45": (1, 3), "2026-W46": (0, 1)}
    assert (await counted(november, by=By.DAY))["solved"] == {"2026-11-03": (1, 2)}


async def test_a_period_ends_before_its_end(november: Database) -> None:
    found = await counted(november, since="02 10", until="04 10")
    assert found["right_first"] == {"": (2, 2)}


async def test_out_of_nothing_there_is_no_rate(db: Database) -> None:
    assert await counted(db) == {code: {} for code in INDICATORS}
    assert Count(0, 0).rate is None
    assert Count(2, 8).rate == 0.25


async def test_the_definition_is_with_the_view_and_in_the_guide(db: Database, city: City) -> None:
    async with db.transaction() as session:
        known = await definitions(session)
    guide = (ROOT / "docs" / "counts.md").read_text(encoding="utf-8")
    for code, name in INDICATORS.items():
        chinese, _english, source = known[code].splitlines()
        assert chinese.startswith(f"{name}：")
        assert source.startswith("依据：")
        assert f"| `{code}` | {'<br>'.join(known[code].splitlines())} |" in guide
