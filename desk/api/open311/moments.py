"""Moments as the W3C note writes them (https://www.w3.org/TR/NOTE-datetime)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
# An address that was not escaped has a blank for its plus.
_LOST_PLUS = re.compile(r" (?=\d\d:\d\d$)")


def w3c(text: str, zone: ZoneInfo) -> datetime:
    """The moment, in UTC. A day alone is its beginning in the city's zone; a time needs its zone.

    Raises ValueError."""
    try:
        moment = datetime.fromisoformat(_LOST_PLUS.sub("+", text))
        if _DAY.fullmatch(text):
            moment = moment.replace(tzinfo=zone)
        if moment.tzinfo is None:
            raise ValueError("a time without a zone")
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("out of range") from error
