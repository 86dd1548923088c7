"""The REST backend: JSON over HTTP, signed both ways. The contract is in docs/backends.md."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any, cast
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from desk.database import now
from desk.tickets.backends.base import (
    Accepted,
    BackendError,
    CallbackRefusedError,
    News,
    OutgoingStep,
    OutgoingTicket,
)
from desk.tickets.backends.http import ANSWER_SECONDS, call, open_http
from desk.tickets.backends.signing import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign, verify

NAME = "rest"
IDEMPOTENCY_HEADER = "Idempotency-Key"


@dataclass(frozen=True, slots=True)
class RestAccount:
    """Where the platform is. The first key signs; every key may have signed what comes."""

    url: str
    keys: tuple[str, ...]
    trusted: bool = False
    seconds: float = ANSWER_SECONDS


class _Callback(BaseModel):
    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    event_id: Annotated[str, Field(min_length=1, max_length=100)]
    number: Annotated[str, Field(max_length=20)] | None = None
    id: Annotated[str, Field(max_length=100)] | None = None
    action: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    note: Annotated[str, Field(max_length=4000)] = ""
    department: Annotated[str, Field(max_length=40)] | None = None
    sequence: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    at: AwareDatetime


class RestBackend:
    """A platform that speaks our contract. It calls; it is not asked."""

    name = NAME

    def __init__(self, account: RestAccount) -> None:
        self._account = account
        self._http = open_http(account.url, account.seconds)
        self.trusted = account.trusted

    async def create(self, ticket: OutgoingTicket, *, since: datetime | None) -> Accepted:  # noqa: ARG002 - the key is enough
        """Hands a ticket over; the platform knows by the key what it has already."""
        answer = await self._post("/tickets", asdict(ticket), ticket.key)
        return Accepted(external_id=_id(answer))

    async def follow(
        self,
        external_id: str,
        step: OutgoingStep,
        *,
        since: datetime | None,  # noqa: ARG002 - the key is enough
    ) -> Accepted | None:
        """Tells a step."""
        told: dict[str, Any] = asdict(step)
        del told["ticket"]
        told["number"] = step.ticket.number
        await self._post(f"/tickets/{quote(external_id, safe='')}/steps", told, step.key)
        return None

    def read(self, headers: Mapping[str, str], body: bytes, at: datetime) -> News:
        """What a callback tells, once it is proved. Raises CallbackRefusedError."""
        verify(
            self._account.keys,
            headers.get(TIMESTAMP_HEADER, ""),
            headers.get(SIGNATURE_HEADER, ""),
            body,
            at,
        )
        try:
            told = _Callback.model_validate_json(body)
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"])
            raise CallbackRefusedError(f"{where or 'body'}: not as agreed", 400) from None
        if not (told.number or told.id):
            raise CallbackRefusedError("number or id is missing", 400)
        return News(
            event_id=told.event_id,
            action=told.action,
            at=told.at,
            number=told.number,
            external_id=told.id,
            note=told.note.replace("\0", ""),
            department=told.department,
            sequence=told.sequence,
        )

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def _post(self, path: str, told: Mapping[str, Any], key: str) -> object:
        body = json.dumps(told, ensure_ascii=False, default=datetime.isoformat).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            IDEMPOTENCY_HEADER: key,
            **sign(self._account.keys[0], body, now()),
        }
        return await call(self._http, "POST", path, content=body, headers=headers)


def _id(answer: object) -> str:
    given = cast("dict[str, object]", answer).get("id") if isinstance(answer, dict) else None
    if not isinstance(given, str | int) or not str(given).strip() or len(str(given)) > 100:
        raise BackendError("the answer has no id", uncertain=True)
    return str(given)
