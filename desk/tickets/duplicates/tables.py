"""What tickets are compared by, kept for those that another can be joined to."""

from __future__ import annotations

from typing import Any

from sqlmodel import Field, SQLModel

from desk.database import document


class TicketMatter(SQLModel, table=True):
    """A ticket as it is compared (`score.Told`, as JSON), made once: of a candidate nothing is read
    again. Only tickets that another can be joined to have one."""

    __tablename__ = "ticket_matter"  # pyright: ignore[reportAssignmentType]

    ticket_id: int = Field(foreign_key="ticket.id", primary_key=True, ondelete="CASCADE")
    told: dict[str, Any] = document()


class TicketTerm(SQLModel, table=True):
    """Under what a ticket is found that might be the same as a new one. The key begins with the term:
    the newest tickets of a term are one short walk, however many there are."""

    __tablename__ = "ticket_term"  # pyright: ignore[reportAssignmentType]

    term: int = Field(primary_key=True)
    ticket_id: int = Field(
        foreign_key="ticket_matter.ticket_id", primary_key=True, ondelete="CASCADE", index=True
    )
