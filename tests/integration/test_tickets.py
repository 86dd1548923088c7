"""Tickets: opened once, moved by the rules, told to the resident, and shown to nobody else."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from desk.city import City, Role
from desk.conversations.receive import Received
from desk.database import Database
from desk.tickets import (
    Actor,
    Matter,
    TicketError,
    act,
    open_ticket,
    parse_ticket_number,
    ticket_of,
    tickets_of,
    timeline,
)
from desk.tickets.tables import Ticket
from tests.harness.letters import jobs, put, rows

BOSS = Actor("班长", Role.SUPERVISOR)
CREW = Actor("照明所", Role.DEPARTMENT)


async def opened(
    db: Database, city: City, *, source: Received | None = None, ordinal: int = 0, **more: object
) -> Ticket:
    source = source or await put(db)
    parts: dict[str, object] = {
        "type": "incident",
        "topic": "0306",
        "description": "路灯坏了",
        "messages": [source.message_id],
        **more,
    }
    return await open_ticket(
        db,
        city,
        Matter(**parts),  # type: ignore[arg-type]
        conversation_id=source.conversation_id,
        source_message_id=source.message_id,
        ordinal=ordinal,
    )


async def steps(db: Database, number: str) -> list[str]:
    found = await rows(
        db,
        "SELECT action FROM ticket_event JOIN ticket ON ticket.id = ticket_id "
        "WHERE number = :number ORDER BY seq",
        number=number,
    )
    return [row["action"] for row in found]


async def told(db: Database) -> list[str]:
    found = await rows(db, "SELECT text FROM message WHERE author = 'system' ORDER BY seq")
    return [row["text"] for row in found]


async def test_confirming_ten_times_at_once_opens_one_ticket(db: Database, city: City) -> None:
    source = await put(db)
    tickets = await asyncio.gather(*(opened(db, city, source=source) for _ in range(10)))
    assert len({ticket.number for ticket in tickets}) == 1
    assert await steps(db, tickets[0].number) == ["open"]


async def test_two_matters_of_one_message_are_two_tickets(db: Database, city: City) -> None:
    source = await put(db)
    one = await opened(db, city, source=source, ordinal=0)
    other = await opened(db, city, source=source, ordinal=1)
    assert one.number != other.number


async def test_tickets_opened_at_once_have_consecutive_numbers(db: Database, city: City) -> None:
    sources = [await put(db, user=f"resident-{n}") for n in range(12)]
    tickets = await asyncio.gather(*(opened(db, city, source=source) for source in sources))
    numbers = sorted(ticket.number for ticket in tickets)
    assert [int(number[8:13]) for number in numbers] == list(range(1, 13))
    assert all(parse_ticket_number(number) == number for number in numbers)


async def test_the_number_carries_the_citys_day(db: Database, city: City) -> None:
    ticket = await opened(db, city)
    assert ticket.number[2:8] == f"{ticket.created_at.astimezone(city.zone):%y%m%d}"


async def test_a_report_of_wrongdoing_is_confidential_and_an_anonymous_one_has_no_phone(
    db: Database, city: City
) -> None:
    violation = await opened(db, city, type="violation", phone="13800138000", anonymous=True)
    assert violation.confidential
    assert violation.phone is None
    lamp = await opened(db, city, phone="13800138000")
    assert not lamp.confidential
    assert lamp.phone == "13800138000"


async def test_every_message_and_picture_of_the_matter_belongs_to_the_ticket(
    db: Database, city: City
) -> None:
    first, second = await put(db), await put(db, "就在楼下")
    ticket = await opened(
        db, city, source=second, messages=[first.message_id, second.message_id, first.message_id]
    )
    found = await rows(db, "SELECT message_id FROM ticket_message ORDER BY message_id")
    assert [row["message_id"] for row in found] == [first.message_id, second.message_id]
    assert ticket.department == "street_lighting" or ticket.department in city.departments


async def test_a_step_is_on_the_timeline_and_in_the_chat_in_one_go(
    db: Database, city: City
) -> None:
    ticket = await opened(db, city)
    moved = await act(db, city, ticket.number, "assign", BOSS, note="请尽快")
    assert moved.state == "assigned"
    assert await steps(db, ticket.number) == ["open", "assign"]
    [text] = await told(db)
    assert ticket.number in text
    [delivery] = await rows(db, "SELECT state FROM delivery")
    assert delivery["state"] == "waiting", "the page fetches it"


async def test_on_a_channel_that_pushes_a_step_comes_with_its_delivery_job(
    db: Database, city: City
) -> None:
    ticket = await opened(db, city, source=await put(db, channel="wechat"))
    await act(db, city, ticket.number, "assign", BOSS)
    assert len(await jobs(db, "deliver")) == 1
    assert [row["state"] for row in await rows(db, "SELECT state FROM delivery")] == ["pending"]


async def test_the_newest_event_names_the_tickets_state(db: Database, city: City) -> None:
    ticket = await opened(db, city)
    for action, actor in (("assign", BOSS), ("acknowledge", CREW), ("start", CREW)):
        await act(db, city, ticket.number, action, actor)
    async with db.transaction() as session:
        events = await timeline(session, ticket)
        own = await ticket_of(session, (await put(db)).conversation_id, ticket.number)
    assert own is not None
    assert own.state == events[-1].to_state == "in_progress"
    assert [event.from_state for event in events[1:]] == [e.to_state for e in events[:-1]]
    assert own.updated_at - ticket.updated_at > timedelta(0)


@pytest.mark.parametrize(
    ("action", "actor", "note", "why"),
    [
        ("resolve", CREW, "好了", "承办单位不能办结"),  # not from this state
        ("assign", CREW, "", "承办单位不能派单"),  # not in this role
        ("fly", BOSS, "", "班长不能fly"),  # no such thing
        ("decline", BOSS, "  ", "说明"),  # without its reason
    ],
)
async def test_what_the_lifecycle_does_not_allow_changes_nothing(
    db: Database, city: City, action: str, actor: Actor, note: str, why: str
) -> None:
    ticket = await opened(db, city)
    with pytest.raises(TicketError, match=why):
        await act(db, city, ticket.number, action, actor, note=note)
    assert await steps(db, ticket.number) == ["open"]
    assert await told(db) == []


async def test_a_refusal_names_what_is_possible(db: Database, city: City) -> None:
    ticket = await opened(db, city)
    with pytest.raises(TicketError, match="assign（派单）"):
        await act(db, city, ticket.number, "resolve", BOSS, note="好了")


async def test_an_unknown_number_is_said_so(db: Database, city: City) -> None:
    with pytest.raises(TicketError, match="没有编号"):
        await act(db, city, "YS261125000017", "assign", BOSS)


async def test_the_same_step_retried_with_its_key_is_one_step(db: Database, city: City) -> None:
    ticket = await opened(db, city)
    await asyncio.gather(
        *(act(db, city, ticket.number, "urge", BOSS, key="urge:1") for _ in range(6))
    )
    await act(db, city, ticket.number, "urge", BOSS, key="urge:2")
    assert await steps(db, ticket.number) == ["open", "urge", "urge"]
    assert len(await told(db)) == 2


async def test_two_people_who_move_a_ticket_at_once_do_not_both_succeed(
    db: Database, city: City
) -> None:
    ticket = await opened(db, city)
    done = await asyncio.gather(
        act(db, city, ticket.number, "assign", BOSS),
        act(db, city, ticket.number, "decline", BOSS, note="不属于受理范围"),
        return_exceptions=True,
    )
    assert sum(isinstance(one, TicketError) for one in done) == 1
    assert len(await told(db)) == 1


async def test_a_step_answered_in_the_chat_is_not_told_twice(db: Database, city: City) -> None:
    source = await put(db)
    ticket = await opened(db, city, source=source)
    await act(
        db,
        city,
        ticket.number,
        "urge",
        Actor("resident", Role.RESIDENT),
        tell=False,
        message_id=source.message_id,
    )
    assert await told(db) == []


async def test_someone_elses_number_is_as_unknown_as_none(db: Database, city: City) -> None:
    ticket = await opened(db, city)
    stranger = await put(db, user="stranger")
    async with db.transaction() as session:
        assert await ticket_of(session, stranger.conversation_id, ticket.number) is None
        assert await tickets_of(session, stranger.conversation_id) == []
        mine = await tickets_of(session, (await put(db)).conversation_id)
    assert [one.number for one in mine] == [ticket.number]


async def test_my_tickets_are_the_newest_ones_first(db: Database, city: City) -> None:
    numbers = [(await opened(db, city)).number for _ in range(7)]
    async with db.transaction() as session:
        mine = await tickets_of(session, (await put(db)).conversation_id, limit=5)
    assert [one.number for one in mine] == numbers[::-1][:5]


async def test_a_note_is_told_as_it_was_written(db: Database, city: City) -> None:
    ticket = await opened(db, city)
    note = "已换灯泡 {number} %s ]]> 😀𠮷"
    await act(db, city, ticket.number, "assign", BOSS)
    await act(db, city, ticket.number, "acknowledge", CREW)
    await act(db, city, ticket.number, "report", CREW, note=note)
    assert note in (await told(db))[-1]
