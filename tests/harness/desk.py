"""The desk in this process, with a real engine and a real database: what a dialogue needs."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn
from sqlmodel import col, select

from actions.endpoint import action_endpoint
from actions.outcome import Services
from connectors import Inbound, Kind, Location
from desk.conversations.receive import receive
from desk.conversations.tables import Alert, Conversation, Message
from desk.conversations.turn import take_turn
from desk.conversations.world import World
from desk.knowledge import Answers
from desk.processes.world import FAQ_DIR, open_world
from desk.residents.tables import Resident
from desk.settings import Settings
from desk.tickets.tables import Ticket, TicketEvent


@dataclass
class Talk:
    """One resident talking. Time can be turned back: a draft is hours old when the resident says so."""

    world: World
    user: str = field(default_factory=lambda: uuid.uuid4().hex)
    earlier: timedelta = timedelta()
    conversation_id: int = 0

    async def say(self, text: str) -> list[Message]:
        """The replies to a text."""
        return await self.send(kind=Kind.TEXT, text=text)

    async def send(self, **parts: Any) -> list[Message]:
        """The replies to anything a resident can send."""
        message_id = await self.put(**parts)
        await take_turn(
            self.world.db, self.world.city, self.world.engine, self.conversation_id, last_try=False
        )
        return await self.replies(message_id)

    async def put(self, *, external_id: str | None = None, **parts: Any) -> int:
        """Stores a message without answering it; its id."""
        inbound = Inbound(
            channel="webchat",
            user=self.user,
            external_id=external_id or f"{self.user}:{uuid.uuid4()}",
            at=datetime.now(UTC) - self.earlier,
            **parts,
        )
        received = await receive(self.world.db, inbound)
        assert received is not None
        self.conversation_id = received.conversation_id
        return received.message_id

    async def share(self, latitude: float, longitude: float, label: str = "") -> list[Message]:
        """The replies to a shared location."""
        return await self.send(
            kind=Kind.LOCATION, location=Location(latitude, longitude, label, "gcj02")
        )

    async def replies(self, message_id: int) -> list[Message]:
        """What answered a message."""
        async with self.world.db.transaction() as session:
            found = await session.exec(
                select(Message).where(Message.reply_to == message_id).order_by(col(Message.seq))
            )
            return list(found)

    async def tickets(self) -> list[Ticket]:
        """The resident's tickets, oldest first."""
        async with self.world.db.transaction() as session:
            found = await session.exec(
                select(Ticket)
                .join(Resident, col(Resident.id) == Ticket.resident_id)
                .where(Resident.account == self.user)
                .order_by(col(Ticket.id))
            )
            return list(found)

    async def steps(self, ticket: Ticket) -> list[TicketEvent]:
        """A ticket's timeline."""
        async with self.world.db.transaction() as session:
            found = await session.exec(
                select(TicketEvent)
                .where(TicketEvent.ticket_id == ticket.id)
                .order_by(col(TicketEvent.seq))
            )
            return list(found)

    async def alerts(self) -> list[str]:
        """The kinds of alerts of this conversation."""
        async with self.world.db.transaction() as session:
            found = await session.exec(
                select(Alert.kind).where(Alert.conversation_id == self.conversation_id)
            )
            return list(found)

    async def mode(self) -> str:
        """Who answers."""
        async with self.world.db.transaction() as session:
            return (await session.get_one(Conversation, self.conversation_id)).mode


@asynccontextmanager
async def desk(settings: Settings) -> AsyncGenerator[World]:
    """A world whose actions answer the engine on the settings' port."""
    async with open_world(settings) as world:
        services = Services(world, Answers(FAQ_DIR))
        server = uvicorn.Server(
            uvicorn.Config(
                action_endpoint(services, settings.token()),
                host="127.0.0.1",
                port=settings.actions_port,
                log_config=None,
            )
        )
        serving = asyncio.create_task(server.serve())
        try:
            while not server.started:
                await asyncio.sleep(0.01)
            yield world
        finally:
            server.should_exit = True
            await serving
