"""Reviews of how tickets were handled."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import CheckConstraint, Field, SQLModel, UniqueConstraint

from desk.database import moment


class TicketReview(SQLModel, table=True):
    """What the resident said of one handling of a ticket (回访). `round`: 1 for the first, one more
    with each 重办. No row: not reviewed, which is never counted as satisfied.

    `department` handled it then. `source`: `chat`, or `staff` who asked and wrote it down.
    """

    __tablename__ = "ticket_review"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("ticket_id", "round"),
        CheckConstraint("satisfaction BETWEEN 1 AND 5", name="satisfaction_level"),
    )

    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", ondelete="CASCADE")
    round: int
    department: str | None = None
    contacted: bool | None = None
    solved: bool | None = None
    satisfaction: int | None = None
    comment: str = ""
    given_by: str
    source: str
    at: datetime = moment(default_now=True, index=True)
