"""Looking through tickets: newest first, page by page, by state, body and topic, by words, number or
the end of a phone number. For staff: residents see their own tickets only, in the chat."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Text, cast, func, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.city import City
from desk.tickets.number import parse_ticket_number
from desk.tickets.tables import Ticket

PAGE = 20
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
    query = select(Ticket).where(*_conditions(city, wanted))
    if after is not None:
        page_end = tuple_(col(Ticket.created_at), col(Ticket.id))
        query = query.where(page_end < (after.created_at, after.id))
    query = query.order_by(col(Ticket.created_at).desc(), col(Ticket.id).desc()).limit(limit)
    return list(await session.exec(query))


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
    if wanted.search.strip():
        found += _searched(unicodedata.normalize("NFKC", wanted.search).strip())
    return found


def _searched(search: str) -> list[ColumnElement[bool]]:
    if number := parse_ticket_number(search):
        # Those that were joined to it too.
        main = select(Ticket.id).where(Ticket.number == number).scalar_subquery()
        return [or_(col(Ticket.number) == number, col(Ticket.main_id) == main)]
    if _PHONE_END.fullmatch(search):
        return [
            func.right(col(Ticket.phone), 4) == search[-4:],
            col(Ticket.phone).endswith(search, autoescape=True),
        ]
    words = [word for word in search.split() if len(word) > 1]
    if not words:
        raise SearchError("请至少输入两个字、完整的工单编号，或电话的后四位")
    # The index knows pairs of characters; the words must also stand there as they are.
    pairs = sorted({word[at : at + 2].lower() for word in words for at in range(len(word) - 1)})
    indexed = func.text_pairs(col(Ticket.description), col(Ticket.place))
    return [
        indexed.op("@>", is_comparison=True)(cast(array(pairs), ARRAY(Text))),
        *(
            func.concat(col(Ticket.description), " ", col(Ticket.place)).icontains(
                word, autoescape=True
            )
            for word in words
        ),
    ]
