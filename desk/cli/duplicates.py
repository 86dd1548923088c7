"""`yingsheng ticket N similar`, `join` and `unjoin`: repeats and duplicates at a terminal."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from desk.cli.terminal import console
from desk.conversations.world import World
from desk.tickets import Actor, TicketError
from desk.tickets.duplicates.joining import join, unjoin
from desk.tickets.duplicates.repeats import DAYS, Busiest, Frequency, busiest, busiest_of
from desk.tickets.duplicates.search import SCORED, own_similar, similar, told_by
from desk.tickets.lookup import ticket_numbered

# The lifecycle's own steps would change the state without naming the other ticket.
ACTIONS = {"join": "join", "merge": "join", "unjoin": "unjoin", "unmerge": "unjoin"}
SHOWN = 10
WORDS = 40


async def show_similar(world: World, number: str) -> None:
    """Prints the open tickets that are likely the same matter, with reasons, and whether the resident
    or the matter has become frequent."""
    city = world.city
    async with world.db.transaction() as session:
        ticket = await ticket_numbered(session, number)
        matter, itself = told_by(city, ticket), ticket.id or 0
        found = await similar(session, city, matter, itself=itself, limit=SCORED)
        resident = ticket.resident_id
        if resident is not None:
            own = await own_similar(session, city, matter, resident, itself=itself)
            known = {match.ticket.id for match in found}
            found = [*(match for match in own if match.ticket.id not in known), *found]
            _print_busiest("这位居民", await busiest_of(session, city, ticket))
    same = [(ticket.number, ticket.created_at)]
    same += [(match.ticket.number, match.ticket.created_at) for match in found]
    _print_busiest("这个问题", busiest(same, city.zone))
    if not found:
        console.print("没有找到反映同一问题、还没办结的工单")
        return
    table = Table("编号", "分", "状态", "为什么", "内容")
    for match in found[:SHOWN]:
        mine = "（同一居民）" if resident and match.ticket.resident_id == resident else ""
        table.add_row(
            match.ticket.number,
            str(match.likeness.points),
            city.lifecycle.states[match.ticket.state].label + mine,
            Text("；".join(match.likeness.reasons)),
            Text(" ".join(match.ticket.description.split())[:WORDS]),
        )
    console.print(table)


def _print_busiest(whose: str, days: Busiest) -> None:
    if days.frequency is Frequency.HIGH and days.first:
        console.print(
            f"高频：{whose}从{days.first:%m月%d日}起{DAYS}天内反映了{days.count}件", style="bold"
        )


async def handle(
    world: World, number: str, action: str, actor: Actor, *, into: str, note: str
) -> None:
    """Joins a ticket to another one or parts it again. Raises TicketError."""
    if ACTIONS[action] == "unjoin":
        await unjoin(world.db, world.city, number, actor, note=note)
        return
    if not into:
        raise TicketError("请写明并入哪一张：--into 编号")
    async with world.db.transaction() as session:
        main = await ticket_numbered(session, into)
    await join(world.db, world.city, number, main.number, actor, note=note)
