"""Conversations, the messages in them, their delivery, and what a person must look at."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field, SQLModel, UniqueConstraint

from desk.database import document, moment


class Mode(StrEnum):
    """Who answers."""

    BOT = "bot"
    QUEUED = "queued"
    HUMAN = "human"
    CLOSED = "closed"


class Author(StrEnum):
    """Who wrote a message."""

    RESIDENT = "resident"
    BOT = "bot"
    STAFF = "staff"
    SYSTEM = "system"


class DeliveryState(StrEnum):
    """Where an outgoing message stands."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    WAITING = "waiting"  # until the resident comes for it, or the platform lets us speak again
    UNREACHABLE = "unreachable"
    FAILED = "failed"


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """A check that the database makes, whoever writes."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


class Conversation(SQLModel, table=True):
    """The one conversation of a resident on a channel."""

    __table_args__ = (one_of("mode", Mode),)

    id: int | None = Field(default=None, primary_key=True)
    resident_id: int = Field(foreign_key="resident.id", unique=True, ondelete="CASCADE")
    mode: str = Mode.BOT
    last_seq: int = 0
    owner: str | None = None
    queued_at: datetime | None = moment(nullable=True)
    heard_at: datetime | None = moment(nullable=True)
    created_at: datetime = moment(default_now=True)


class Message(SQLModel, table=True):
    """Something said in a conversation.

    `seq` numbers the messages of a conversation from 1, in the order they were stored. Inbound:
    `external_id` is unique within the channel; `answered_at` is set with the answer, or when a
    person answers instead. Outbound: `reply_to` is the message it answers and `part` its place
    among the answers, so that a turn done twice cannot answer twice.
    """

    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("channel", "external_id"),
        UniqueConstraint("reply_to", "part"),
        one_of("author", Author),
        Index(
            "message_unanswered",
            "conversation_id",
            "seq",
            postgresql_where=text("author = 'resident' AND answered_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger)
    conversation_id: int = Field(foreign_key="conversation.id", ondelete="CASCADE")
    seq: int
    author: str
    kind: str = "text"
    text: str = ""
    payload: dict[str, Any] = document()
    channel: str | None = None
    external_id: str | None = None
    reply_to: int | None = Field(
        default=None, foreign_key="message.id", ondelete="CASCADE", sa_type=BigInteger
    )
    part: int | None = None
    at: datetime = moment(default_now=True)
    reply_until: datetime | None = moment(nullable=True)
    answered_at: datetime | None = moment(nullable=True)


class Delivery(SQLModel, table=True):
    """How an outgoing message reaches the resident. `due_at`: not pushed before, because the
    platform's open callback may still carry it, or the last try failed."""

    __table_args__ = (
        one_of("state", DeliveryState),
        Index("delivery_sending", "via", postgresql_where=text("state = 'sending'")),
        Index(
            "delivery_open",
            "conversation_id",
            "message_id",
            postgresql_where=text("state IN ('pending', 'sending')"),
        ),
        Index(
            "delivery_waiting",
            "conversation_id",
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    message_id: int = Field(
        foreign_key="message.id", primary_key=True, ondelete="CASCADE", sa_type=BigInteger
    )
    conversation_id: int = Field(foreign_key="conversation.id", ondelete="CASCADE", index=True)
    state: str = DeliveryState.PENDING
    via: str | None = None
    attempts: int = 0
    reason: str = ""
    due_at: datetime | None = moment(nullable=True)
    updated_at: datetime = moment(default_now=True)


class Media(SQLModel, table=True):
    """A picture or recording that came with a message. Its file is named by `id` in the media
    folder; `path` is empty until it was fetched."""

    id: int | None = Field(default=None, primary_key=True)
    message_id: int = Field(
        foreign_key="message.id", unique=True, ondelete="CASCADE", sa_type=BigInteger
    )
    reference: str = ""
    path: str = ""
    content_type: str = ""
    size: int = 0
    reason: str = ""
    fetched_at: datetime | None = moment(nullable=True)


class Alert(SQLModel, table=True):
    """Something a person must look at now: danger to life, a wish for a human, a turn that fails."""

    __table_args__ = (UniqueConstraint("message_id", "kind"),)

    id: int | None = Field(default=None, primary_key=True)
    conversation_id: int = Field(foreign_key="conversation.id", ondelete="CASCADE")
    message_id: int | None = Field(
        default=None, foreign_key="message.id", ondelete="CASCADE", sa_type=BigInteger
    )
    kind: str
    detail: dict[str, Any] = document()
    at: datetime = moment(default_now=True)
    handled_at: datetime | None = moment(nullable=True)
    handled_by: str | None = None
