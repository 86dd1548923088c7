"""What residents do with their tickets besides rating: urging so often a day, and correcting."""

from __future__ import annotations

import asyncio

import pytest

from desk.city import City, Role
from desk.database import Database
from desk.tickets import Actor, Matter, TicketError, act, open_ticket
from desk.tickets.correcting import Correction, Spot, correct
from desk.tickets.tables import Ticket
from desk.tickets.urging import Urged, urge
from tests.harness.letters import put, rows

RESIDENT = Actor("resident", Role.RESIDENT)
BOSS = Actor("班长", Role.SUPERVISOR)


async def opened(db: Database, city: City, **more: object) -> Ticket:
    source = await put(db)
    parts: dict[str, object] = {
        "type": "incident",
        "topic": "0305",
        "description": "人民路12号门口井盖没了",
        "place": "人民路12号",
        "messages": [source.message_id],
        **more,
    }
    return await open_ticket(
        db,
        city,
        Matter(**parts),  # type: ignore[arg-type]
        conversation_id=source.conversation_id,
        source_message_id=source.message_id,
    )


async def urged(db: Database, city: City, ticket: Ticket, message_id: int | None = None) -> Urged:
    message_id = message_id or (await put(db, "催一下")).message_id
    return await urge(db, city, ticket.number, RESIDENT, note="催一下", message_id=message_id)


async def corrected(
    db: Database, city: City, ticket: Ticket, change: Correction, message_id: int | None = None
) -> str:
    message_id = message_id or (await put(db, "写错了")).message_id
    _, note = await correct(db, city, ticket.number, change, RESIDENT, message_id=message_id)
    return note


async def steps(db: Database, ticket: Ticket) -> list[str]:
    found = await rows(
        db, "SELECT action FROM ticket_event WHERE ticket_id = :id ORDER BY seq", id=ticket.id
    )
    return [row["action"] for row in found]


async def stored(db: Database, ticket: Ticket) -> Ticket:
    async with db.transaction() as session:
        return await session.get_one(Ticket, ticket.id)


async def test_the_second_time_a_supervisor_learns_and_then_it_is_enough_for_a_day(
    db: Database, city: City
) -> None:
    assert city.profile.urges_a_day == 2
    ticket = await opened(db, city)
    found = [await urged(db, city, ticket) for _ in range(4)]
    assert [(one.done, one.today) for one in found] == [
        (True, 1),
        (True, 2),
        (False, 2),
        (False, 2),
    ]
    assert await steps(db, ticket) == ["open", "urge", "urge", "supervise"]
    [alert] = await rows(db, "SELECT kind, detail FROM alert")
    assert alert == {"kind": "urged_again", "detail": {"ticket": ticket.number}}


async def test_the_same_message_urges_once(db: Database, city: City) -> None:
    ticket = await opened(db, city)
    source = await put(db, "催一下")
    found = await asyncio.gather(*(urged(db, city, ticket, source.message_id) for _ in range(4)))
    assert {one.done for one in found} == {True}
    assert await steps(db, ticket) == ["open", "urge"]


async def test_staff_who_urge_take_nothing_from_the_resident(db: Database, city: City) -> None:
    ticket = await opened(db, city)
    for _ in range(3):
        await act(db, city, ticket.number, "urge", BOSS)
    assert (await urged(db, city, ticket)).today == 1


async def test_a_place_is_corrected_with_old_and_new_on_record(db: Database, city: City) -> None:
    ticket = await opened(db, city, latitude=30.1, longitude=120.2, datum="gcj02")
    note = await corrected(db, city, ticket, Correction(spot=Spot("人民路21号")))
    assert note == "地点：人民路12号 → 人民路21号"
    now = await stored(db, ticket)
    assert (now.place, now.latitude, now.longitude) == ("人民路21号", None, None)
    assert now.description == "人民路12号门口井盖没了\n（更正）地点：人民路12号 → 人民路21号"
    assert await steps(db, ticket) == ["open", "correct"]


async def test_a_number_is_corrected_without_being_written_on_the_timeline(
    db: Database, city: City
) -> None:
    ticket = await opened(db, city, phone="13800134321")
    note = await corrected(db, city, ticket, Correction(phone="13900135678"))
    assert note == "电话：尾号4321 → 尾号5678"
    assert (await stored(db, ticket)).phone == "13900135678"
    assert "139" not in (await stored(db, ticket)).description
    assert await corrected(db, city, ticket, Correction(phone="")) == "电话：尾号5678 → 未留"
    assert (await stored(db, ticket)).phone is None


async def test_words_are_added_to_never_replaced(db: Database, city: City) -> None:
    ticket = await opened(db, city)
    await corrected(db, city, ticket, Correction(words="是盖子裂了，不是没了"))
    assert (await stored(db, ticket)).description.splitlines() == [
        "人民路12号门口井盖没了",
        "（更正）内容：是盖子裂了，不是没了",
    ]


async def test_the_same_message_corrects_once(db: Database, city: City) -> None:
    ticket = await opened(db, city)
    source = await put(db, "是21号")
    change = Correction(spot=Spot("人民路21号"))
    notes = {await corrected(db, city, ticket, change, source.message_id) for _ in range(2)}
    assert len(notes) == 1
    assert await steps(db, ticket) == ["open", "correct"]


@pytest.mark.parametrize("change", [Correction(), Correction(phone="")])
async def test_nothing_to_correct_is_no_step(db: Database, city: City, change: Correction) -> None:
    ticket = await opened(db, city)
    with pytest.raises(TicketError, match="没有要更正"):
        await corrected(db, city, ticket, change)
    assert await steps(db, ticket) == ["open"]


async def test_an_anonymous_ticket_stays_without_a_number(db: Database, city: City) -> None:
    ticket = await opened(db, city, type="violation", anonymous=True)
    with pytest.raises(TicketError, match="匿名"):
        await corrected(db, city, ticket, Correction(phone="13900135678"))
    assert (await stored(db, ticket)).phone is None


async def test_before_it_was_sent_to_anyone_another_place_may_make_it_anothers(
    db: Database, city: City
) -> None:
    at_place = next(c for c in city.categories.values() if c.at_place == "street")
    streets = [d for d in city.departments.values() if d.kind == "street"][:2]
    ticket = await opened(db, city, topic=at_place.code, place=streets[0].places[0])
    assert ticket.department == streets[0].code
    await corrected(db, city, ticket, Correction(spot=Spot(streets[1].places[0])))
    assert (await stored(db, ticket)).department == streets[1].code
    await act(db, city, ticket.number, "assign", BOSS)
    await corrected(db, city, ticket, Correction(spot=Spot(streets[0].places[0])))
    assert (await stored(db, ticket)).department == streets[1].code
