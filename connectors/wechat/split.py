"""Long texts in parts that the platform takes, cut where a reader would pause."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

import regex

TEXT_BYTES = 2047
"""The longest text, in bytes of UTF-8. The documentation says 2048; at exactly 2048 residents saw
the fault notice instead (dodgepudding/wechat-php-sdk#363)."""

SMALLEST_LIMIT = 64
"""Below this a part would have no room beside its number."""

_LINK = r"""https?://[^\s<>"'，。；：！？、（）【】《》“”‘’「」…]+"""
_PHONE = r"[+(（]?\d[\d\-\ ()（）]*\d"
_ASCII_RUN = r"[!-~]+"  # ticket numbers, bare domains, mail addresses, English words
# What must stay whole, strictest first. The second is for a text without a pause after a link: the
# link then seems to reach to the end of the text.
_WHOLE = (
    regex.compile(rf"{_LINK}|{_PHONE}|{_ASCII_RUN}"),
    regex.compile(_ASCII_RUN),
)
_CHARACTER = regex.compile(r"\X")
# Where to cut, best first: after a paragraph, a sentence, a clause.
_PAUSES = (
    regex.compile(r"\n+"),
    regex.compile(r"""[。！？；…!?]+[”’」』）】》"')\]]*"""),
    regex.compile(r"[，、：,\s]+"),
)


def split_text(text: str, limit: int = TEXT_BYTES) -> list[str]:
    """`text` in parts of at most `limit` bytes of UTF-8 (at least 64), numbered （1/3） when there
    are several; none for a blank text.

    Never cuts inside a character as readers see it (an emoji family, a flag), a link, a phone or
    a ticket number, unless that alone is longer than a part. Only white space at a cut is dropped.
    """
    if limit < SMALLEST_LIMIT:
        raise ValueError(f"a part needs at least {SMALLEST_LIMIT} bytes")
    text = text.strip()
    if len(text.encode()) <= limit:
        return [text] if text else []
    digits = 1
    while True:
        room = limit - len("（/）".encode()) - 2 * digits
        bodies = [body for part in _cut(text, room) if (body := part.strip())]
        if len(bodies) < 10**digits:
            return [f"（{n}/{len(bodies)}）{body}" for n, body in enumerate(bodies, 1)]
        digits += 1


def _cut(text: str, room: int) -> Iterator[str]:
    sizes = list(accumulate((len(character.encode()) for character in text), initial=0))
    characters = [match.end() for match in _CHARACTER.finditer(text)]
    allowed = [*(_outside(pattern, text, characters) for pattern in _WHOLE), characters]
    wanted = [{match.end() for match in pause.finditer(text)} for pause in _PAUSES]
    start = 0
    while start < len(text):
        reach = bisect_right(sizes, sizes[start] + room) - 1
        cut = reach if reach == len(text) else _best(allowed, wanted, start, reach)
        yield text[start:cut]
        start = cut


def _best(allowed: list[list[int]], wanted: list[set[int]], start: int, reach: int) -> int:
    """The best place in (start, reach] to cut; a pause counts when it leaves the part half full."""
    for places in allowed:
        within = places[bisect_right(places, start) : bisect_right(places, reach)]
        if not within:
            continue
        middle = (start + reach) // 2
        late = [place for place in reversed(within) if place > middle]
        for pauses in wanted:
            for place in late:
                if place in pauses:
                    return place
        return within[-1]
    return reach  # one character as readers see it that is longer than a part


def _outside(whole: regex.Pattern[str], text: str, characters: list[int]) -> list[int]:
    """The ends of characters that do not lie inside a match of `whole`."""
    places: list[int] = []
    matches = whole.finditer(text)
    current = next(matches, None)
    for end in characters:
        while current and current.end() <= end:
            current = next(matches, None)
        if not (current and current.start() < end):
            places.append(end)
    return places
