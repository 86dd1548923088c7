"""A platform that speaks our REST contract: nothing lost, nothing made twice, no step out of order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.city import City, Role
from desk.database import Database
from desk.tickets import Actor, act
from desk.tickets.backends.base import News
from desk.tickets.backends.sending import send_again, unsent
from desk.tickets.backends.updates import UnknownTicketError, not_applied, receive
from desk.tickets.tables import Ticket
from tests.harness.letters import rows
from tests.harness.platforms import Office, office, rest_way
from tests.standins.rest_backend import RestControl, rest_backend

BOSS = Actor("班长", Role.SUPERVISOR)
MORNING = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


@pytest.fixture
def platform() -> Iterator[RestControl]:
    with rest_backend() as control:
        yield control


@pytest.fixture
async def desk(db: Database, city: City, platform: RestControl) -> AsyncIterator[Office]:
    async with office(db, city, rest_way(platform.url)) as running:
        yield running


def event(action: str, ticket: Ticket, n: int, **more: Any) -> News:
    return News(
        event_id=more.pop("event_id", f"e-{ticket.id}-{n}"),
        action=action,
        at=MORNING + timedelta(minutes=n),
        number=ticket.number,
        sequence=n,
        **more,
    )


async def take(desk: Office, *news: News) -> None:
    for one in news:
        await receive(desk.db, "rest", [one])
    await desk.work()


async def test_a_ticket_is_handed_over_with_its_number_and_is_on_its_way(
    desk: Office, platform: RestControl
) -> None:
    ticket = await desk.open()
    assert await desk.states() == ["unprocessed"]
    await desk.work()
    [given] = platform.tickets()
    assert given["number"] == given["key"] == ticket.number
    assert given["place"] == "人民路12号"
    assert await desk.external_id(ticket) == given["id"]
    assert await desk.states() == ["sent"]
    assert await desk.state(ticket) == "assigned"


async def test_what_is_handled_here_is_not_sent(db: Database, city: City) -> None:
    async with office(db, city, rest_way("http://127.0.0.1:9")) as desk:
        desk.backend.name = "embedded"
        await desk.open()
        assert await desk.sendings() == []


@pytest.mark.parametrize("fault", [{"delay": 1.5}, {"status": 504}, {"body": "<html>"}])
async def test_an_answer_that_is_lost_after_accepting_makes_no_second_ticket(
    desk: Office, platform: RestControl, fault: dict[str, Any]
) -> None:
    platform.fault("create", 1, after=True, **fault)
    ticket = await desk.open()
    await desk.work()
    assert await desk.states() == ["failed"]
    assert len(platform.tickets()) == 1
    await desk.later()
    [given] = platform.tickets()
    assert await desk.external_id(ticket) == given["id"]
    assert await desk.states() == ["sent"]


async def test_two_hours_away_lose_nothing_and_the_waits_are_0_5_30_then_hourly(
    desk: Office, platform: RestControl
) -> None:
    platform.fault("create", status=503)
    tickets = [await desk.open(f"第{n}盏路灯坏了", user=f"r-{n}") for n in range(5)]
    assert len({ticket.number for ticket in tickets}) == 5  # known at once
    waits: list[float] = []
    await desk.work()
    for _ in range(4):
        [row] = await rows(
            desk.db,
            "SELECT extract(epoch FROM due_at - tried_at) / 60 AS wait FROM sending "
            "ORDER BY id LIMIT 1",
        )
        waits.append(round(float(row["wait"])))
        await desk.later()
    assert waits == [5, 30, 60, 60]
    assert platform.tickets() == []
    platform.mend()
    await desk.later()
    assert {given["number"] for given in platform.tickets()} == {t.number for t in tickets}
    assert await desk.states() == ["sent"] * 5


async def test_the_platform_says_when_it_wants_to_be_asked_again(
    desk: Office, platform: RestControl
) -> None:
    platform.fault("create", 1, status=429, headers={"Retry-After": "7200"})
    await desk.open()
    await desk.work()
    [row] = await rows(desk.db, "SELECT due_at - tried_at AS wait FROM sending")
    assert timedelta(hours=1, minutes=59) < row["wait"] < timedelta(hours=2, minutes=1)


async def test_a_refusal_is_parked_until_a_person_has_it_sent_again(
    desk: Office, platform: RestControl
) -> None:
    platform.fault("create", status=422)
    ticket = await desk.open()
    await desk.work()
    await desk.later()
    assert platform.calls()["create"] == 1
    async with desk.db.transaction() as session:
        [(sending, number)] = await unsent(session)
        assert (sending.state, sending.reason, number) == ("parked", "HTTP 422", ticket.number)
        assert await send_again(session, "YS000000000000") == 0
        assert await send_again(session, ticket.number) == 1
    platform.mend()
    await desk.later()
    assert await desk.states() == ["sent"]
    async with desk.db.transaction() as session:
        assert await unsent(session) == []


async def test_a_process_that_was_killed_inside_an_attempt_makes_no_second_ticket(
    desk: Office, platform: RestControl
) -> None:
    ticket = await desk.open()
    await desk.work()
    await rows(desk.db, "DELETE FROM ticket_link")
    await rows(desk.db, "UPDATE sending SET state = 'sending', due_at = now(), sent_at = NULL")
    await desk.later()
    [given] = platform.tickets()
    assert await desk.external_id(ticket) == given["id"]
    [sending] = await desk.sendings()
    assert (sending["state"], sending["attempts"]) == ("sent", 2)


async def test_steps_made_here_follow_in_order_and_only_ours(
    desk: Office, platform: RestControl
) -> None:
    platform.fault("create", 1, status=503)
    ticket = await desk.open()
    await desk.work()
    me = Actor("resident", Role.RESIDENT)
    await act(desk.db, desk.city, ticket.number, "urge", me, tell=False)
    await act(desk.db, desk.city, ticket.number, "supplement", me, note="还有一盏", tell=False)
    await desk.work()
    assert platform.tickets() == []  # not before the ticket
    await desk.later()
    await desk.later()
    [given] = platform.tickets()
    told = platform.steps(given["id"])
    assert [(step["action"], step["note"]) for step in told] == [
        ("urge", ""),
        ("supplement", "还有一盏"),
    ]
    assert {step["number"] for step in told} == {ticket.number}
    await take(desk, event("start", ticket, 1))
    assert len(platform.steps(given["id"])) == 2  # its own step does not come back to it


async def test_the_platforms_steps_reach_the_resident(desk: Office) -> None:
    ticket = await desk.open()
    await desk.work()
    await take(
        desk,
        event("acknowledge", ticket, 1),
        event("start", ticket, 2),
        event("report", ticket, 3, note="正在换灯"),
        event("resolve", ticket, 4, note="灯亮了"),
    )
    assert await desk.state(ticket) == "resolved"
    assert [text for text in await desk.told() if "正在换灯" in text or "灯亮了" in text]


async def test_what_the_platform_leaves_out_is_made_up_for_in_silence(desk: Office) -> None:
    ticket = await desk.open()
    await take(desk, event("resolve", ticket, 1, note="灯亮了"))
    assert await desk.state(ticket) == "resolved"
    assert (await desk.steps(ticket))[-2:] == ["acknowledge", "resolve"]
    [told] = await desk.told()
    assert "灯亮了" in told


async def test_twice_is_once(desk: Office) -> None:
    ticket = await desk.open()
    await desk.work()
    again = event("report", ticket, 2, note="正在换灯")
    await take(desk, event("acknowledge", ticket, 1), again, again)
    await take(desk, again)
    assert (await desk.steps(ticket)).count("report") == 1
    assert len([text for text in await desk.told() if "正在换灯" in text]) == 1


async def test_out_of_order_the_newest_counts(desk: Office) -> None:
    ticket = await desk.open()
    await desk.work()
    await take(desk, event("resolve", ticket, 3, note="灯亮了"))
    await take(desk, event("report", ticket, 2, note="在路上"), event("acknowledge", ticket, 1))
    assert await desk.state(ticket) == "resolved"
    assert not [text for text in await desk.told() if "在路上" in text]
    found = await rows(desk.db, "SELECT sequence, outcome FROM backend_update ORDER BY sequence")
    assert [(row["sequence"], row["outcome"]) for row in found] == [
        (1, "late"),
        (2, "late"),
        (3, "applied"),
    ]


async def test_arrived_together_they_are_taken_in_the_platforms_order(desk: Office) -> None:
    ticket = await desk.open()
    await desk.work()
    news = [
        event("resolve", ticket, 3, note="灯亮了"),
        event("report", ticket, 2, note="在路上"),
        event("acknowledge", ticket, 1),
    ]
    await take(desk, *news)
    assert (await desk.steps(ticket))[-3:] == ["acknowledge", "report", "resolve"]


async def test_many_at_once_are_each_made_once(desk: Office) -> None:
    ticket = await desk.open()
    await desk.work()
    news = [event("report", ticket, n, note=f"第{n}次") for n in range(2, 8)]
    await take(desk, event("acknowledge", ticket, 1))
    await asyncio.gather(*(receive(desk.db, "rest", [one]) for one in news * 3))
    await desk.work()
    assert (await desk.steps(ticket)).count("report") == 6


async def test_what_the_lifecycle_forbids_is_on_record_for_people(desk: Office) -> None:
    ticket = await desk.open()
    await desk.work()
    await take(desk, event("decline", ticket, 1, note="不归我们"))
    await take(desk, event("no_such_step", ticket, 2))
    assert await desk.state(ticket) == "assigned"
    async with desk.db.transaction() as session:
        refused = await not_applied(session)
    assert [(update.action, number) for update, number in refused] == [
        ("decline", ticket.number),
        ("no_such_step", ticket.number),
    ]
    assert all(update.reason for update, _ in refused)


async def test_a_platform_moves_only_what_it_was_given(desk: Office, city: City) -> None:
    async with office(desk.db, city, rest_way("http://127.0.0.1:9")) as other:
        other.backend.name = "embedded"
        ticket = await other.open()
    with pytest.raises(UnknownTicketError):
        await receive(desk.db, "rest", [event("acknowledge", ticket, 1)])
    assert await rows(desk.db, "SELECT 1 FROM backend_update") == []


async def test_after_a_hundred_time_outs_it_goes_on_by_itself(
    db: Database, city: City, platform: RestControl
) -> None:
    async with office(db, city, rest_way(platform.url, seconds=0.1)) as desk:
        platform.fault("create", delay=1.0)
        tickets = [await desk.open(f"第{n}盏", user=f"r-{n}") for n in range(100)]
        await desk.work()
        assert set(await desk.states()) == {"failed"}
        assert platform.calls()["create"] == 100
        platform.mend()
        # On a machine that is busy with other things one or the other may time out once more.
        for _ in range(5):
            await desk.later()
        assert set(await desk.states()) == {"sent"}
        assert {given["number"] for given in platform.tickets()} == {t.number for t in tickets}
        assert len(platform.tickets()) == 100


@pytest.mark.parametrize("trusted", [False, True])
async def test_personal_data_goes_to_a_trusted_platform_only(
    db: Database,
    city: City,
    platform: RestControl,
    trusted: bool,  # noqa: FBT001 - a case
) -> None:
    async with office(db, city, rest_way(platform.url, trusted=trusted)) as desk:
        await desk.open("楼下路灯坏了，打我电话13900139000", phone="13800138000")
        await desk.open("三号窗口王科长收红包", type="violation", user="r-2", phone="13700137000")
        await desk.work()
        lamp, violation = platform.tickets()
    assert ("13900139000" in lamp["description"]) is trusted
    assert lamp["phone"] == ("13800138000" if trusted else None)
    assert violation["confidential"]
    assert ("王科长" in violation["description"]) is trusted
    assert violation["place"] == ("人民路12号" if trusted else None)
    assert violation["phone"] == ("13700137000" if trusted else None)
