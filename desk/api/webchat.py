"""The web chat: sessions, messages in, messages out by long poll or server-sent events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from sqlmodel import col, select, update

from connectors import Inbound, Kind, Outbound
from connectors import Media as Fetched
from connectors.webchat import Malformed, parse_media, parse_message
from desk.api.storing import store
from desk.city import Privacy
from desk.conversations.bell import Bell
from desk.conversations.media import Kept, UnusableMediaError, keep
from desk.conversations.messages import conversation_of, say
from desk.conversations.tables import Author, Conversation, Delivery, DeliveryState, Media, Message
from desk.conversations.world import World
from desk.database import now
from desk.residents import open_session, session_resident
from desk.residents.tables import Resident

PAGE_SIZE = 200
LONGEST_POLL = 25.0
NO_STORE = {"Cache-Control": "no-store"}
# A message's place in its conversation is a four-byte integer in the database.
Place = Annotated[int, Query(ge=0, lt=2**31)]


async def _resident(request: Request, authorization: Annotated[str, Header()] = "") -> Resident:
    """Whose bearer token it is."""
    world: World = request.app.state.world
    kind, _, token = authorization.partition(" ")
    async with world.db.transaction() as session:
        found = await session_resident(session, token) if kind.lower() == "bearer" else None
    if found is None:
        raise HTTPException(401, "会话已失效，请刷新页面")
    return found


Writer = Annotated[Resident, Depends(_resident)]


def router(world: World, bell: Bell) -> APIRouter:
    """`/channels/webchat/…`; all but the session itself and the notice need its bearer token."""
    routes = APIRouter(prefix="/channels/webchat")
    db, city = world.db, world.city

    @routes.post("/sessions", status_code=201)
    async def sessions() -> JSONResponse:
        """A new resident on the web; the bot greets, and tells what is kept and why."""
        async with db.transaction() as session:
            token, new = await open_session(session)
            conversation = await conversation_of(session, new)
            new.notice_version, new.notice_at = city.profile.privacy.version, now()
            await say(db, session, conversation, [Outbound(city.say("first_contact"))])
        return JSONResponse({"token": token, "city": city.name}, 201, headers=NO_STORE)

    @routes.get("/notice")
    async def notice() -> dict[str, Any]:
        """What is kept of a resident and why (PIPL art. 17)."""
        return {"title": "个人信息处理说明", "paragraphs": paragraphs(city.profile.privacy)}

    @routes.post("/messages", status_code=202)
    async def messages(request: Request, writer: Writer) -> dict[str, int]:
        """Words or a location."""
        try:
            inbound = parse_message(await request.body(), writer.account, now())
        except Malformed as fault:
            raise HTTPException(400, fault.detail) from fault
        return {"id": await _store(inbound)}

    @routes.post("/media", status_code=202)
    async def media(request: Request, writer: Writer, client_id: str = "") -> dict[str, int]:
        """A picture, as the raw body."""
        content_type = request.headers.get("content-type", "")
        body = await request.body()
        try:
            inbound = parse_media(content_type, body, client_id, writer.account, now())
        except Malformed as fault:
            raise HTTPException(400, fault.detail) from fault
        try:
            upload = await keep(world.media_dir, inbound.external_id, Fetched(body, content_type))
        except UnusableMediaError as fault:
            raise HTTPException(400, "这张图片打不开，请换一张。") from fault
        return {"id": await _store(inbound, upload)}

    @routes.get("/media/{message_seq}")
    async def picture(message_seq: Annotated[int, Path(lt=2**31)], writer: Writer) -> FileResponse:
        """A picture of one's own conversation."""
        async with db.transaction() as session:
            found = await session.exec(
                select(Media)
                .join(Message, col(Message.id) == Media.message_id)
                .join(Conversation, col(Conversation.id) == Message.conversation_id)
                .where(Conversation.resident_id == writer.id, Message.seq == message_seq)
            )
            kept = found.first()
        if kept is None or not kept.path:
            raise HTTPException(404, "没有这张图片")
        headers = {
            **NO_STORE,
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
        }
        return FileResponse(
            world.media_dir / kept.path, media_type=kept.content_type, headers=headers
        )

    @routes.get("/messages")
    async def read(
        writer: Writer,
        after: Place = 0,
        wait: Annotated[float, Query(ge=0)] = 0,
    ) -> Response:
        """What was said after the message `after`; waits up to `wait` seconds for something."""
        conversation_id = await _conversation(writer)
        left = min(wait, LONGEST_POLL)
        with bell.watch(conversation_id) as rung:
            while not (said := await _said(conversation_id, after)) and left > 0:
                began = now()
                await rung(left)
                left -= (now() - began).total_seconds()
        return JSONResponse({"messages": said}, headers=NO_STORE)

    @routes.get("/events")
    async def events(
        writer: Writer,
        after: Place = 0,
        last_event_id: Annotated[int, Header(ge=0, lt=2**31)] = 0,
    ) -> Response:
        """The same as server-sent events; `Last-Event-ID` is the browser's `after`."""
        conversation_id = await _conversation(writer)

        async def stream() -> AsyncIterator[str]:
            last = max(after, last_event_id)
            with bell.watch(conversation_id) as rung:
                while True:
                    for message in await _said(conversation_id, last):
                        last = message["id"]
                        yield f"id: {last}\ndata: {json.dumps(message, ensure_ascii=False)}\n\n"
                    await rung(LONGEST_POLL)
                    yield ": \n\n"

        return StreamingResponse(stream(), media_type="text/event-stream", headers=NO_STORE)

    async def _store(inbound: Inbound, upload: Kept | None = None) -> int:
        stored = await store(db, inbound, upload=upload)
        assert stored is not None  # noqa: S101 - only a resident who left gives None
        return await _seq(stored.message_id)

    async def _seq(message_id: int) -> int:
        async with db.single() as session:
            return (await session.get_one(Message, message_id)).seq

    async def _conversation(writer: Resident) -> int:
        async with db.transaction() as session:
            conversation = await conversation_of(session, writer)
            assert conversation.id is not None  # noqa: S101 - it is stored
            return conversation.id

    async def _said(conversation_id: int, after: int) -> list[dict[str, Any]]:
        async with db.single() as session:
            found = await session.exec(
                select(Message)
                .where(Message.conversation_id == conversation_id, Message.seq > after)
                .order_by(col(Message.seq))
                .limit(PAGE_SIZE)
            )
            rows = list(found)
            theirs = [row.id for row in rows if row.author != Author.RESIDENT]
            if theirs:
                await session.exec(
                    update(Delivery)
                    .where(
                        col(Delivery.message_id).in_(theirs),
                        col(Delivery.state) != DeliveryState.SENT,
                    )
                    .values(state=DeliveryState.SENT, via="poll", updated_at=now())
                )
        return [_shown(row) for row in rows]

    return routes


def _shown(row: Message) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": row.seq,
        "author": row.author,
        "kind": row.kind,
        "text": row.text,
        "buttons": [{"text": text} for text in row.payload.get("buttons", ())],
        "at": row.at.isoformat(),
    }
    if row.author == Author.RESIDENT and row.external_id:
        shown["client_id"] = row.external_id.rpartition(":")[2]
    if row.kind == Kind.IMAGE:
        shown["media_url"] = f"/channels/webchat/media/{row.seq}"
    return shown


def paragraphs(privacy: Privacy) -> list[str]:
    """The notice of PIPL article 17 in the order a reader asks."""
    return [
        f"由{privacy.handler}处理，{privacy.contact}。",
        f"目的：{privacy.purpose}。依据：{privacy.basis}。",
        *(f"{kind.name}：{kind.why}；保存{kind.keep}。" for kind in privacy.kinds),
        f"{privacy.shared_with}。",
        *(f"{right}。" for right in privacy.rights),
        f"您的请求在{privacy.answer_days}个工作日内答复。（说明版本 {privacy.version}）",
    ]
