"""Tickets by the million: creating, listing, searching, and looking for duplicates of a new one.

Three databases on one embedded server, with 10,000, 100,000 and 1,000,000 open tickets of invented
matters; every ticket may be a candidate. They are measured in turns, so that whatever else the
machine does falls on all three. Beside the clock's time stands that of processors, ours and the
server's together, which is what an idle machine takes; a target is reached by either.

Then the score is held against letters that people compared (`benchmarks/likeness.py`), when they are
there. Prints tables, then one JSON line; exit code 1 when a target is missed.

`python -m benchmarks.tickets 20000` takes other sizes, for trying it out.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from benchmarks import likeness
from benchmarks.ticket_stock import (
    LAST_DAY,
    MATTERS,
    PER_DAY_HERE,
    Known,
    description,
    fill,
    matters,
)
from desk.city import City, load_city
from desk.database import Database, now
from desk.database.migrate import migrate
from desk.settings import ROOT
from desk.tickets import Matter, open_external
from desk.tickets.duplicates.score import told
from desk.tickets.duplicates.search import similar
from desk.tickets.listing import Wanted, newest
from desk.tickets.number import ticket_number
from tests.harness.clusters import Cluster, embedded
from tests.harness.places import scratch

SIZES = (10_000, 100_000, 1_000_000)
CHECK_MS = 20.0
GROWTH = 1.5
ROUNDS = 60
GROWN = ("list", "check")
_console = Console()

#: One call of an operation, by a round's number.
Operation = Callable[[int], Awaitable[object]]


def operations(db: Database, city: City, size: int, known: list[Known]) -> dict[str, Operation]:
    """What is measured in one database, each time with other values."""
    chance = random.Random(size)  # noqa: S311 - no secret
    bodies, topics = sorted(city.departments), sorted(city.categories)

    async def create(_: int) -> None:
        said, where = description(chance)
        topic = chance.choice(topics)
        matter = Matter(type="complaint", topic=topic, description=said, messages=(), place=where)
        async with db.transaction() as session:
            await open_external(db, session, city, matter, origin="bench")

    def listed(wanted: Callable[[], Wanted]) -> Operation:
        async def look(_: int) -> None:
            async with db.transaction() as session:
                await newest(session, city, wanted())

        return look

    async def check(_: int) -> None:
        said, where = description(chance)
        matter = told(city, description=said, place=where, topic=chance.choice(topics), at=now())
        async with db.transaction() as session:
            await similar(session, city, matter)

    async def check_again(_: int) -> None:
        one = chance.choice(known)
        matter = told(city, description=one.said, place=one.where, topic=one.topic, at=now())
        async with db.transaction() as session:
            await similar(session, city, matter)

    def words() -> Wanted:
        said, where = description(chance)
        return Wanted(search=f"{where[:3]} {said.partition('，')[0]}")

    return {
        "create": create,
        "list, newest": listed(Wanted),
        "list, one state": listed(lambda: Wanted(state=city.lifecycle.initial)),
        "list, one body": listed(lambda: Wanted(department=chance.choice(bodies))),
        "list, one topic": listed(lambda: Wanted(topic=chance.choice(topics))),
        "search, rare words": listed(words),
        "search, a common word": listed(lambda: Wanted(search="路灯")),
        "search, number": listed(
            lambda: Wanted(search=ticket_number(LAST_DAY.date(), chance.randint(1, PER_DAY_HERE)))
        ),
        "search, end of phone": listed(lambda: Wanted(search=f"{chance.randint(0, 9999):04d}")),
        "check, new matter": check,
        "check, known matter": check_again,
    }


@dataclass(frozen=True)
class Taken:
    """Milliseconds of one call: by the clock, and of processors, ours and the server's."""

    clock: float
    processors: float


class Server:
    """The server's process that answers us."""

    def __init__(self, pid: int) -> None:
        self._file = Path(f"/proc/{pid}/schedstat")

    def ms(self) -> float:
        """How long it has run on a processor so far."""
        return int(self._file.read_text(encoding="ascii").split()[0]) / 1e6


async def server_of(db: Database) -> Server:
    """The process behind the one connection that is used in turns."""
    async with db.transaction() as session:
        pid = await (await session.connection()).execute(text("SELECT pg_backend_pid()"))
        return Server(pid.scalar_one())


async def measure(
    urls: dict[int, str], city: City, known: list[Known]
) -> dict[str, dict[int, list[Taken]]]:
    """Milliseconds of each operation in each database, in turns."""
    stocks = {size: Database(url) for size, url in urls.items()}
    by_size = {size: operations(db, city, size, known[:size]) for size, db in stocks.items()}
    servers = {size: await server_of(db) for size, db in stocks.items()}
    times: dict[str, dict[int, list[Taken]]] = {}
    for round_ in range(-5, ROUNDS):
        for size, ways in by_size.items():
            for name, operation in ways.items():
                began, ours, theirs = time.perf_counter(), time.process_time(), servers[size].ms()
                await operation(round_)
                clock, ours = time.perf_counter() - began, time.process_time() - ours
                if round_ >= 0:
                    used = ours * 1000 + servers[size].ms() - theirs
                    times.setdefault(name, {}).setdefault(size, []).append(
                        Taken(clock * 1000, used)
                    )
    for db in stocks.values():
        await db.dispose()
    return times


def prepare(
    cluster: Cluster, city: City, sizes: tuple[int, ...], known: list[Known]
) -> dict[int, str]:
    """The filled databases."""
    empty = cluster.create()
    migrate(cluster.url(empty))
    urls: dict[int, str] = {}
    for size in sizes:
        began = time.perf_counter()
        urls[size] = cluster.url(cluster.create(empty))
        fill(urls[size], city, known, size)
        _console.print(f"{size:,} tickets in {time.perf_counter() - began:.0f} s")
    return urls


def main() -> int:
    """Runs the benchmark; the exit code."""
    sizes = tuple(int(size) for size in sys.argv[1:]) or SIZES
    city = load_city(ROOT / "cities" / "demo")
    with scratch("tickets") as folder, embedded(folder) as cluster:
        known = matters(city, min(MATTERS, max(sizes)))
        urls = prepare(cluster, city, sizes, known)
        times = asyncio.run(measure(urls, city, known))
    table = Table("", *(f"{size:,}\np50, p95, CPU ms" for size in sizes), "growth\nclock, CPU")
    figures: dict[str, dict[str, float]] = {}
    missed: list[str] = []
    for name, taken in times.items():
        p50 = {size: median(one.clock for one in taken[size]) for size in sizes}
        p95 = {size: quantiles([one.clock for one in taken[size]], n=20)[18] for size in sizes}
        cpu = {size: median(one.processors for one in taken[size]) for size in sizes}
        growth = [of[sizes[-1]] / of[sizes[0]] for of in (p50, cpu)]
        cells = (f"{p50[size]:.1f}, {p95[size]:.1f}, {cpu[size]:.1f}" for size in sizes)
        table.add_row(name, *cells, f"{growth[0]:.2f}, {growth[1]:.2f}")
        figures[name] = {f"p50_ms_{size}": round(p50[size], 2) for size in sizes}
        figures[name] |= {f"p95_ms_{size}": round(p95[size], 2) for size in sizes}
        figures[name] |= {f"cpu_ms_{size}": round(cpu[size], 2) for size in sizes}
        figures[name] |= {"growth": round(growth[0], 2), "cpu_growth": round(growth[1], 2)}
        if name.startswith(GROWN) and min(growth) > GROWTH:
            missed.append(f"{name}: growth")
        if name.startswith("check") and min(p50[sizes[-1]], cpu[sizes[-1]]) > CHECK_MS:
            missed.append(f"{name}: {CHECK_MS} ms")
    _console.print(table)
    agreement = likeness.measure(city)
    if agreement is None:
        _console.print(f"skipped: likeness of letters, there is no {likeness.DATA}")
    else:
        _console.print(likeness.shown(agreement))
        missed += agreement.missed
    result = {
        "bench": "tickets",
        "target_check_ms": CHECK_MS,
        "target_growth": GROWTH,
        "missed": missed,
        "load_of_machine": os.getloadavg()[1],
        "times": figures,
        "likeness": agreement.as_json() if agreement else None,
    }
    print(json.dumps(result, ensure_ascii=False))
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
