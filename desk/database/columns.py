"""Column kinds that every table shares."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.mutable import MutableDict
from sqlmodel import Field


def now() -> datetime:
    """The present moment, aware, in UTC: the only kind of time that is stored."""
    return datetime.now(UTC)


def moment(*, default_now: bool = False, nullable: bool = False, index: bool = False) -> Any:
    """A point in time, stored with its zone."""
    column: dict[str, Any] = {
        "sa_type": DateTime(timezone=True),
        "nullable": nullable,
        "index": index,
    }
    if default_now:
        return Field(default_factory=now, **column)
    return Field(default=None, **column) if nullable else Field(**column)


def document() -> Any:
    """A JSON object. Setting a key of the loaded value is noticed and saved."""
    return Field(default_factory=dict, sa_type=MutableDict.as_mutable(JSONB()), nullable=False)
