"""Numbers a resident writes: telephone, identity card, ticket.

All are looked for in normalised text (full-width digits are already plain) and need no blank around
them: Python's word boundary never lies between a Chinese character and a digit, so the patterns look at
digits alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class Found(NamedTuple):
    """A number in a text: its kind, its canonical spelling, and its span."""

    kind: str
    value: str
    start: int
    end: int


_NOT_AFTER_DIGIT = r"(?<![0-9])"
_NOT_BEFORE_DIGIT = r"(?![0-9])"
_GAP = r"[ \-]?"

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    # YS, date, serial with check digit; people put blanks or dashes in, or write ys.
    ("ticket_number", re.compile(rf"(?<![a-z0-9])ys{_GAP}(?:[0-9]{_GAP}){{11}}[0-9]{_NOT_BEFORE_DIGIT}")),
    # GB 11643: 17 digits and a check character; checked below.
    ("id_number", re.compile(rf"{_NOT_AFTER_DIGIT}[1-9][0-9]{{16}}[0-9x](?![0-9a-z])")),
    # Mobile: 11 digits beginning 13–19, often written 3-4-4, sometimes with +86.
    (
        "phone",
        re.compile(
            rf"{_NOT_AFTER_DIGIT}(?:(?:\+|00)?86{_GAP})?1[3-9][0-9]{_GAP}"
            rf"[0-9]{{4}}{_GAP}[0-9]{{4}}{_NOT_BEFORE_DIGIT}"
        ),
    ),
    # Landline: area code 0xx(x), 7 or 8 digits, perhaps an extension.
    (
        "phone",
        re.compile(
            rf"{_NOT_AFTER_DIGIT}\(?0[1-9][0-9]{{1,2}}\)?{_GAP}[2-9][0-9]{{6,7}}"
            rf"(?:(?:-|转)[0-9]{{1,5}})?{_NOT_BEFORE_DIGIT}"
        ),
    ),
)  # fmt: skip

#: GB 11643-1999: weights of the 17 digits, and the check character of each remainder modulo 11.
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10x98765432"


def find_numbers(text: str) -> list[Found]:
    """All numbers in a normalised text, in order, none inside another."""
    taken: list[Found] = []
    for found in _candidates(text):
        if all(found.end <= other.start or found.start >= other.end for other in taken):
            taken.append(found)
    return sorted(taken, key=lambda found: found.start)


def _candidates(text: str) -> Iterator[Found]:
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            written = match.group()
            if kind == "id_number" and not is_identity_number(written):
                continue
            yield Found(kind, _canonical(kind, written), match.start(), match.end())


def _canonical(kind: str, written: str) -> str:
    if kind == "phone":
        digits = re.sub(r"[^0-9转\-]", "", written)
        mobile = re.fullmatch(r"(?:00)?(?:86)?(1[3-9][0-9]{9})", digits.replace("-", ""))
        return mobile[1] if mobile else digits.replace("转", "-")
    return re.sub(r"[ \-]", "", written).upper()


def is_identity_number(written: str) -> bool:
    """Whether the check character of an 18-character identity number is right (GB 11643)."""
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, written, strict=False))
    return _ID_CHECKS[total % 11] == written[17].lower()
