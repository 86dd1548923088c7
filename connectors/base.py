"""What every channel speaks: one value in, one value out, and what became of it.

A channel parses what its platform posts into :class:`Inbound`, and delivers :class:`Outbound`.
It knows the platform's limits and nothing of conversations or tickets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """What a resident did."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    LOCATION = "location"
    LINK = "link"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Location:
    """A point the resident shared. `system` names the datum: WeChat in China sends GCJ-02."""

    latitude: float
    longitude: float
    label: str = ""
    system: str = "wgs84"


@dataclass(frozen=True, slots=True)
class MediaReference:
    """Where the platform keeps a picture or recording: its own id, and its type when told."""

    id: str
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One thing a resident sent. `external_id` is unique within the channel: the same value
    delivered again is the same message."""

    channel: str
    user: str
    external_id: str
    kind: Kind
    at: datetime
    text: str = ""
    location: Location | None = None
    media: MediaReference | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A choice offered under a message. Choosing it sends `text` as the resident's words."""

    text: str


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message to a resident."""

    text: str
    buttons: tuple[Button, ...] = field(default=())


class Outcome(StrEnum):
    """What became of a delivery."""

    SENT = "sent"
    RETRY = "retry"  # a passing fault: try again, not before `retry_after` seconds
    CLOSED = (
        "closed"  # the platform's window or quota is used up: wait for the resident's next word
    )
    UNREACHABLE = "unreachable"  # the resident left or blocked the account
    FAILED = "failed"  # a fault that trying again does not mend: a person must look


@dataclass(frozen=True, slots=True)
class Receipt:
    """The outcome of one delivery, with the platform's reason (never message text)."""

    outcome: Outcome
    reason: str = ""
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Media:
    """A file fetched from a platform."""

    content: bytes
    content_type: str


class MediaError(Exception):
    """The platform did not give the file. `passing` tells whether another try may help."""

    def __init__(self, reason: str, *, passing: bool) -> None:
        super().__init__(reason)
        self.passing = passing


class Channel(Protocol):
    """The outgoing side of a channel that pushes messages."""

    name: str

    async def deliver(self, user: str, message: Outbound) -> Receipt:
        """Sends one message; never raises for what the platform answers."""
        ...

    async def fetch(self, media: MediaReference) -> Media:
        """Downloads a file a resident sent. Raises MediaError."""
        ...

    async def aclose(self) -> None:
        """Closes the connections."""
        ...
