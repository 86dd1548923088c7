"""`/callbacks/<backend>`: the city's platform tells what happened to a ticket."""

from __future__ import annotations

import logging

from fastapi import APIRouter, HTTPException, Request

from desk.conversations.world import World
from desk.database import now
from desk.tickets.backends.base import CallbackRefusedError, CallingBackend
from desk.tickets.backends.updates import UnknownTicketError, receive

log = logging.getLogger(__name__)


def router(world: World, backend: CallingBackend) -> APIRouter:
    """The route of the one platform. Stored, then acknowledged; a job makes the step."""
    routes = APIRouter()

    @routes.post(f"/callbacks/{backend.name}", status_code=202)
    async def callback(request: Request) -> dict[str, str]:
        """One event, signed. The same again is acknowledged again, and done once."""
        try:
            news = backend.read(request.headers, await request.body(), now())
        except CallbackRefusedError as refused:
            log.warning("a callback was refused: %s", refused)
            raise HTTPException(refused.status, str(refused)) from None
        try:
            await receive(world.db, backend.name, [news])
        except UnknownTicketError:
            raise HTTPException(404, "no such ticket was handed over") from None
        return {"event_id": news.event_id}

    return routes
