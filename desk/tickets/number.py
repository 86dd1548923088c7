"""Ticket numbers: `YS`, the day as yyMMdd, five running digits and a check digit.

The check digit is ISO 7064 MOD 11,10 over the eleven digits before it: it finds every single wrong
digit and nearly every swap of neighbours, so a misheard number is told from an unknown one. A number
is no secret: it never opens a ticket to someone it does not belong to.

A ticket that is opened into another one (并单) has that one's number with a dash and its place among
those: YS261125000017-2.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

PREFIX = "YS"
PER_DAY = 99_999
JOINED_MOST = 9_999
_FORM = re.compile(r"(?:YS)?\s*([0-9]{12})(?:\s*[-‐–—之]\s*([1-9][0-9]{0,3}))?", re.IGNORECASE)


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


def joined_number(main: str, place: int) -> str:
    """The number of the `place`-th ticket (from 1) opened into the ticket `main`. Raises ValueError
    beyond JOINED_MOST, and when `main` was itself opened into another one."""
    if not 1 <= place <= JOINED_MOST or "-" in main:
        raise ValueError(f"at most {JOINED_MOST} tickets are opened into one, and none into those")
    return f"{main}-{place}"


def parse_ticket_number(text: str) -> str | None:
    """The number as it is stored, from how a person writes it (lower case, full width, blanks, no
    prefix); None when it cannot be one."""
    found = _FORM.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return None
    digits, place = found[1], found[2]
    if check_digit(digits[:-1]) != digits[-1]:
        return None
    return PREFIX + digits + (f"-{place}" if place else "")
