"""The Open311 backend: a client of GeoReport v2 (https://wiki.open311.org/GeoReport_v2/), in JSON."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import quote

from desk.database import now
from desk.tickets.backends.base import (
    Accepted,
    BackendError,
    Known,
    News,
    NotTakenError,
    OutgoingStep,
    OutgoingTicket,
)
from desk.tickets.backends.http import ANSWER_SECONDS, call, open_http

log = logging.getLogger(__name__)

NAME = "open311"
# The specification's limit of a description, in characters.
LONGEST = 4000
# So many numbers fit into one address.
IDS_PER_CALL = 50
# The specification's limit of one answer; a window that fills it is asked in halves.
CAP = 1000
PAGE_SIZE = 200
SHORTEST_WINDOW = timedelta(seconds=1)
# What the clocks of both sides, and a listing that lags, may differ by.
LEEWAY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Open311Account:
    """Where the platform is. `updated_after`: it knows that filter (a common extension, with `page`),
    so that one question tells all that changed; otherwise it is asked for each open ticket."""

    url: str
    api_key: str
    jurisdiction: str = ""
    trusted: bool = False
    updated_after: bool = False
    poll: timedelta = timedelta(minutes=1)
    seconds: float = ANSWER_SECONDS


class Open311Backend:
    """A platform that speaks Open311. It knows open and closed, and has no place for our steps."""

    name = NAME

    def __init__(self, account: Open311Account) -> None:
        self._account = account
        self._http = open_http(account.url, account.seconds)
        self.trusted = account.trusted
        self.poll = account.poll

    async def create(self, ticket: OutgoingTicket, *, since: datetime | None) -> Accepted:
        """Posts a request. The standard has no idempotency key: our number stands in the description,
        and after an attempt without an answer it is looked for first."""
        if since is not None and (found := await self._find(ticket, since)):
            return Accepted(external_id=found)
        form: dict[str, Any] = {
            "api_key": self._account.api_key,
            "service_code": ticket.service_code,
            "description": f"{_mark(ticket.key)} {ticket.description}"[:LONGEST],
            **self._jurisdiction(),
        }
        if ticket.latitude is not None and ticket.longitude is not None:
            form |= {"lat": f"{ticket.latitude:.6f}", "long": f"{ticket.longitude:.6f}"}
        if ticket.place or "lat" not in form:
            # A location is required; where none is known, the words say so.
            form["address_string"] = ticket.place or "地点未提供"
        if ticket.phone:
            form["phone"] = ticket.phone
        answer = _list(await call(self._http, "POST", "/requests.json", data=form))
        given: Mapping[str, object] = answer[0] if answer else {}
        accepted = Accepted(_text(given.get("service_request_id")), _text(given.get("token")))
        if not (accepted.external_id or accepted.token):
            raise BackendError("the answer has neither number nor token", uncertain=True)
        return accepted

    async def follow(
        self, external_id: str, step: OutgoingStep, *, since: datetime | None
    ) -> Accepted | None:
        """A closed request stays closed: what is to be done again is a new one that names the old.
        Raises NotTakenError for any other step."""
        if step.action != "redo":
            raise NotTakenError("平台没有接收办理步骤的接口")
        words = f"（重办，原编号 {external_id}）{step.note}\n{step.ticket.description}"
        return await self.create(replace(step.ticket, description=words), since=since)

    async def identify(self, token: str) -> str | None:
        """The number behind a token, once there is one."""
        path = f"/tokens/{quote(token, safe='')}.json"
        answer = _list(await call(self._http, "GET", path, params=self._jurisdiction()))
        return _text(answer[0].get("service_request_id")) if answer else None

    async def news(self, known: Sequence[Known], start: datetime, end: datetime) -> list[News]:
        """What changed of these tickets. An item that makes no sense is skipped, with a warning."""
        if self._account.updated_after:
            items = await self._window("updated_after", "updated_before", start - LEEWAY, end)
        else:
            items = []
            for first in range(0, len(known), IDS_PER_CALL):
                ids = ",".join(one.external_id for one in known[first : first + IDS_PER_CALL])
                items += await self._ask(service_request_id=ids)
        by_id = {one.external_id: one for one in known}
        found: list[News] = []
        for item in items:
            try:
                told = _news(item, by_id, end)
            except (ValueError, KeyError) as error:
                log.warning("an item of the platform's list makes no sense: %s", error)
                continue
            found += [told] if told else []
        return found

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def _find(self, ticket: OutgoingTicket, since: datetime) -> str | None:
        """The number of the request that carries our mark, if there is one."""
        mark = _mark(ticket.key)
        end = max(since, now()) + LEEWAY
        for item in await self._window(
            "start_date", "end_date", since - LEEWAY, end, service_code=ticket.service_code
        ):
            if str(item.get("description") or "").startswith(mark):
                return _text(item.get("service_request_id"))
        return None

    async def _window(
        self, first: str, last: str, start: datetime, end: datetime, **more: str
    ) -> list[Mapping[str, object]]:
        """All requests between two moments, however few the platform gives at once."""
        span = {first: start.isoformat(), last: end.isoformat(), **more}
        found: dict[object, Mapping[str, object]] = {}
        page = 1
        while True:
            items = await self._ask(page=str(page), page_size=str(PAGE_SIZE), **span)
            fresh = {one.get("service_request_id"): one for one in items}.keys() - found.keys()
            found |= {one.get("service_request_id"): one for one in items}
            if not fresh:
                break
            page += 1
        # A platform that knows no pages gives the same again, at most CAP of them.
        if len(found) >= CAP and page == 2:
            if end - start <= SHORTEST_WINDOW:
                raise BackendError("its list cannot be seen whole")
            middle = start + (end - start) / 2
            left = await self._window(first, last, start, middle, **more)
            return left + await self._window(first, last, middle, end, **more)
        return list(found.values())

    async def _ask(self, **params: str) -> list[Mapping[str, object]]:
        told = await call(
            self._http, "GET", "/requests.json", params={**params, **self._jurisdiction()}
        )
        return _list(told)

    def _jurisdiction(self) -> dict[str, str]:
        given = self._account.jurisdiction
        return {"jurisdiction_id": given} if given else {}


def _news(item: Mapping[str, object], known: Mapping[str, Known], end: datetime) -> News | None:
    """What an item of the list tells that was not seen before. Raises ValueError and KeyError."""
    external_id = _text(item.get("service_request_id"))
    if external_id is None:
        raise ValueError("no service_request_id")
    if (before := known.get(external_id)) is None:
        return None
    status = str(item["status"]).lower()
    if status not in ("open", "closed"):
        raise ValueError(f"{external_id}: the status is neither open nor closed")
    at = datetime.fromisoformat(str(item.get("updated_datetime") or item["requested_datetime"]))
    if at.tzinfo is None or at > end + LEEWAY:
        raise ValueError(f"{external_id}: a moment without a zone, or that has not come yet")
    note = str(item.get("status_notes") or "").replace("\0", "").strip()[:LONGEST]
    seen = f"{status}:{hashlib.sha256(note.encode()).hexdigest()[:16]}"
    action = _action(before.seen.partition(":")[0], status, has_note=bool(note))
    if action is None or seen == before.seen:
        return None
    return News(
        event_id=f"{external_id}:{at.isoformat()}:{seen}",
        action=action,
        at=at,
        external_id=external_id,
        note=note,
        seen=seen,
    )


def _action(before: str, status: str, *, has_note: bool) -> str | None:
    """The step of ours that a change of status is; None when there is nothing to tell."""
    if status == "closed":
        return None if before == "closed" else "resolve"
    if before == "closed":
        return "redo"
    return "report" if has_note else None


def _mark(key: str) -> str:
    return f"[{key}]"


def _list(answer: object) -> list[Mapping[str, object]]:
    """The objects of an answer: an array at its root. Raises BackendError."""
    if not isinstance(answer, list):
        raise BackendError("the answer is no list", uncertain=True)
    items = cast("list[object]", answer)
    objects = [cast("Mapping[str, object]", item) for item in items if isinstance(item, dict)]
    if len(objects) < len(items):
        log.warning("%s items of the platform's answer are no objects", len(items) - len(objects))
    return objects


def _text(value: object) -> str | None:
    """A number or token as text; None for an empty or unusable one."""
    given = str(value).strip() if isinstance(value, str | int) else ""
    return given if 0 < len(given) <= 100 else None
