"""Whether every ticket stands where its timeline says: nothing was lost, nothing jumped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.city import City

# One pass over the timeline; only what is wrong leaves the database.
_WRONG = text("""
    SELECT number, array_agg(DISTINCT problem ORDER BY problem) AS problems
    FROM (
        SELECT ticket.number,
            CASE
                WHEN step.seq IS NULL THEN 'empty'
                WHEN step.to_state <> ALL(:states) THEN 'unknown'
                WHEN step.action <> 'open' AND step.action <> ALL(:actions) THEN 'unknown_step'
                WHEN step.seq <> step.place THEN 'gap'
                WHEN step.place > 1 AND step.from_state IS DISTINCT FROM step.before THEN 'jump'
                WHEN step.place = step.steps AND step.to_state <> ticket.state THEN 'state'
                WHEN step.place = step.steps AND step.seq <> ticket.version THEN 'version'
            END AS problem
        FROM ticket
        LEFT JOIN (
            SELECT ticket_id, seq, action, from_state, to_state,
                row_number() OVER course AS place,
                lag(to_state) OVER course AS before,
                count(*) OVER (PARTITION BY ticket_id) AS steps
            FROM ticket_event
            WINDOW course AS (PARTITION BY ticket_id ORDER BY seq)
        ) AS step ON step.ticket_id = ticket.id
    ) AS checked
    WHERE problem IS NOT NULL
    GROUP BY number ORDER BY number LIMIT :limit
""")
_SAID = {
    "empty": "没有任何步骤",
    "gap": "步骤的序号不连续",
    "jump": "有一步不是从上一步的状态开始的",
    "state": "状态与最后一步不一致",
    "unknown": "有 lifecycle.yml 里没有的状态",
    "unknown_step": "有 lifecycle.yml 里没有的动作",
    "version": "版本号与步骤数不一致",
}


@dataclass(frozen=True, slots=True)
class Unsound:
    """A ticket that does not agree with its timeline, and what is wrong, in Chinese."""

    number: str
    problems: Sequence[str]


async def unsound_tickets(session: AsyncSession, city: City, *, limit: int) -> list[Unsound]:
    """The tickets that do not agree with their timelines or with the city's lifecycle."""
    connection = await session.connection()
    values = {
        "states": list(city.lifecycle.states),
        "actions": list(city.lifecycle.transitions),
        "limit": limit,
    }
    found = await connection.execute(_WRONG, values)
    return [Unsound(number, [_SAID[one] for one in problems]) for number, problems in found]
