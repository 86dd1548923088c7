"""A desk whose tickets a platform elsewhere handles."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from desk.city import City
from desk.conversations.world import World
from desk.database import Database
from desk.tickets import Matter, open_ticket
from desk.tickets.backends.base import Backend
from desk.tickets.backends.open311 import Open311Account, Open311Backend
from desk.tickets.backends.rest import RestAccount, RestBackend
from desk.tickets.tables import Ticket
from tests.harness.letters import put, rows, work_off, world_of
from tests.standins.open311 import API_KEY
from tests.standins.rest_backend import KEY


@dataclass
class Office:
    """The desk, and its way to the platform."""

    db: Database
    city: City
    world: World
    backend: Backend

    async def open(self, words: str = "路灯坏了", **more: Any) -> Ticket:
        """A resident's ticket; what is queued with it is not done yet."""
        source = await put(self.db, words, user=more.pop("user", "resident-1"))
        parts: dict[str, Any] = {
            "type": "incident",
            "topic": "0306",
            "description": words,
            "place": "人民路12号",
            "messages": [source.message_id],
            **more,
        }
        return await open_ticket(
            self.db,
            self.city,
            Matter(**parts),
            conversation_id=source.conversation_id,
            source_message_id=source.message_id,
            backend=self.backend.name,
        )

    async def work(self) -> None:
        """All that is due is done."""
        await work_off(self.world, self.backend)

    async def later(self) -> None:
        """The next attempts are due, and made, as the sweep has it."""
        await rows(self.db, "UPDATE sending SET due_at = now() WHERE due_at IS NOT NULL")
        for row in await rows(
            self.db, "SELECT DISTINCT ticket_id FROM sending WHERE due_at IS NOT NULL"
        ):
            await self.db.job("send").defer_async(ticket_id=row["ticket_id"])
        await self.work()

    async def sendings(self) -> list[dict[str, Any]]:
        """The outbox, oldest first."""
        return await rows(self.db, "SELECT * FROM sending ORDER BY id")

    async def states(self) -> list[str]:
        """What became of what was to be sent."""
        return [row["state"] for row in await self.sendings()]

    async def external_id(self, ticket: Ticket) -> str | None:
        """The ticket's number at the platform."""
        [row] = await rows(
            self.db, "SELECT external_id FROM ticket_link WHERE ticket_id = :id", id=ticket.id
        )
        return row["external_id"]

    async def state(self, ticket: Ticket) -> str:
        """Where the ticket stands."""
        [row] = await rows(self.db, "SELECT state FROM ticket WHERE id = :id", id=ticket.id)
        return row["state"]

    async def steps(self, ticket: Ticket) -> list[str]:
        """Its timeline."""
        found = await rows(
            self.db,
            "SELECT action FROM ticket_event WHERE ticket_id = :id ORDER BY seq",
            id=ticket.id,
        )
        return [row["action"] for row in found]

    async def told(self) -> list[str]:
        """What residents were told of steps."""
        found = await rows(
            self.db,
            "SELECT text FROM message WHERE author = 'system' AND text LIKE '%YS%' ORDER BY id",
        )
        return [row["text"] for row in found]


@asynccontextmanager
async def office(db: Database, city: City, backend: Backend) -> AsyncGenerator[Office]:
    """The desk with this way; its connections are closed at the end."""
    try:
        yield Office(db, city, world_of(db, city), backend)
    finally:
        await backend.aclose()


def rest_way(url: str, **more: Any) -> RestBackend:
    """The way to the REST stand-in; it waits half a second for an answer."""
    return RestBackend(
        RestAccount(url, more.pop("keys", (KEY,)), seconds=more.pop("seconds", 0.5), **more)
    )


def open311_way(url: str, **more: Any) -> Open311Backend:
    """The way to the Open311 stand-in; it waits half a second for an answer."""
    return Open311Backend(Open311Account(url, API_KEY, seconds=0.5, **more))
