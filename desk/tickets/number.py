"""Ticket numbers: `YS`, the day as yyMMdd, five running digits and a check digit.

The check digit is ISO 7064 MOD 11,10 over the eleven digits before it: it finds every single wrong
digit and nearly every swap of neighbours, so a misheard number is told from an unknown one. A number
is no secret: it never opens a ticket to someone it does not belong to.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

PREFIX = "YS"
PER_DAY = 99_999
_FORM = re.compile(r"(?:YS)?\s*([0-9]{12})", re.IGNORECASE)


def check_digit(digits: str) -> str:
    """The ISO 7064 MOD 11,10 check digit of a string of digits."""
    rest = 10
    for digit in digits:
        rest = (rest + int(digit)) % 10 or 10
        rest = rest * 2 % 11
    return str((11 - rest) % 10)


def ticket_number(day: date, running: int) -> str:
    """The number of the `running`-th ticket (from 1) of a day. Raises ValueError beyond PER_DAY."""
    if not 1 <= running <= PER_DAY:
        raise ValueError(f"a day has at most {PER_DAY} numbers")
    digits = f"{day:%y%m%d}{running:05d}"
    return f"{PREFIX}{digits}{check_digit(digits)}"


def parse_ticket_number(text: str) -> str | None:
    """The number as it is stored, from how a person writes it (lower case, full width, blanks, no
    prefix); None when it cannot be one."""
    found = _FORM.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return None
    digits = found[1]
    return PREFIX + digits if check_digit(digits[:-1]) == digits[-1] else None
