"""Tickets, their timeline and their deadlines."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Index, Text, text
from sqlmodel import Field, SQLModel, UniqueConstraint

from desk.city import Unit
from desk.database import moment


class Ticket(SQLModel, table=True):
    """A resident's matter in the hands of the city.

    `source_message_id` and `matter` make opening in a chat idempotent: the message that confirmed
    it, and its place among several matters in one go; `external_key` does it for what comes from
    elsewhere (`origin`), which has no resident here. `state` is one of the city's lifecycle.
    `department` handles it (主办), `assisting` help (协办). `main_id`: the ticket that it was joined
    to (并单), whose handling counts. `version` grows with every step.
    """

    __table_args__ = (
        UniqueConstraint("source_message_id", "matter"),
        CheckConstraint("number ~ '^YS[0-9]{12}(-[1-9][0-9]{0,3})?$'", name="number_form"),
        CheckConstraint("phone IS NULL OR phone ~ '^[0-9+-]{7,20}$'", name="phone_form"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="point_whole"),
        CheckConstraint("NOT (anonymous AND phone IS NOT NULL)", name="anonymous_has_no_phone"),
        CheckConstraint("urgency IN ('normal', 'urgent', 'critical')", name="urgency_known"),
        CheckConstraint("main_id <> id", name="not_joined_to_itself"),
        # Newest first, of all and of one state, body or topic; by words, and by the end of a phone
        # number. See `listing.py`.
        Index("ix_ticket_newest", "created_at", "id"),
        Index("ix_ticket_state", "state", "created_at", "id"),
        Index("ix_ticket_department", "department", "created_at", "id"),
        Index("ix_ticket_topic", text('"left"(topic, 4)'), "created_at", "id"),
        Index("ix_ticket_phone", text('"right"(phone, 4)'), "created_at", "id"),
        Index(
            "ix_ticket_said",
            text("text_pairs(description, place)"),
            postgresql_using="gin",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True)
    origin: str = "chat"
    external_key: str | None = Field(default=None, unique=True)
    resident_id: int | None = Field(default=None, foreign_key="resident.id", index=True)
    source_message_id: int | None = Field(
        default=None, foreign_key="message.id", sa_type=BigInteger
    )
    matter: int = 0
    type: str
    urgency: str = "normal"
    topic: str = ""
    description: str
    place: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    datum: str | None = None
    phone: str | None = None
    confidential: bool = False
    anonymous: bool = False
    department: str | None = None
    assisting: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))  # pyright: ignore[reportArgumentType]
    main_id: int | None = Field(default=None, foreign_key="ticket.id", index=True)
    state: str
    version: int = 1
    model: str = ""
    created_at: datetime = moment(default_now=True)
    updated_at: datetime = moment(default_now=True)


class TicketEvent(SQLModel, table=True):
    """One step of a ticket's handling. Rows are only added; the newest names the state.

    `key` makes a step idempotent: the same key on the same ticket is the same step. `department` is
    whose the ticket is after the step, `urgency` and `until` what the step gave it.
    """

    __tablename__ = "ticket_event"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("ticket_id", "seq"),
        UniqueConstraint("ticket_id", "key"),
        # For the counts of a period.
        Index(
            "ix_ticket_event_counted",
            "action",
            "at",
            postgresql_where=text(
                "action IN ('assign', 'reassign', 'resolve', 'resolve_joined', 'answer')"
            ),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", ondelete="CASCADE")
    seq: int
    key: str | None = None
    action: str
    from_state: str | None = None
    to_state: str
    actor: str
    role: str
    department: str | None = None
    urgency: str | None = None
    until: datetime | None = moment(nullable=True)
    note: str = ""
    told: str = ""
    at: datetime = moment(default_now=True)


class Card(StrEnum):
    """What a deadline has been marked with: 黄牌 when most of its time is over, 红牌 when all is."""

    YELLOW = "yellow"
    RED = "red"


class TicketDeadline(SQLModel, table=True):
    """Until when a stage of a ticket has to be done; `round` 2 is the first one anew (重办).

    `rule` of the city's `rules` (with version) gave it `amount` of `unit`, at most `longest` of them
    with extensions; the holidays were those of `calendar`, and `provisional` tells that a year's were
    not known. It began at `started_at` with the step `since_seq`, is over at `due_at` (aware, UTC),
    without extensions at `reckoned_at`, and gets its yellow card at `warn_at`; all three move with
    every pause. `mark_at`: when the next card is due. `dropped_at`: the ticket ended without it.
    """

    __tablename__ = "ticket_deadline"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("ticket_id", "stage", "round"),
        CheckConstraint("card IN ('yellow', 'red')", name="card_known"),
        CheckConstraint("due_at >= reckoned_at", name="never_shortened"),
        Index("ix_ticket_deadline_mark", "mark_at", postgresql_where=text("mark_at IS NOT NULL")),
        Index(
            "ix_ticket_deadline_running",
            "due_at",
            postgresql_where=text("met_at IS NULL AND dropped_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", ondelete="CASCADE")
    stage: str
    round: int = 1
    rule: str = ""
    rules: str = ""
    amount: int = 0
    unit: str = Unit.HOURS
    same_day: bool = False
    longest: int | None = None
    calendar: str = ""
    provisional: bool = False
    since_seq: int = 0
    started_at: datetime = moment()
    warn_at: datetime = moment()
    reckoned_at: datetime = moment()
    due_at: datetime = moment()
    mark_at: datetime | None = moment(nullable=True)
    card: str | None = None
    paused_at: datetime | None = moment(nullable=True)
    requested_at: datetime | None = moment(nullable=True)
    met_at: datetime | None = moment(nullable=True)
    dropped_at: datetime | None = moment(nullable=True)

    @property
    def running(self) -> bool:
        """Whether it still has to be met."""
        return self.met_at is None and self.dropped_at is None


class TicketMessage(SQLModel, table=True):
    """A message that is part of a ticket: its words, or the picture it carries."""

    __tablename__ = "ticket_message"  # pyright: ignore[reportAssignmentType]

    ticket_id: int = Field(foreign_key="ticket.id", primary_key=True, ondelete="CASCADE")
    message_id: int = Field(
        foreign_key="message.id", primary_key=True, ondelete="CASCADE", sa_type=BigInteger
    )


class TicketCounter(SQLModel, table=True):
    """The running number of a `day` in the city's zone, or of the tickets opened into a main one, whose
    number is then the `day`."""

    __tablename__ = "ticket_counter"  # pyright: ignore[reportAssignmentType]

    day: str = Field(primary_key=True)
    last: int = 0
