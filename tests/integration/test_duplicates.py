"""Duplicates: found among open tickets, joined to one, told to everyone, and parted again."""

from __future__ import annotations

import asyncio

import pytest

from desk.city import City, Role
from desk.database import Database
from desk.tickets import Actor, Matter, TicketError, act, open_ticket
from desk.tickets.duplicates.joining import join, unjoin
from desk.tickets.duplicates.search import Match, own_similar, similar, told_by
from desk.tickets.tables import Ticket
from tests.harness.letters import put, rows

pytestmark = pytest.mark.both_servers

BOSS = Actor("班长", Role.SUPERVISOR)
CREW = Actor("照明所", Role.DEPARTMENT)
LAMP = "幸福里小区3号楼下面的路灯不亮，老人晚上看不见路"


async def opened(
    db: Database,
    city: City,
    user: str,
    description: str = LAMP,
    *,
    into: str | None = None,
    kind: str = "incident",
    **more: object,
) -> Ticket:
    source = await put(db, description, user=user)
    parts: dict[str, object] = {
        "type": kind,
        "topic": "0306",
        "description": description,
        "messages": [source.message_id],
        **more,
    }
    return await open_ticket(
        db,
        city,
        Matter(**parts),  # type: ignore[arg-type]
        conversation_id=source.conversation_id,
        source_message_id=source.message_id,
        into=into,
    )


async def matches(db: Database, city: City, ticket: Ticket) -> list[Match]:
    async with db.transaction() as session:
        return await similar(session, city, told_by(city, ticket), itself=ticket.id or 0)


async def numbers(db: Database, city: City, ticket: Ticket) -> list[str]:
    return [match.ticket.number for match in await matches(db, city, ticket)]


async def told(db: Database, user: str) -> list[str]:
    found = await rows(
        db,
        "SELECT text FROM message JOIN conversation c ON c.id = conversation_id "
        "JOIN resident r ON r.id = c.resident_id "
        "WHERE author = 'system' AND account = :user ORDER BY seq",
        user=user,
    )
    return [row["text"] for row in found]


async def state(db: Database, ticket: Ticket) -> str:
    [found] = await rows(db, "SELECT state FROM ticket WHERE id = :id", id=ticket.id)
    return found["state"]


async def test_a_neighbours_ticket_is_found_with_its_reasons(db: Database, city: City) -> None:
    one = await opened(db, city, "wang")
    other = await opened(db, city, "li", "路灯不亮好几天了，看不见路", place="幸福里3号楼")
    [match] = await matches(db, city, other)
    assert match.ticket.number == one.number
    assert match.likeness.reasons[0] == "都在幸福里小区3号"
    assert match.likeness.reasons[1] == "都提到“看不见路”、“路灯不亮”"


async def test_another_problem_there_and_the_same_one_elsewhere_are_not_found(
    db: Database, city: City
) -> None:
    ticket = await opened(db, city, "wang")
    await opened(db, city, "li", "幸福里小区3号楼下面垃圾堆了一个星期没人清运")
    await opened(db, city, "zhao", LAMP.replace("幸福里小区", "锦绣花园"))
    assert await numbers(db, city, ticket) == []


async def test_only_what_others_can_be_joined_to_is_found(db: Database, city: City) -> None:
    ended = await opened(db, city, "wang")
    await act(db, city, ended.number, "decline", BOSS, note="不属于受理范围")
    await opened(db, city, "zhou", kind="violation")
    await opened(db, city, "wu", anonymous=True)
    ticket = await opened(db, city, "li")
    assert await numbers(db, city, ticket) == []
    main = await opened(db, city, "zhao")
    assert await numbers(db, city, ticket) == [main.number]
    await join(db, city, main.number, ticket.number, BOSS)
    assert await numbers(db, city, ticket) == []


async def test_a_resident_is_reminded_of_the_own_ticket_even_a_confidential_one(
    db: Database, city: City
) -> None:
    ticket = await opened(db, city, "wang", kind="violation")
    await opened(db, city, "li")
    async with db.transaction() as session:
        found = await own_similar(session, city, told_by(city, ticket), ticket.resident_id or 0)
    assert [match.ticket.number for match in found] == [ticket.number]


async def test_everyone_hears_each_step_and_nobody_what_the_other_said(
    db: Database, city: City
) -> None:
    main = await opened(db, city, "wang", phone="13800138000")
    ticket = await opened(db, city, "li", "我家老李头在幸福里小区3号楼下面摔了，路灯不亮看不见路")
    joined = await join(db, city, ticket.number, main.number, BOSS, note="同一盏灯")
    assert (joined.state, joined.main_id) == ("merged", main.id)
    for action, actor, note in (
        ("assign", BOSS, ""),
        ("start", CREW, ""),
        ("report", CREW, "已联系王先生13800138000，明天换灯"),
        ("resolve", CREW, "已换灯泡"),
    ):
        await act(db, city, main.number, action, actor, note=note)
    heard = await told(db, "li")
    assert len(heard) == 1 + len(await told(db, "wang"))
    for words in heard:
        assert ticket.number in words
        assert main.number not in words
        assert "13800138000" not in words
    assert "已换灯泡" in heard[-1]
    assert not any("老李头" in words or ticket.number in words for words in await told(db, "wang"))
    assert await state(db, ticket) == "resolved"


async def test_undoing_gives_back_the_state_and_lets_it_go_on_alone(
    db: Database, city: City
) -> None:
    main, ticket = await opened(db, city, "wang"), await opened(db, city, "li")
    await act(db, city, ticket.number, "assign", BOSS)
    await act(db, city, ticket.number, "start", CREW)
    await join(db, city, ticket.number, main.number, BOSS)
    parted = await unjoin(db, city, ticket.number, BOSS, note="不是同一盏灯")
    assert (parted.state, parted.main_id) == ("in_progress", None)
    before = len(await told(db, "li"))
    await act(db, city, main.number, "assign", BOSS)
    assert len(await told(db, "li")) == before
    assert await numbers(db, city, main) == [ticket.number]
    with pytest.raises(TicketError, match="没有并入"):
        await unjoin(db, city, ticket.number, BOSS, note="再来一次")


async def test_what_ends_without_a_result_lets_the_joined_go_on(db: Database, city: City) -> None:
    main, ticket = await opened(db, city, "wang"), await opened(db, city, "li")
    await join(db, city, ticket.number, main.number, BOSS)
    await act(db, city, main.number, "withdraw", BOSS)
    assert await state(db, ticket) == "accepted"
    assert "单独办理" in (await told(db, "li"))[-1]


async def test_there_are_no_chains(db: Database, city: City) -> None:
    first, second, third = [await opened(db, city, user) for user in ("wang", "li", "zhao")]
    await join(db, city, second.number, first.number, BOSS)
    with pytest.raises(TicketError, match="不能并入"):
        await join(db, city, third.number, second.number, BOSS)
    with pytest.raises(TicketError, match="已有工单并入"):
        await join(db, city, first.number, third.number, BOSS)
    with pytest.raises(TicketError, match="已经并入"):
        await join(db, city, second.number, third.number, BOSS)
    with pytest.raises(TicketError, match="不能并入自己"):
        await join(db, city, third.number, third.number, BOSS)


async def test_a_confidential_ticket_is_never_joined(db: Database, city: City) -> None:
    main = await opened(db, city, "wang")
    secret = await opened(db, city, "li", kind="violation")
    with pytest.raises(TicketError, match="保密件"):
        await join(db, city, secret.number, main.number, BOSS)
    with pytest.raises(TicketError, match="不能并入"):
        await join(db, city, main.number, secret.number, BOSS)


async def test_tickets_opened_into_another_carry_its_number(db: Database, city: City) -> None:
    main = await opened(db, city, "wang")
    users = ("li", "zhao", "qian")
    joined = await asyncio.gather(*(opened(db, city, u, into=main.number) for u in users))
    assert sorted(t.number for t in joined) == [f"{main.number}-{n}" for n in (1, 2, 3)]
    assert {t.state for t in joined} == {"merged"}
    await act(db, city, main.number, "assign", BOSS)
    for user in users:
        assert len(await told(db, user)) == 1


async def test_what_cannot_be_opened_into_another_is_opened_alone(db: Database, city: City) -> None:
    main = await opened(db, city, "wang")
    await act(db, city, main.number, "decline", BOSS, note="不属于受理范围")
    ticket = await opened(db, city, "li", into=main.number)
    assert "-" not in ticket.number
    assert (ticket.state, ticket.main_id) == ("accepted", None)


async def test_two_that_are_joined_to_each_other_at_once_do_not_both_succeed(
    db: Database, city: City
) -> None:
    one, other = await opened(db, city, "wang"), await opened(db, city, "li")
    done = await asyncio.gather(
        join(db, city, one.number, other.number, BOSS),
        join(db, city, other.number, one.number, BOSS),
        return_exceptions=True,
    )
    assert sum(isinstance(one, TicketError) for one in done) == 1
