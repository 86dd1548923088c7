"""What a client asks for in the address of GET requests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from desk.api.open311.moments import w3c
from desk.api.open311.rendering import Open311Error
from desk.api.open311.services import service_of
from desk.city import City
from desk.tickets.open311.search import MOST, Search

SPAN = timedelta(days=90)
"""The longest time that may be asked for at once, and what is meant when none is given."""
LAST_PAGE = 10_000


def search_of(city: City, asked: Mapping[str, str], now: datetime) -> Search:
    """The search of an address's parameters. An empty one is as good as none. Raises Open311Error with
    all that is wrong."""
    given = {name: value.strip() for name, value in asked.items() if value.strip()}
    if numbers := _several(given.get("service_request_id", "")):
        return Search(numbers=numbers[:MOST])
    wrong: list[tuple[int, str]] = []

    def span(first: str, last: str) -> tuple[datetime | None, datetime | None]:
        moments: list[datetime | None] = []
        for name in (first, last):
            try:
                moments.append(w3c(given[name], city.zone) if name in given else None)
            except ValueError:
                moments.append(None)
                wrong.append(
                    (400, f"{name} 应是带时区的 W3C 日期时间，如 2026-11-25T08:00:00+08:00")
                )
        start, end = moments
        if start is None and end is None:
            return None, None
        start = start or (end or now) - SPAN
        end = end or min(now, start + SPAN)
        if end - start > SPAN:
            wrong.append((400, f"{first} 与 {last} 最多相隔90天"))
        return start, end

    def number(name: str, default: int, most: int) -> int:
        text = given.get(name, str(default))
        if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= most:
            return int(text)
        wrong.append((400, f"{name} 应是1到{most}的整数"))
        return default

    requested, updated = span("start_date", "end_date"), span("updated_after", "updated_before")
    if requested == (None, None) and updated == (None, None):
        requested = (now - SPAN, now)
    codes = _several(given.get("service_code", ""))
    for code in codes:
        try:
            service_of(city, code)
        except Open311Error as fault:
            wrong += fault.errors
    statuses = set(_several(given.get("status", "").lower()))
    if statuses - {"open", "closed"}:
        wrong.append((400, "status 只能是 open 或 closed"))
    search = Search(
        service_codes=codes,
        closed=None if len(statuses) != 1 else statuses == {"closed"},
        requested_from=requested[0],
        requested_to=requested[1],
        updated_from=updated[0],
        updated_to=updated[1],
        page=number("page", 1, LAST_PAGE),
        page_size=number("page_size", MOST, MOST),
    )
    if wrong:
        raise Open311Error(*wrong)
    return search


def _several(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for piece in text.split(",") if (part := piece.strip())))
