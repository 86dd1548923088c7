"""Adding up the views `count_*`, over a period, for each department, topic or part of the period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

# Each with the name of its rate; the view `count_<code>` has its definition.
INDICATORS = {
    "response": "响应率",
    "on_time": "按时办结率",
    "overdue": "超期率",
    "solved": "解决率",
    "satisfied": "满意率",
    "redone": "重办率",
    "returned": "退单率",
    "right_first": "一次派准率",
    "direct": "直办率",
}


class By(StrEnum):
    """What is counted apart. `topic`: the second level of the catalogue."""

    DEPARTMENT = "department"
    TOPIC = "topic"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"


_PARTS = {
    None: "''",
    By.DEPARTMENT: "COALESCE(department, '')",
    By.TOPIC: "left(topic, 4)",
    By.MONTH: "to_char(at AT TIME ZONE :zone, 'YYYY-MM')",
    By.WEEK: "to_char(at AT TIME ZONE :zone, 'IYYY-\"W\"IW')",
    By.DAY: "to_char(at AT TIME ZONE :zone, 'YYYY-MM-DD')",
}


@dataclass(frozen=True, slots=True)
class Count:
    """So many `hits` out of so many."""

    hits: int
    out_of: int

    @property
    def rate(self) -> float | None:
        """The share, 0 to 1; None when it is out of nothing."""
        return self.hits / self.out_of if self.out_of else None


async def count(
    session: AsyncSession,
    zone: ZoneInfo,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    by: By | None = None,
) -> dict[str, dict[str, Count]]:
    """All indicators from `since` up to before `until` (aware moments), by their codes; for each part
    the count. A part is a code, or a part of the period in the city's `zone`; "" is the whole, or what
    has none."""
    connection = await session.connection()
    values = {
        "since": since,
        "until": until,
        **({"zone": zone.key} if "zone" in _PARTS[by] else {}),
    }
    found: dict[str, dict[str, Count]] = {}
    for code in INDICATORS:
        rows = await connection.execute(
            text(
                f"SELECT {_PARTS[by]} AS part, count(*) FILTER (WHERE hit), count(*) "  # noqa: S608 - ours
                f"FROM count_{code} "
                "WHERE at >= COALESCE(:since, '-infinity'::timestamptz) "
                "AND at < COALESCE(:until, 'infinity'::timestamptz) GROUP BY part ORDER BY part"
            ),
            values,
        )
        found[code] = {part: Count(hits, out_of) for part, hits, out_of in rows}
    return found


async def definitions(session: AsyncSession) -> dict[str, str]:
    """What each indicator is, in Chinese and English with its source, as its view says it."""
    connection = await session.connection()
    rows = await connection.execute(
        text(
            "SELECT relname, obj_description(oid, 'pg_class') FROM pg_class "
            "WHERE relkind = 'v' AND relname LIKE 'count\\_%'"
        )
    )
    known = {str(name).removeprefix("count_"): str(words) for name, words in rows}
    return {code: known[code] for code in INDICATORS}
