"""A platform that speaks Open311: it has no idempotency key, knows open and closed, and is asked."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest

from desk.city import City, Role
from desk.database import Database
from desk.tickets import Actor, act
from desk.tickets.backends.base import PolledBackend
from desk.tickets.backends.polling import fetch_updates, poll_is_due
from tests.harness.letters import rows
from tests.harness.platforms import Office, office, open311_way
from tests.standins.open311 import Open311Control, open311_backend

BOSS = Actor("班长", Role.SUPERVISOR)


@pytest.fixture(params=[True, False], ids=["pages", "no pages"])
def platform(request: pytest.FixtureRequest) -> Iterator[Open311Control]:
    with open311_backend(pages=request.param) as control:
        yield control


@pytest.fixture
async def desk(db: Database, city: City, platform: Open311Control) -> AsyncIterator[Office]:
    async with office(db, city, open311_way(platform.url)) as running:
        yield running


async def ask(desk: Office) -> None:
    """The platform is asked for news, and what it tells is done."""
    assert isinstance(desk.backend, PolledBackend)
    async with desk.db.transaction() as session:
        await poll_is_due(session, desk.backend)
    await fetch_updates(desk.db, desk.city, desk.backend)
    await desk.work()


async def test_a_ticket_is_posted_as_the_standard_wants_it(
    desk: Office, platform: Open311Control
) -> None:
    ticket = await desk.open(latitude=31.17530398, longitude=121.53154186, datum="gcj02")
    await desk.work()
    [item] = platform.requests()
    posted = item["posted"]
    assert posted["service_code"] == "0306"
    assert (posted["lat"], posted["long"]) == ("31.177428", "121.527211")  # WGS-84
    assert posted["address_string"] == "人民路12号"
    assert posted["description"] == f"[{ticket.number}] 路灯坏了"
    assert await desk.external_id(ticket) == item["service_request_id"]
    assert await desk.state(ticket) == "assigned"


async def test_without_a_place_it_is_posted_all_the_same(
    desk: Office, platform: Open311Control
) -> None:
    await desk.open("想问医保怎么报销", type="consultation", topic="0801", place=None)
    await desk.open("长" * 5000, user="r-2")
    await desk.work()
    assert await desk.states() == ["sent", "sent"]
    assert platform.requests()[0]["posted"]["address_string"]


@pytest.mark.parametrize("fault", [{"delay": 1.0}, {"status": 504}, {"body": "{}"}])
async def test_an_answer_that_is_lost_after_accepting_makes_no_second_request(
    desk: Office, platform: Open311Control, fault: dict[str, Any]
) -> None:
    for n in range(60):  # others write too: more than a page of them
        platform.add(
            {
                "service_request_id": f"other-{n}",
                "service_code": "0306",
                "description": "别人的路灯",
                "requested_datetime": "2026-11-25T00:00:00Z" if n % 2 else "not a date",
            }
        )
    platform.fault("create", 1, after=True, **fault)
    ticket = await desk.open()
    await desk.work()
    assert await desk.states() == ["failed"]
    await desk.later()
    mine = [item for item in platform.requests() if item["posted"]]
    assert len(mine) == 1
    assert await desk.external_id(ticket) == mine[0]["service_request_id"]
    assert platform.calls()["create"] == 1


async def test_while_it_cannot_be_asked_an_uncertain_ticket_is_not_sent_again(
    desk: Office, platform: Open311Control
) -> None:
    platform.fault("create", 1, after=True, delay=1.0)
    await desk.open()
    await desk.work()
    platform.fault("list", status=503)
    await desk.later()
    assert await desk.states() == ["failed"]
    assert platform.calls()["create"] == 1
    platform.mend()
    await desk.later()
    assert await desk.states() == ["sent"]
    assert len(platform.requests()) == 1


async def test_what_surely_did_not_arrive_is_sent_without_a_search(
    desk: Office, platform: Open311Control
) -> None:
    platform.fault("create", 1, status=503)
    await desk.open()
    await desk.work()
    await desk.later()
    assert await desk.states() == ["sent"]
    assert "list" not in platform.calls()


async def test_a_token_becomes_a_number_when_there_is_one(
    desk: Office, platform: Open311Control
) -> None:
    platform.give_tokens()
    ticket = await desk.open()
    await desk.work()
    await ask(desk)
    assert await desk.external_id(ticket) is None
    platform.resolve_tokens()
    await ask(desk)
    assert await desk.external_id(ticket) == "1000"


@pytest.mark.parametrize("updated_after", [False, True])
async def test_its_news_reach_the_resident_once(
    db: Database,
    city: City,
    platform: Open311Control,
    updated_after: bool,  # noqa: FBT001 - a case
) -> None:
    async with office(db, city, open311_way(platform.url, updated_after=updated_after)) as desk:
        ticket = await desk.open()
        await desk.work()
        external_id = await desk.external_id(ticket) or ""
        await ask(desk)
        assert await desk.told() == []  # open, and nothing said
        platform.change(external_id, status_notes="已派维修队")
        await ask(desk)
        await ask(desk)
        [told] = await desk.told()
        assert "已派维修队" in told
        platform.change(external_id, status="closed", status_notes="灯亮了")
        await ask(desk)
        await ask(desk)
        assert await desk.state(ticket) == "resolved"
        assert len([text for text in await desk.told() if "灯亮了" in text]) == 1
        platform.change(external_id, status="open", status_notes="又坏了，重新维修")
        await ask(desk)
        assert await desk.state(ticket) == "assigned"
        assert (await desk.steps(ticket))[-1] == "redo"


async def test_one_bad_item_is_skipped_and_the_rest_is_taken(
    desk: Office, platform: Open311Control, caplog: pytest.LogCaptureFixture
) -> None:
    tickets = [await desk.open(f"第{n}盏", user=f"r-{n}") for n in range(4)]
    await desk.work()
    ids = [await desk.external_id(ticket) or "" for ticket in tickets]
    platform.change(ids[0], status="half open")
    platform.change(ids[1], updated_datetime="yesterday", status="closed")
    platform.change(ids[2], updated_datetime="2099-01-01T00:00:00Z", status="closed")
    platform.change(ids[3], status="closed", status_notes="修好了")
    with caplog.at_level(logging.WARNING):
        await ask(desk)
    assert [await desk.state(ticket) for ticket in tickets] == [
        "assigned",
        "assigned",
        "assigned",
        "resolved",
    ]
    assert caplog.text.count("makes no sense") == 3
    assert "修好了" not in caplog.text


async def test_when_it_does_not_answer_nothing_is_missed(
    desk: Office, platform: Open311Control
) -> None:
    ticket = await desk.open()
    await desk.work()
    [before] = await rows(desk.db, "SELECT seen_until FROM backend_cursor") or [{}]
    platform.change(await desk.external_id(ticket) or "", status="closed", status_notes="好了")
    platform.fault("list", 1, status=500)
    await ask(desk)
    [after] = await rows(desk.db, "SELECT seen_until FROM backend_cursor")
    assert await desk.state(ticket) == "assigned"
    await ask(desk)
    assert await desk.state(ticket) == "resolved"
    [last] = await rows(desk.db, "SELECT seen_until FROM backend_cursor")
    assert last["seen_until"] > after["seen_until"]
    assert before == {}


async def test_of_several_processes_one_asks(desk: Office) -> None:
    assert isinstance(desk.backend, PolledBackend)
    async with desk.db.transaction() as session:
        looks = [await poll_is_due(session, desk.backend) for _ in range(3)]
    assert looks == [True, False, False]


async def test_steps_have_no_place_there_but_what_is_to_be_done_again_is_a_new_request(
    desk: Office, platform: Open311Control
) -> None:
    ticket = await desk.open()
    await desk.work()
    first = await desk.external_id(ticket) or ""
    me = Actor("resident", Role.RESIDENT)
    await act(desk.db, desk.city, ticket.number, "urge", me, tell=False)
    platform.change(first, status="closed", status_notes="已处理")
    await ask(desk)
    await act(desk.db, desk.city, ticket.number, "redo", BOSS, note="居民说没修好")
    await desk.work()
    assert await desk.states() == ["sent", "skipped", "sent"]
    again = await desk.external_id(ticket)
    assert again not in (first, None)
    [_, new] = platform.requests()
    assert first in new["description"]
    assert "居民说没修好" in new["description"]
    platform.change(first, status_notes="旧的又动了", status="open")
    await ask(desk)
    assert await desk.state(ticket) == "assigned"  # the old request is over
    platform.change(again or "", status="closed", status_notes="这回好了")
    await ask(desk)
    assert await desk.state(ticket) == "resolved"


async def test_more_than_the_cap_of_a_platform_without_pages_is_asked_in_halves(
    db: Database, city: City
) -> None:
    with open311_backend(pages=False) as platform:
        async with office(db, city, open311_way(platform.url)) as desk:
            platform.fault("create", 1, after=True, delay=1.0)
            base = {"service_code": "0306", "description": "别人的"}
            ticket = await desk.open()
            [row] = await rows(db, "SELECT created_at FROM sending")
            platform.add(
                *(
                    {
                        **base,
                        "service_request_id": f"o-{n}",
                        "requested_datetime": (
                            row["created_at"] - timedelta(seconds=n / 2)
                        ).isoformat(),
                    }
                    for n in range(1000)
                )
            )
            await desk.work()
            await desk.later()
            mine = [item for item in platform.requests() if item["posted"]]
            assert [item["service_request_id"] for item in mine] == [await desk.external_id(ticket)]
