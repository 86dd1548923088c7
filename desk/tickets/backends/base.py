"""What every platform of a city speaks: a ticket out, its steps out, and news of it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

EMBEDDED = "embedded"
"""The name of the backend that is none: tickets are handled here, and nothing is sent."""


class BackendError(Exception):
    """The platform did not take what was sent; the message says why and quotes nothing of it.

    `passing`: another try may help. `uncertain`: it may have taken it all the same, because its
    answer was lost. `retry_after`: seconds that it asked to be left alone.
    """

    def __init__(
        self,
        reason: str,
        *,
        passing: bool = True,
        uncertain: bool = False,
        retry_after: float = 0.0,
    ) -> None:
        super().__init__(reason)
        self.passing = passing
        self.uncertain = uncertain
        self.retry_after = retry_after


class NotTakenError(Exception):
    """The platform has no place for such a thing, and never will."""


class CallbackRefusedError(Exception):
    """A callback is not from the platform, or says nothing that can be understood."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class OutgoingTicket:
    """All that leaves of a ticket. `key` is the same in every attempt. The point is WGS-84, degrees."""

    key: str
    number: str
    type: str
    topic: str
    topic_name: str
    service_code: str
    description: str
    urgency: str
    confidential: bool
    department: str | None
    assisting: tuple[str, ...]
    place: str | None
    latitude: float | None
    longitude: float | None
    phone: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OutgoingStep:
    """A step that was made here on a ticket that the platform handles."""

    key: str
    ticket: OutgoingTicket
    action: str
    label: str
    role: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """The platform's number of a ticket, or the token that stands for it until it has one."""

    external_id: str | None = None
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A ticket of ours at the platform; `seen` is what `News.seen` of it was last."""

    external_id: str
    seen: str


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened to a ticket at the platform, as a step of ours.

    It is about our `number` or the platform's `external_id`. `sequence`, when given, grows with every
    event of a ticket; otherwise `at` (the platform's time) orders them. `seen` is a digest of what the
    platform shows of it.
    """

    event_id: str
    action: str
    at: datetime
    number: str | None = None
    external_id: str | None = None
    note: str = ""
    department: str | None = None
    sequence: int | None = None
    seen: str = ""


@runtime_checkable
class Backend(Protocol):
    """A city's platform. `trusted`: it may have personal data, of confidential tickets too."""

    name: str
    trusted: bool

    async def create(self, ticket: OutgoingTicket, *, since: datetime | None) -> Accepted:
        """Hands a ticket over. `since`: an attempt since then got no answer; what it may have made
        is found, not made again. Raises BackendError."""
        ...

    async def follow(
        self, external_id: str, step: OutgoingStep, *, since: datetime | None
    ) -> Accepted | None:
        """Tells a step; `since` as above. A new number for the ticket, when the platform gives one. Raises
        BackendError and NotTakenError."""
        ...

    async def aclose(self) -> None:
        """Closes the connections."""
        ...


@runtime_checkable
class PolledBackend(Backend, Protocol):
    """A platform that must be asked for news, so often as `poll` says."""

    poll: timedelta

    async def identify(self, token: str) -> str | None:
        """The number that a token stands for, once there is one. Raises BackendError."""
        ...

    async def news(self, known: Sequence[Known], start: datetime, end: datetime) -> list[News]:
        """What happened to these tickets between two moments. Raises BackendError."""
        ...


@runtime_checkable
class CallingBackend(Backend, Protocol):
    """A platform that calls when something happened."""

    def read(self, headers: Mapping[str, str], body: bytes, at: datetime) -> News:
        """What a callback that came at this moment tells. Raises CallbackRefusedError."""
        ...
