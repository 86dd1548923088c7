"""Takes over the tickets of another system from a file, in one go or in several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import col, select

from desk.city import City
from desk.database import Database, now
from desk.tickets.exchange.incoming import Incoming, incoming
from desk.tickets.exchange.mapping import FileMapping
from desk.tickets.exchange.sheets import Row, SheetError, read_rows
from desk.tickets.opening import Earlier, Matter, open_external
from desk.tickets.tables import Ticket

ORIGIN = "import"
# So many rows are stored together: a break in between loses no more work than this.
BATCH = 200


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken over, and why."""

    line: int
    problems: list[str]
    row: Row


@dataclass(slots=True)
class Imported:
    """What became of a file's rows. `known` were taken over earlier."""

    new: int = 0
    known: int = 0
    refused: list[Refused] = field(default_factory=list["Refused"])


async def import_file(
    db: Database,
    city: City,
    file: Path,
    mapping: FileMapping,
    *,
    dry_run: bool = False,
    progress: Callable[[int], object],
) -> Imported:
    """Takes over every good row of a file and reports the others.

    The number in the other system makes it repeatable: after a break, or with corrected rows, the
    same file is simply read again. `dry_run` only says what would happen. `progress` hears how many
    rows are done. Raises SheetError when the file as a whole cannot be read.
    """
    done = Imported()
    seen: set[str] = set()
    rows = iter(read_rows(file))
    first = next(rows)
    if missing := mapping.missing(first[1]):
        raise SheetError(f"表头里没有“{'”“'.join(missing)}”；用 --map 指定对照表")
    for batch in _batches(_again(first, rows)):
        good: list[tuple[int, Row, Incoming]] = []
        for line, row in batch:
            found = incoming(city, mapping, row, now())
            if isinstance(found, Incoming) and found.key in seen:
                found = [f"编号 {found.key} 在文件里出现了两次"]
            if isinstance(found, list):
                done.refused.append(Refused(line, found, row))
            else:
                seen.add(found.key)
                good.append((line, row, found))
        await _store(db, city, mapping, good, done, dry_run=dry_run)
        progress(len(batch))
    return done


async def _store(
    db: Database,
    city: City,
    mapping: FileMapping,
    good: list[tuple[int, Row, Incoming]],
    done: Imported,
    *,
    dry_run: bool,
) -> None:
    async with db.transaction() as session:
        keys = {_key(mapping, one) for _, _, one in good}
        found = await session.exec(
            select(Ticket.external_key).where(col(Ticket.external_key).in_(keys))
        )
        known = set(found)
        for line, row, one in good:
            if _key(mapping, one) in known:
                done.known += 1
                continue
            if dry_run:
                done.new += 1
                continue
            try:
                async with session.begin_nested():
                    await open_external(
                        db,
                        session,
                        city,
                        Matter(
                            type=one.type,
                            topic=one.topic,
                            description=one.description,
                            messages=(),
                            place=one.place,
                            phone=one.phone,
                        ),
                        origin=ORIGIN,
                        external_key=_key(mapping, one),
                        earlier=Earlier(one.created, one.state, one.urgency, one.department),
                    )
                done.new += 1
            except (IntegrityError, DataError):
                done.refused.append(Refused(line, ["数据库不接受这一行"], row))


def _key(mapping: FileMapping, one: Incoming) -> str:
    return f"{ORIGIN}:{mapping.source}:{one.key}"


def _again(first: tuple[int, Row], rest: Iterable[tuple[int, Row]]) -> Iterator[tuple[int, Row]]:
    yield first
    yield from rest


def _batches(rows: Iterator[tuple[int, Row]]) -> Iterator[list[tuple[int, Row]]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
