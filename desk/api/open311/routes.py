"""The routes of `/open311/v2`: each answers in the format that its address ends with."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from connectors import Media
from desk.api.open311.asked import search_of
from desk.api.open311.rendering import TYPES, Open311Error, answer, errors
from desk.api.open311.services import definition, services
from desk.api.open311.site import PATH, Site, discovery
from desk.api.open311.submission import parse
from desk.conversations.media import Kept, UnusableMediaError, keep
from desk.conversations.world import World
from desk.database import now
from desk.tickets import open_external
from desk.tickets.open311.keys import TooManyRequestsError, use_key
from desk.tickets.open311.public import PublicRequest
from desk.tickets.open311.search import Search, find
from desk.tickets.open311.tables import Open311Key, Open311Request

ORIGIN = "open311"
MEDIA = "media"
# A form has some twenty fields; a picture is one file.
MOST_FIELDS, MOST_FILES = 100, 4
LONGEST_KEY = 100


def router(world: World, site: Site) -> APIRouter:
    """Open311 for the city of this world."""
    routes = APIRouter(prefix=PATH)
    city, db = world.city, world.db

    def check(fmt: str, asked: Mapping[str, Any]) -> None:
        """Raises Open311Error for another format, or another city."""
        if fmt not in TYPES:
            raise Open311Error((404, "格式只有 xml 和 json"))
        jurisdiction = str(asked.get("jurisdiction_id", "")).strip()
        if jurisdiction and jurisdiction != site.jurisdiction:
            raise Open311Error((404, "jurisdiction_id 不存在"))

    @routes.get("/discovery.{fmt}")
    async def get_discovery(request: Request, fmt: str) -> Response:
        """Who we are, and where."""
        check(fmt, request.query_params)
        told = discovery(city, site, str(request.base_url))
        return answer(fmt, "discovery", told)

    @routes.get("/services.{fmt}")
    async def get_services(request: Request, fmt: str) -> Response:
        """What can be asked for."""
        check(fmt, request.query_params)
        return answer(fmt, "services", services(city))

    @routes.get("/services/{code}.{fmt}")
    async def get_definition(request: Request, code: str, fmt: str) -> Response:
        """What a service wants to know."""
        check(fmt, request.query_params)
        return answer(fmt, "service_definition", definition(city, code))

    @routes.get("/requests.{fmt}")
    async def get_requests(request: Request, fmt: str) -> Response:
        """What others asked for."""
        check(fmt, request.query_params)
        search = search_of(city, request.query_params, now())
        return answer(fmt, "service_requests", await _shown(request, search))

    @routes.get("/requests/{number}.{fmt}")
    async def get_request(request: Request, number: str, fmt: str) -> Response:
        """One request."""
        check(fmt, request.query_params)
        if not (shown := await _shown(request, Search(numbers=(number,)))):
            raise Open311Error((404, "service_request_id 不存在"))
        return answer(fmt, "service_requests", shown)

    @routes.get("/tokens/{token}.{fmt}")
    async def get_token(request: Request, token: str, fmt: str) -> Response:
        """A request has its number at once: that is its token, too."""
        check(fmt, request.query_params)
        if not await _shown(request, Search(numbers=(token,))):
            raise Open311Error((404, "token 不存在"))
        told = [{"service_request_id": token, "token": token}]
        return answer(fmt, "service_requests", told)

    @routes.post("/requests.{fmt}")
    async def post_request(request: Request, fmt: str) -> Response:
        """A new request."""
        form, picture = await _posted(request)
        client = await _client(form.get("api_key", ""))
        check(fmt, form)
        submission = parse(city, form)
        kept = await _kept(picture) if picture else None
        sent_key = request.headers.get("Idempotency-Key", "").strip()[:LONGEST_KEY]
        async with db.transaction() as session:
            ticket, new = await open_external(
                db,
                session,
                city,
                submission.matter,
                origin=ORIGIN,
                external_key=f"{ORIGIN}:{client.id}:{sent_key}" if sent_key else None,
                backend=world.backend,
            )
            if new:
                assert ticket.id is not None and client.id is not None  # noqa: S101, PT018 - stored
                session.add(
                    Open311Request(
                        ticket_id=ticket.id,
                        key_id=client.id,
                        publishes=client.publishes,
                        attributes=dict(submission.attributes),
                        media_path=kept.name if kept else "",
                        media_url=submission.media_url,
                    )
                )
        told = {
            "service_request_id": ticket.number,
            "service_notice": city.say("open311.notice", number=ticket.number),
            "account_id": None,
        }
        return answer(fmt, "service_requests", [told], 201)

    @routes.api_route("/{rest:path}", methods=["GET", "POST"])
    async def unknown(rest: str) -> Response:
        """Anything else."""
        fmt = rest.rpartition(".")[2]
        raise Open311Error((404, "没有这个地址" if fmt in TYPES else "格式只有 xml 和 json"))

    async def _client(key: str) -> Open311Key:
        try:
            async with db.transaction() as session:
                client = await use_key(session, key.strip())
        except TooManyRequestsError:
            raise Open311Error((429, "请求太频繁，请一分钟后再试")) from None
        if client is None:
            raise Open311Error((403, "api_key 缺少或无效"))
        return client

    async def _kept(picture: Media) -> Kept:
        try:
            return await keep(world.media_dir, f"{ORIGIN}:{secrets.token_hex(16)}", picture)
        except UnusableMediaError:
            raise Open311Error((400, "media 不是能打开的图片")) from None

    async def _shown(request: Request, search: Search) -> list[Mapping[str, Any]]:
        async with db.single() as session:
            found = await find(session, city, search)
        extended = request.query_params.get("extensions", "").strip().lower() == "true"
        return [_fields(one, extended=extended) for one in found]

    return routes


async def handle(request: Request, fault: Exception) -> Response:
    """The exception handler: what is wrong, in the format that the address ends with."""
    assert isinstance(fault, Open311Error)  # noqa: S101 - registered for it
    return errors(request.url.path.rpartition(".")[2], fault)


async def _posted(request: Request) -> tuple[dict[str, str], Media | None]:
    """The texts of a form, the last of each name, and the picture that came with it."""
    try:
        async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS) as form:
            texts = {name: value for name, value in form.items() if isinstance(value, str)}
            file = form.get(MEDIA)
            if not isinstance(file, UploadFile) or not file.size:
                return texts, None
            picture = Media(await file.read(), file.content_type or "")
    except HTTPException:
        raise Open311Error((400, "表单看不懂")) from None
    if not picture.content_type.startswith("image/"):
        raise Open311Error((400, "media 只收图片"))
    return texts, picture


def _fields(one: PublicRequest, *, extended: bool) -> Mapping[str, Any]:
    """A request as GeoReport v2 names its fields. Pictures, and what is not known, are empty."""
    shown: dict[str, Any] = {
        "service_request_id": one.number,
        "status": "closed" if one.closed else "open",
        "status_notes": one.state_name,
        "service_name": one.service_name,
        "service_code": one.service_code,
        "description": one.description,
        "agency_responsible": one.agency,
        "service_notice": None,
        "requested_datetime": one.requested_at,
        "updated_datetime": one.updated_at,
        "expected_datetime": None,
        "address": one.address,
        "address_id": None,
        "zipcode": None,
        "lat": one.latitude,
        "long": one.longitude,
        "media_url": None,
    }
    if extended:
        shown["extended_attributes"] = {"state": one.state, "type": one.type}
    return shown
