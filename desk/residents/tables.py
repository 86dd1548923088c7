"""Who writes to the city: one row for each account on a channel."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from desk.database import moment


class Resident(SQLModel, table=True):
    """A resident as a channel knows them. `account` is the platform's id (openid, chat id) and is
    needed to answer; it is never shown nor logged."""

    __table_args__ = (UniqueConstraint("channel", "account"),)

    id: int | None = Field(default=None, primary_key=True)
    channel: str
    account: str
    reachable: bool = True
    notice_version: str | None = None
    notice_at: datetime | None = moment(nullable=True)
    created_at: datetime = moment(default_now=True)


class ChatSession(SQLModel, table=True):
    """A web chat session. Only the SHA-256 of its token is kept."""

    __tablename__ = "chat_session"  # pyright: ignore[reportAssignmentType]

    token_hash: str = Field(primary_key=True)
    resident_id: int = Field(foreign_key="resident.id", ondelete="CASCADE", index=True)
    created_at: datetime = moment(default_now=True)
    used_at: datetime = moment(default_now=True)
