"""The timeline of a ticket: it only grows, the state follows from it, and no course of steps loses one."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from desk.city import City, Needed, Role
from desk.database import Database, now
from desk.tickets import Actor, Matter, TicketError, act, open_ticket
from desk.tickets.checking import unsound_tickets
from desk.tickets.tables import Ticket
from tests.harness.letters import put, rows

pytestmark = pytest.mark.both_servers

BOSS = Actor("班长", Role.SUPERVISOR)
CREW = Actor("照明所", Role.DEPARTMENT)


async def opened(db: Database, city: City, topic: str = "0306") -> Ticket:
    source = await put(db)
    return await open_ticket(
        db,
        city,
        Matter(type="incident", topic=topic, description="灯", messages=[source.message_id]),
        conversation_id=source.conversation_id,
        source_message_id=source.message_id,
    )


async def unsound(db: Database, city: City) -> dict[str, str]:
    async with db.transaction() as session:
        found = await unsound_tickets(session, city, limit=100)
    return {one.number: "；".join(one.problems) for one in found}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ticket_event SET note = 'other' WHERE ticket_id = :ticket",
        "UPDATE ticket_event SET to_state = 'closed' WHERE ticket_id = :ticket",
        "DELETE FROM ticket_event WHERE ticket_id = :ticket",
    ],
)
async def test_nobody_changes_what_was_done(db: Database, city: City, change: str) -> None:
    ticket = await opened(db, city)
    with pytest.raises(IntegrityError, match="only grows"):
        await rows(db, change, ticket=ticket.id)
    assert await unsound(db, city) == {}


async def test_an_erased_ticket_takes_its_timeline_with_it(db: Database, city: City) -> None:
    ticket = await opened(db, city)
    await rows(db, "DELETE FROM ticket WHERE id = :ticket", ticket=ticket.id)
    assert await rows(db, "SELECT 1 FROM ticket_event") == []
    assert await rows(db, "SELECT 1 FROM ticket_deadline") == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("UPDATE ticket SET state = 'closed'", "与最后一步不一致"),
        ("UPDATE ticket SET version = 9", "版本号"),
        ("UPDATE ticket_event SET seq = 7 WHERE seq = 2", "不连续"),
        ("UPDATE ticket_event SET from_state = 'closed' WHERE seq = 2", "上一步的状态"),
        ("UPDATE ticket_event SET action = 'fly' WHERE seq = 2", "没有的动作"),
        ("DELETE FROM ticket_event", "没有任何步骤"),
    ],
)
async def test_what_does_not_agree_is_found(
    db: Database, city: City, change: str, problem: str
) -> None:
    sound, changed = await opened(db, city), await opened(db, city)
    for one in (sound, changed):
        await act(db, city, one.number, "assign", BOSS)
    assert await unsound(db, city) == {}
    which = "id" if change.startswith("UPDATE ticket ") else "ticket_id"
    only = f"{which} = {changed.id}"
    change += f" AND {only}" if "WHERE" in change else f" WHERE {only}"
    await rows(db, "ALTER TABLE ticket_event DISABLE TRIGGER timeline_only_grows")
    try:
        await rows(db, change)
    finally:
        await rows(db, "ALTER TABLE ticket_event ENABLE TRIGGER timeline_only_grows")
    assert problem in (await unsound(db, city)).pop(changed.number)
    assert sound.number not in await unsound(db, city)


@pytest.mark.parametrize("seed", range(4))
async def test_no_course_of_steps_loses_a_ticket(db: Database, city: City, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a course that can be walked again
    ticket = await opened(db, city)
    bodies = [code for code, body in city.departments.items() if body.kind == "department"]
    done = 0
    for left in reversed(range(120)):
        action = chance.choice([*city.lifecycle.transitions, "fly"])
        role = chance.choice(list(Role))
        target = city.lifecycle.after(ticket.state, action, role)
        if left > 10 and target and city.lifecycle.states[target].ended:
            continue  # the end comes soon enough
        given: dict[str, Any] = {"note": "办了"}
        needs = city.lifecycle.transitions[action].needs if action != "fly" else ()
        if Needed.OTHER_DEPARTMENT in needs:
            given["department"] = chance.choice(bodies)
        if Needed.URGENCY in needs:
            given["urgency"] = chance.choice(["normal", "urgent", "critical"])
        if Needed.UNTIL in needs:
            given["until"] = now() + timedelta(days=chance.randint(1, 20))
        ended = city.lifecycle.states[ticket.state].ended
        try:
            moved = await act(db, city, ticket.number, action, Actor("某人", role), **given)
        except TicketError:
            continue
        assert target is not None
        assert not ended, "nothing happens after an end"
        assert moved.state in city.lifecycle.states
        assert moved.version == ticket.version + 1
        ticket = moved
        done += 1
    assert done > 5
    assert await unsound(db, city) == {}
    clock = city.lifecycle.states[ticket.state].clock
    for deadline in await rows(db, "SELECT * FROM ticket_deadline"):
        assert deadline["due_at"] >= deadline["reckoned_at"] > deadline["started_at"]
        running = deadline["met_at"] is None and deadline["dropped_at"] is None
        if running:
            assert (deadline["paused_at"] is None) == clock
        assert running or deadline["mark_at"] is None


async def test_who_was_given_a_ticket_hands_it_back_twice_at_most(db: Database, city: City) -> None:
    ticket = await opened(db, city)
    await act(db, city, ticket.number, "assign", BOSS)
    for _ in range(2):
        returned = await act(db, city, ticket.number, "return", CREW, note="不归我们")
        assert returned.state == "returned"
        back = await act(db, city, ticket.number, "reject_return", BOSS, note="归你们")
        assert back.state == "assigned"
    with pytest.raises(TicketError, match="已经退单2次"):
        await act(db, city, ticket.number, "return", CREW, note="真不归我们")
    other = next(
        code
        for code, body in city.departments.items()
        if body.kind == "department" and code != ticket.department
    )
    moved = await act(db, city, ticket.number, "reassign", BOSS, note="改", department=other)
    assert (moved.state, moved.department) == ("assigned", other)


async def test_a_ticket_without_a_body_cannot_be_dispatched_to_nobody(
    db: Database, city: City
) -> None:
    ticket = await opened(db, city)
    await rows(db, "UPDATE ticket SET department = NULL")
    with pytest.raises(TicketError, match="需要指定承办单位（--department）"):
        await act(db, city, ticket.number, "assign", BOSS)
    assert ticket.department is not None
    moved = await act(db, city, ticket.number, "assign", BOSS, department=ticket.department)
    assert moved.state == "assigned"
    with pytest.raises(TicketError, match="另一个承办单位"):
        await act(
            db, city, ticket.number, "reassign", BOSS, note="改", department=ticket.department
        )
    with pytest.raises(TicketError, match="没有代码为"):
        await act(db, city, ticket.number, "reassign", BOSS, note="改", department="moon")
