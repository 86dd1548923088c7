"""Who may write through the Open311 server, and what came that way."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from desk.database import document, moment


class Open311Key(SQLModel, table=True):
    """An api_key of a client application; only its hash is kept.

    `publishes`: its users were told that what they write is public. `minute` and `used` count the
    requests of the running minute against `per_minute`.
    """

    __tablename__ = "open311_key"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (CheckConstraint("per_minute > 0", name="per_minute_positive"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    key_hash: str = Field(unique=True)
    publishes: bool = False
    per_minute: int
    minute: int = 0
    used: int = 0
    created_at: datetime = moment(default_now=True)
    revoked_at: datetime | None = moment(nullable=True)


class Open311Request(SQLModel, table=True):
    """What a ticket that came through the server has besides: whose client sent it, the answers to
    the service's questions, and its picture (a file of the media folder, or an address).

    `publishes` is the key's, when it was sent.
    """

    __tablename__ = "open311_request"  # pyright: ignore[reportAssignmentType]

    ticket_id: int = Field(foreign_key="ticket.id", primary_key=True, ondelete="CASCADE")
    key_id: int = Field(foreign_key="open311_key.id", index=True)
    publishes: bool = False
    attributes: dict[str, object] = document()
    media_path: str = ""
    media_url: str = ""
