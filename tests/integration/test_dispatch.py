"""Dispatch on the record: what was done and what was sent back decides the next suggestion."""

from __future__ import annotations

import pytest

from desk.city import City, Role
from desk.database import Database
from desk.tickets import Actor, TicketError, act
from desk.tickets.dispatch import Record, suggest
from desk.tickets.precedents import precedents
from tests.integration.test_tickets import opened

DESK = Actor("派单员", Role.DISPATCHER)


async def test_a_new_ticket_names_who_handles_it_and_who_helps(db: Database, city: City) -> None:
    ticket = await opened(db, city, topic="0306", place="幸福里小区3号楼")
    assert ticket.department == "landong"
    assert ticket.assisting == ["housing"]


async def test_work_of_a_department_is_not_dispatched_to_the_grassroots(
    db: Database, city: City
) -> None:
    ticket = await opened(db, city, topic="0402", description="半夜有噪声")
    for grassroots in ("yongan", "xingfuli"):
        with pytest.raises(TicketError, match="基层"):
            await act(db, city, ticket.number, "assign", DESK, department=grassroots)
    moved = await act(db, city, ticket.number, "assign", DESK, department="landong")
    assert moved.department == "landong"


async def test_precedents_count_what_each_department_did(db: Database, city: City) -> None:
    for department, action in (("ecology", "return"), ("urban_management", "resolve")) * 2:
        ticket = await opened(db, city, topic="0402", description="半夜有噪声")
        await act(db, city, ticket.number, "assign", DESK, department=department)
        body = Actor(department, Role.DEPARTMENT)
        await act(db, city, ticket.number, "acknowledge", body)
        await act(
            db,
            city,
            ticket.number,
            action,
            body,
            note="不属于我们" if action == "return" else "已处理",
        )
    await opened(db, city, topic="0306")
    async with db.transaction() as session:
        record = await precedents(session, "0402")
    assert record == {"ecology": Record(0, 2), "urban_management": Record(2, 0)}
    assert "退单2件" in suggest(city, "0402", "半夜有噪声", None, record).reason
