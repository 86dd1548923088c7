"""Looking through tickets: newest first, page by page, and finding them by what staff know."""

from __future__ import annotations

import pytest

from desk.city import City, Role
from desk.database import Database
from desk.tickets import Actor, act
from desk.tickets.listing import SearchError, Wanted, newest
from desk.tickets.tables import Ticket
from tests.integration.test_duplicates import opened

pytestmark = pytest.mark.both_servers

BOSS = Actor("班长", Role.SUPERVISOR)


async def listed(
    db: Database, city: City, wanted: Wanted, *, after: Ticket | None = None, limit: int = 20
) -> list[Ticket]:
    async with db.transaction() as session:
        return await newest(session, city, wanted, after=after, limit=limit)


async def test_pages_go_on_where_the_last_one_ended(db: Database, city: City) -> None:
    numbers = [(await opened(db, city, f"user-{n}")).number for n in range(7)]
    seen: list[str] = []
    last: Ticket | None = None
    while page := await listed(db, city, Wanted(), after=last, limit=3):
        assert len(page) <= 3
        seen += [ticket.number for ticket in page]
        last = page[-1]
        await opened(db, city, "latecomer")
    assert seen == numbers[::-1]


async def test_by_state_department_and_topic(db: Database, city: City) -> None:
    lamp = await opened(db, city, "wang", topic="0306")
    noise = await opened(db, city, "li", "半夜有噪声", topic="040203")
    await act(db, city, noise.number, "assign", BOSS, department="ecology")
    done = await opened(db, city, "zhao", topic="0306")
    await act(db, city, done.number, "decline", BOSS, note="不属于受理范围")

    async def numbers(wanted: Wanted) -> list[str]:
        return [ticket.number for ticket in await listed(db, city, wanted)]

    assert await numbers(Wanted(state="assigned")) == [noise.number]
    assert await numbers(Wanted(department="ecology")) == [noise.number]
    assert await numbers(Wanted(topic="0306")) == [done.number, lamp.number]
    assert await numbers(Wanted(topic="0306", still_open=True)) == [lamp.number]
    assert (
        await numbers(Wanted(topic="04")) == await numbers(Wanted(topic="040203")) == [noise.number]
    )
    assert await numbers(Wanted(topic="040201")) == []


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("路灯", 1),
        ("路灯 老人", 1),
        ("锦绣花园", 1),  # in the place, not in the text
        ("灯路", 0),
        ("路灯 电梯", 0),
        ("100%", 1),
        ("100_", 0),
        ("WIFI", 1),
        ("0001", 1),
        ("138 0013 0001", 0),  # blanks part words
        ("9999", 0),
    ],
)
async def test_by_words_and_by_the_end_of_the_phone(
    db: Database, city: City, search: str, found: int
) -> None:
    ticket = await opened(
        db,
        city,
        "wang",
        "路灯不亮，老人看不见路，wifi也100%连不上",
        place="锦绣花园3栋",
        phone="13800130001",
    )
    await opened(db, city, "li", "没人收垃圾", phone="13800130002")
    expected = [ticket.number] * found
    assert [one.number for one in await listed(db, city, Wanted(search=search))] == expected


async def test_by_number_with_those_that_were_joined_to_it(db: Database, city: City) -> None:
    main = await opened(db, city, "wang")
    joined = await opened(db, city, "li", into=main.number)
    await opened(db, city, "zhao")
    for written in (main.number, main.number.lower(), main.number[2:]):
        found = await listed(db, city, Wanted(search=written))
        assert [ticket.number for ticket in found] == [joined.number, main.number]
    found = await listed(db, city, Wanted(search=joined.number))
    assert [ticket.number for ticket in found] == [joined.number]


async def test_one_character_is_too_little_to_look_for(db: Database, city: City) -> None:
    with pytest.raises(SearchError, match="两个字"):
        await listed(db, city, Wanted(search="灯"))
