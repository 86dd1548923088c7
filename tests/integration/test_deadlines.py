"""Deadlines of tickets on a database: begun when a ticket is opened, moved by its steps."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from desk.city import City, Role
from desk.database import Database, now
from desk.tickets import Actor, Matter, TicketError, act, open_ticket
from desk.tickets.deadlines import promised
from desk.tickets.tables import Ticket
from tests.harness.letters import put, rows

BOSS = Actor("班长", Role.SUPERVISOR)
CREW = Actor("照明所", Role.DEPARTMENT)
AGENT = Actor("坐席", Role.AGENT)


async def opened(db: Database, city: City, **more: Any) -> Ticket:
    source = await put(db)
    parts: dict[str, Any] = {"type": "incident", "topic": "0306", "description": "路灯坏了", **more}
    return await open_ticket(
        db,
        city,
        Matter(messages=[source.message_id], **parts),
        conversation_id=source.conversation_id,
        source_message_id=source.message_id,
    )


async def deadlines(db: Database, ticket: Ticket, stage: str) -> list[dict[str, Any]]:
    return await rows(
        db,
        "SELECT * FROM ticket_deadline WHERE ticket_id = :ticket AND stage = :stage ORDER BY round",
        ticket=ticket.id,
        stage=stage,
    )


async def told(db: Database) -> str:
    found = await rows(db, "SELECT text FROM message WHERE author = 'system' ORDER BY seq")
    return found[-1]["text"]


async def started(db: Database, city: City) -> Ticket:
    ticket = await opened(db, city)
    await act(db, city, ticket.number, "assign", BOSS)
    await act(db, city, ticket.number, "acknowledge", CREW)
    return await act(db, city, ticket.number, "start", CREW)


async def shift(db: Database, ticket: Ticket, back: timedelta) -> None:
    """Makes a ticket's deadlines older than they are."""
    await rows(
        db,
        "UPDATE ticket_deadline SET started_at = started_at - :back, due_at = due_at - :back, "
        "reckoned_at = reckoned_at - :back, warn_at = warn_at - :back, mark_at = mark_at - :back "
        "WHERE ticket_id = :ticket RETURNING id",
        back=back,
        ticket=ticket.id,
    )


async def test_opening_a_ticket_begins_its_deadlines_with_rule_and_calendar(
    db: Database, city: City
) -> None:
    ticket = await opened(db, city)
    [dispatch] = await deadlines(db, ticket, "dispatch")
    assert dispatch["due_at"] == ticket.created_at + timedelta(hours=24)
    [resolve] = await deadlines(db, ticket, "resolve")
    assert (resolve["rule"], resolve["amount"], resolve["unit"]) == (
        "answer_3_days",
        3,
        "working_days",
    )
    assert resolve["rules"] == city.deadlines.version
    assert str(ticket.created_at.year) in resolve["calendar"]
    assert not await deadlines(db, ticket, "respond"), "it begins with the dispatch"
    async with db.transaction() as session:
        assert await promised(session, ticket) == resolve["due_at"]


async def test_what_is_declined_at_once_has_none(db: Database, city: City) -> None:
    source = await put(db)
    ticket = await open_ticket(
        db,
        city,
        Matter(type="help", topic="0306", description="x", messages=[]),
        conversation_id=source.conversation_id,
        source_message_id=source.message_id,
        state="declined",
    )
    assert await rows(db, "SELECT 1 FROM ticket_deadline WHERE ticket_id = :t", t=ticket.id) == []


async def test_steps_meet_deadlines_and_begin_others(db: Database, city: City) -> None:
    ticket = await started(db, city)
    [dispatch] = await deadlines(db, ticket, "dispatch")
    assert dispatch["met_at"] is not None
    assert dispatch["mark_at"] is None
    [respond] = await deadlines(db, ticket, "respond")
    assert respond["met_at"] is None
    await act(db, city, ticket.number, "contact", CREW, note="已电话联系")
    [respond] = await deadlines(db, ticket, "respond")
    assert respond["met_at"] is not None
    await act(db, city, ticket.number, "resolve", CREW, note="换了灯")
    [resolve] = await deadlines(db, ticket, "resolve")
    assert resolve["met_at"] is not None


async def test_done_again_is_a_new_round_and_the_resident_hears_by_when(
    db: Database, city: City
) -> None:
    ticket = await started(db, city)
    await act(db, city, ticket.number, "resolve", CREW, note="换了灯")
    await act(db, city, ticket.number, "redo", BOSS, note="又坏了")
    first, second = await deadlines(db, ticket, "resolve")
    assert (first["round"], second["round"]) == (1, 2)
    assert (second["rule"], second["met_at"]) == ("resolve_again", None)
    assert second["started_at"] > first["started_at"]
    local = second["due_at"].astimezone(city.zone) - timedelta(seconds=1)
    assert f"{local.month}月{local.day}日答复您" in await told(db)


async def test_handing_it_to_another_body_keeps_the_clock(db: Database, city: City) -> None:
    ticket = await started(db, city)
    [before] = await deadlines(db, ticket, "resolve")
    other = next(
        code
        for code, body in city.departments.items()
        if code != ticket.department and body.kind == "department"
    )
    await act(db, city, ticket.number, "reassign", BOSS, note="归他们管", department=other)
    [after] = await deadlines(db, ticket, "resolve")
    assert after["due_at"] == before["due_at"]


async def test_where_the_rule_says_so_another_body_begins_anew(db: Database, city: City) -> None:
    stage = city.deadlines.stages["resolve"]  # type: ignore[index]
    anew = stage.model_copy(update={"restarts": ("redo", "reassign")})
    rules = city.deadlines.model_copy(update={"stages": {**city.deadlines.stages, "resolve": anew}})
    other_city = city.model_copy(update={"deadlines": rules})
    ticket = await started(db, other_city)
    await shift(db, ticket, timedelta(days=2))
    [before] = await deadlines(db, ticket, "resolve")
    other = next(
        code
        for code, body in city.departments.items()
        if code != ticket.department and body.kind == "department"
    )
    await act(db, other_city, ticket.number, "reassign", BOSS, note="归他们", department=other)
    [after] = await deadlines(db, ticket, "resolve")
    assert after["started_at"] > before["started_at"]
    assert after["round"] == 1, "the same matter, not done again"


async def test_more_time_is_granted_only_before_it_is_over_and_only_so_much(
    db: Database, city: City
) -> None:
    rule = next(r for r in city.deadlines.rules if r.code == "answer_3_days")
    longer = rule.model_copy(update={"longest": 10})
    rules = city.deadlines.model_copy(
        update={"rules": tuple(longer if r is rule else r for r in city.deadlines.rules)}
    )
    ours = city.model_copy(update={"deadlines": rules})
    ticket = await started(db, ours)
    [resolve] = await deadlines(db, ticket, "resolve")
    due: datetime = resolve["due_at"]

    async def extend(until: datetime) -> None:
        await act(db, ours, ticket.number, "extend", BOSS, note="等配件", until=until)

    with pytest.raises(TicketError, match="晚于"):
        await extend(due - timedelta(minutes=1))
    with pytest.raises(TicketError, match="最晚延到"):
        await extend(due + timedelta(days=60))
    await extend(due + timedelta(days=2))
    [resolve] = await deadlines(db, ticket, "resolve")
    assert resolve["due_at"] == due + timedelta(days=2)
    assert resolve["reckoned_at"] == due
    await shift(db, ticket, timedelta(days=40))
    with pytest.raises(TicketError, match="到期以前"):
        await extend(now() + timedelta(days=1))
    [resolve] = await deadlines(db, ticket, "resolve")
    assert resolve["due_at"] < now(), "nothing of a refused step remains"


async def test_what_was_asked_for_in_time_may_be_granted_after(db: Database, city: City) -> None:
    rule = next(r for r in city.deadlines.rules if r.code == "answer_3_days")
    longer = rule.model_copy(update={"longest": 60})
    rules = city.deadlines.model_copy(
        update={"rules": tuple(longer if r is rule else r for r in city.deadlines.rules)}
    )
    ours = city.model_copy(update={"deadlines": rules})
    ticket = await started(db, ours)
    until = now() + timedelta(days=20)
    await act(db, ours, ticket.number, "request_extension", CREW, note="等配件", until=until)
    await rows(
        db,
        "UPDATE ticket_deadline SET requested_at = requested_at - interval '9 days', "
        "due_at = due_at - interval '8 days', reckoned_at = reckoned_at - interval '8 days' "
        "WHERE stage = 'resolve' RETURNING id",
    )
    await act(db, ours, ticket.number, "extend", BOSS, note="同意", until=until)
    [resolve] = await deadlines(db, ticket, "resolve")
    assert resolve["due_at"] == until


async def test_a_pause_is_seen_and_a_withdrawal_drops_what_is_left(
    db: Database, city: City
) -> None:
    ticket = await started(db, city)
    await act(db, city, ticket.number, "await_info", CREW, note="请说明门牌号")
    [resolve] = await deadlines(db, ticket, "resolve")
    assert resolve["paused_at"] is not None
    assert resolve["mark_at"] is None
    back = await act(db, city, ticket.number, "supplement", AGENT, note="8号")
    assert back.state == "in_progress"
    [resolve] = await deadlines(db, ticket, "resolve")
    assert resolve["paused_at"] is None
    await act(db, city, ticket.number, "withdraw", BOSS)
    [resolve] = await deadlines(db, ticket, "resolve")
    assert resolve["dropped_at"] is not None
    assert resolve["met_at"] is None
    assert resolve["mark_at"] is None


async def test_a_ticket_that_becomes_critical_has_the_time_of_critical_ones(
    db: Database, city: City
) -> None:
    ticket = await opened(db, city)
    graded = await act(db, city, ticket.number, "grade", BOSS, urgency="critical")
    assert graded.urgency == "critical"
    [dispatch] = await deadlines(db, ticket, "dispatch")
    assert dispatch["rule"] == "dispatch_critical"
    assert dispatch["due_at"] == ticket.created_at + timedelta(hours=1)
    with pytest.raises(TicketError, match="--urgency"):
        await act(db, city, ticket.number, "grade", BOSS)
