"""What is sent to a city's platform, under which number it is known there, and what it tells us."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field, SQLModel, UniqueConstraint

from desk.database import moment


class SendState(StrEnum):
    """Where a sending stands. `parked`: refused for good, a person must look; `skipped`: the platform
    takes no such thing."""

    UNPROCESSED = "unprocessed"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    PARKED = "parked"
    SKIPPED = "skipped"


class Sending(SQLModel, table=True):
    """One thing that the platform has to learn: a ticket, or a step on it (`event_id`).

    Written in the transaction of what it tells, so that neither is without the other. `key` is the
    platform's idempotency key. `uncertain`: an attempt got no answer and may have been accepted.
    `due_at`: when the next attempt may be made; None when there is none.
    """

    __table_args__ = (
        CheckConstraint(
            "state IN ('unprocessed', 'sending', 'sent', 'failed', 'parked', 'skipped')",
            name="state_known",
        ),
        Index("sending_open", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True, ondelete="CASCADE")
    event_id: int | None = Field(default=None, foreign_key="ticket_event.id", ondelete="CASCADE")
    key: str = Field(unique=True)
    state: str = SendState.UNPROCESSED
    uncertain: bool = False
    attempts: int = 0
    reason: str = ""
    created_at: datetime = moment(default_now=True)
    due_at: datetime | None = moment(nullable=True)
    tried_at: datetime | None = moment(nullable=True)
    sent_at: datetime | None = moment(nullable=True)


class TicketLink(SQLModel, table=True):
    """Under which number a ticket is known at the platform.

    `token` stands for it until the platform has made one. Several tickets may have one number there:
    some platforms join what is the same to them. `seen` is a digest of what it showed last.
    """

    __tablename__ = "ticket_link"  # pyright: ignore[reportAssignmentType]
    ticket_id: int = Field(foreign_key="ticket.id", primary_key=True, ondelete="CASCADE")
    backend: str
    external_id: str | None = Field(default=None, index=True)
    token: str | None = None
    seen: str = ""
    linked_at: datetime = moment(default_now=True)


class UpdateOutcome(StrEnum):
    """What became of an update. `late`: something newer had been taken before it."""

    RECEIVED = "received"
    APPLIED = "applied"
    LATE = "late"
    REFUSED = "refused"


class BackendUpdate(SQLModel, table=True):
    """What the platform told about a ticket, stored before it is acted upon.

    `event_id` makes it idempotent: the same one twice is one row. `at` is the platform's time.
    """

    __tablename__ = "backend_update"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("ticket_id", "event_id"),
        CheckConstraint(
            "outcome IN ('received', 'applied', 'late', 'refused')", name="outcome_known"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", ondelete="CASCADE")
    backend: str
    event_id: str
    action: str
    note: str = ""
    department: str | None = None
    sequence: int | None = Field(default=None, sa_type=BigInteger)
    at: datetime = moment()
    outcome: str = UpdateOutcome.RECEIVED
    reason: str = ""
    received_at: datetime = moment(default_now=True)


class BackendCursor(SQLModel, table=True):
    """How far a platform was asked for news, and when it is asked next."""

    __tablename__ = "backend_cursor"  # pyright: ignore[reportAssignmentType]

    backend: str = Field(primary_key=True)
    seen_until: datetime = moment()
    due_at: datetime = moment()
