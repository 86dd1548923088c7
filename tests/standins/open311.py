"""A stand-in of a city's Open311 platform (GeoReport v2, JSON), with the habits of real ones."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.standins.faulty import Control, Faults, Json, control_route
from tests.standins.server import serve

API_KEY = "open311-api-key"
NINETY_DAYS = timedelta(days=90)
CAP = 1000


class Open311Control(Control):
    """The levers of a running stand-in."""

    def requests(self) -> list[Json]:
        """All that it holds, as its list shows it, with the form that was posted."""
        return self.ask("requests")["requests"]

    def change(self, external_id: str, **fields: object) -> None:
        """Changes what the list shows of a request; its time of update is now unless given."""
        self.ask("change", external_id=external_id, fields=fields)

    def add(self, *items: object) -> None:
        """Puts anything into the list, well-formed or not."""
        self.ask("add", items=list(items))

    def give_tokens(self, *, on: bool = True) -> None:
        """New requests are answered with a token; `resolve_tokens` makes their numbers known."""
        self.ask("give_tokens", on=on)

    def resolve_tokens(self) -> None:
        """The numbers behind the tokens are there."""
        self.ask("resolve_tokens")


class _Platform:
    def __init__(self, *, pages: bool) -> None:
        self.pages = pages
        self.items: list[Any] = []
        self.posted: dict[str, Json] = {}
        self.tokens: dict[str, str] = {}
        self.gives_tokens = self.tokens_resolved = False

    def create(self, form: Json) -> Response:
        if form.get("api_key") != API_KEY:
            return _error(403, "invalid api_key")
        located = ("lat" in form and "long" in form) or "address_string" in form
        if not form.get("service_code") or not located:
            return _error(400, "service_code and a location are required")
        if len(form.get("description", "")) > 4000:
            return _error(400, "the description is too long")
        external_id = str(1000 + len(self.items))
        moment = datetime.now(UTC).isoformat()
        self.items.append(
            {
                "service_request_id": external_id,
                "status": "open",
                "status_notes": None,
                "service_code": form["service_code"],
                "description": form.get("description"),
                "requested_datetime": moment,
                "updated_datetime": moment,
            }
        )
        self.posted[external_id] = form
        if self.gives_tokens:
            self.tokens[f"token-{external_id}"] = external_id
            return JSONResponse([{"token": f"token-{external_id}"}], 201)
        return JSONResponse([{"service_request_id": external_id}], 201)

    def list(self, asked: dict[str, str]) -> Response:
        if wanted := asked.get("service_request_id"):
            ids = wanted.split(",")
            return JSONResponse([item for item in self.items if _get(item, "id") in ids][:CAP])
        found = self.items
        if code := asked.get("service_code"):
            found = [item for item in found if _get(item, "service_code") in (code, None)]
        for field, first, last in (
            ("requested_datetime", "start_date", "end_date"),
            ("updated_datetime", "updated_after", "updated_before"),
        ):
            if asked.get(first) or asked.get(last):
                start = datetime.fromisoformat(asked[first])
                end = datetime.fromisoformat(asked[last])
                if end - start > NINETY_DAYS:
                    return _error(400, "at most 90 days")
                found = [item for item in found if _within(item, field, start, end)]
        if self.pages and "page" in asked:
            size = min(int(asked.get("page_size", CAP)), 50)  # as some do, less than was asked for
            first_item = (int(asked["page"]) - 1) * size
            return JSONResponse(found[first_item : first_item + size])
        return JSONResponse(found[:CAP])

    def objects(self) -> list[Json]:
        return [cast("Json", item) for item in self.items if isinstance(item, dict)]

    def token(self, token: str) -> Response:
        if token not in self.tokens:
            return _error(404, "unknown token")
        if not self.tokens_resolved:
            return JSONResponse([{"service_request_id": "", "token": token}])
        return JSONResponse([{"service_request_id": self.tokens[token], "token": token}])

    def add(self, items: list[Any]) -> None:
        self.items += items

    def change(self, external_id: str, fields: Json) -> None:
        for item in self.items:
            if _get(item, "id") == external_id:
                item.update({"updated_datetime": datetime.now(UTC).isoformat(), **fields})


def _get(item: Any, field: str) -> Any:
    name = "service_request_id" if field == "id" else field
    return item.get(name) if isinstance(item, dict) else None


def _within(item: Any, field: str, start: datetime, end: datetime) -> bool:
    try:
        return start <= datetime.fromisoformat(item[field]) <= end
    except (TypeError, KeyError, ValueError):
        return True  # broken ones turn up everywhere


def _error(status: int, description: str) -> Response:
    return JSONResponse([{"code": status, "description": description}], status)


@contextmanager
def open311_backend(*, pages: bool = True) -> Generator[Open311Control]:
    """The running stand-in, on a loopback port of its own. `pages`: whether it knows `page`."""
    platform, faults = _Platform(pages=pages), Faults()

    async def requests(request: Request) -> Response:
        form = {key: str(value) for key, value in (await request.form()).items()}

        async def post() -> Response:
            return platform.create(form)

        async def get() -> Response:
            return platform.list(dict(request.query_params))

        if request.method == "POST":
            return await faults.around("create", post)
        return await faults.around("list", get)

    async def tokens(request: Request) -> Response:
        async def do() -> Response:
            return platform.token(request.path_params["token"].removesuffix(".json"))

        return await faults.around("token", do)

    def switch(name: str) -> Any:
        def set_it(on: bool = True) -> None:  # noqa: FBT001, FBT002 - a lever
            setattr(platform, name, on)

        return set_it

    verbs: dict[str, Any] = {
        "requests": lambda: {
            "requests": [
                {**item, "posted": platform.posted.get(str(item.get("service_request_id")), {})}
                for item in platform.objects()
            ]
        },
        "change": platform.change,
        "add": platform.add,
        "give_tokens": switch("gives_tokens"),
        "resolve_tokens": switch("tokens_resolved"),
    }
    app = Starlette(
        routes=[
            Route("/requests.json", requests, methods=["GET", "POST"]),
            Route("/tokens/{token}", tokens),
            control_route(faults, verbs),
        ]
    )
    with serve(app) as url:
        yield Open311Control(url)
