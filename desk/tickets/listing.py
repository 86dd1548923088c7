"""Looking through tickets: newest first, page by page, by state, body and topic, by words, number or
the end of a phone number. For staff: residents see their own tickets only, in the chat."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import aliased
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.city import City
from desk.tickets.number import parse_ticket_number
from desk.tickets.tables import Ticket

PAGE = 20
# Of so many of the newest tickets each is read for a word, before the index is asked.
LOOKED_THROUGH = 1000
# The end of a phone number: four digits and more. Twelve would be a ticket's.
_PHONE_END = re.compile(r"\d{4,11}")
_TOPIC = 4  # digits of a second-level topic


class SearchError(Exception):
    """Nothing can be looked for; the message, in Chinese, says why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tickets. `topic`: a code of two, four or six digits; `search`: words (all of them), a
    ticket number, or the end of a phone number."""

    state: str | None = None
    department: str | None = None
    topic: str | None = None
    still_open: bool = False
    search: str = ""


async def newest(
    session: AsyncSession,
    city: City,
    wanted: Wanted,
    *,
    after: Ticket | None = None,
    limit: int = PAGE,
) -> list[Ticket]:
    """One page of tickets, the newest first. `after`: the last ticket of the page before. Raises
    SearchError."""
    search = unicodedata.normalize("NFKC", wanted.search).strip()
    exact = _by_number_or_phone(search)
    words = [] if exact or not search else _words(search)
    query = select(Ticket).where(*_conditions(city, wanted), *exact)
    if after is not None:
        page_end = tuple_(col(Ticket.created_at), col(Ticket.id))
        query = query.where(page_end < (after.created_at, after.id))
    query = query.order_by(*_newest(Ticket))
    if words:
        # Many tickets hold a common word: the newest of them are found sooner without the index.
        recent = aliased(Ticket, query.limit(LOOKED_THROUGH).subquery())
        first = select(recent).where(*_holds(recent, words)).order_by(*_newest(recent)).limit(limit)
        if len(found := list(await session.exec(first))) == limit:
            return found
        query = query.where(_indexed(words), *_holds(Ticket, words))
    return list(await session.exec(query.limit(limit)))


def _newest(table: type[Ticket]) -> tuple[ColumnElement[Any], ...]:
    return col(table.created_at).desc(), col(table.id).desc()


def _conditions(city: City, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state:
        found.append(col(Ticket.state) == wanted.state)
    if wanted.still_open:
        ended = [code for code, state in city.lifecycle.states.items() if state.ended]
        found.append(col(Ticket.state).not_in(ended))
    if wanted.department:
        found.append(col(Ticket.department) == wanted.department)
    if wanted.topic:
        if len(wanted.topic) >= _TOPIC:
            found.append(func.left(col(Ticket.topic), _TOPIC) == wanted.topic[:_TOPIC])
        if len(wanted.topic) != _TOPIC:
            found.append(col(Ticket.topic).startswith(wanted.topic, autoescape=True))
    return found


def _by_number_or_phone(search: str) -> list[ColumnElement[bool]]:
    """The conditions for a ticket number or the end of a phone number; none when it is neither."""
    if number := parse_ticket_number(search):
        # Those that were joined to it too.
        main = select(Ticket.id).where(Ticket.number == number).scalar_subquery()
        return [or_(col(Ticket.number) == number, col(Ticket.main_id) == main)]
    if _PHONE_END.fullmatch(search):
        return [
            func.right(col(Ticket.phone), 4) == search[-4:],
            col(Ticket.phone).endswith(search, autoescape=True),
        ]
    return []


def _words(search: str) -> list[str]:
    words = [word for word in search.split() if len(word) > 1]
    if not words:
        raise SearchError("请至少输入两个字、完整的工单编号，或电话的后四位")
    return words


def _holds(table: type[Ticket], words: list[str]) -> list[ColumnElement[bool]]:
    """That each word stands in the description or the place as it is."""
    text = func.concat(col(table.description), " ", col(table.place))
    return [text.icontains(word, autoescape=True) for word in words]


def _indexed(words: list[str]) -> ColumnElement[bool]:
    """What the index knows of the words: their pairs of characters."""
    pairs = sorted({word[at : at + 2].lower() for word in words for at in range(len(word) - 1)})
    indexed = func.text_pairs(col(Ticket.description), col(Ticket.place))
    return indexed.op("@>", is_comparison=True)(cast(array(pairs), ARRAY(Text)))
