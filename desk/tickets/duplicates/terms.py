"""Under what a matter is filed and looked up: its places, its point, and a few of its words.

Which words is left to chance, the same for all (min-hash): of two texts that share a third of their
pairs, one of sixteen draws meets with near certainty. Terms only find candidates; the score decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

from desk.tickets.duplicates.score import Told

# So many draws from the whole text, and from its beginning.
DRAWS = 8
# What a term in common says: a place more than a word.
PLACE_WEIGHT, WORD_WEIGHT = 3, 1
# Cells of a thousandth of a degree, about 100 m: what is within `score.WITHIN` is in this cell or
# one beside it.
_CELL = 1000
# Each draw orders the hashes of the pairs by another mask. Any numbers with mixed bits do.
_MASKS = tuple(crc32(b"draw %d" % draw) for draw in range(2 * DRAWS))


def filed_under(told: Told) -> set[int]:
    """The terms of a matter that may be found again."""
    return {*_places(told), *_words(told), *_cells(told, around=0)}


def looked_up(told: Told) -> dict[int, int]:
    """The terms by which to find matters like this one, with their weight."""
    places = {*_places(told), *_cells(told, around=1)}
    return dict.fromkeys(_words(told), WORD_WEIGHT) | dict.fromkeys(places, PLACE_WEIGHT)


def _places(told: Told) -> Iterator[int]:
    """Each name alone, for when the topic was misjudged, and with the topic, for busy places."""
    for name in (*told.where.spots, *told.where.roads):
        yield _term(f"place {name}")
        yield _term(f"place {name} {told.topic[:4]}")


def _words(told: Told) -> Iterator[int]:
    for words, masks in ((told.words, _MASKS[:DRAWS]), (told.opening, _MASKS[DRAWS:])):
        hashes = [crc32(f"word {pair}".encode()) for pair in words]
        for mask in masks if hashes else ():
            yield _signed(min(hashes, key=lambda value: value ^ mask))


def _cells(told: Told, *, around: int) -> Iterator[int]:
    if told.where.point is None:
        return
    north, east = (int(degrees * _CELL // 1) for degrees in told.where.point)
    for up in range(-around, around + 1):
        for right in range(-around, around + 1):
            yield _term(f"cell {north + up} {east + right}")


def _term(text: str) -> int:
    return _signed(crc32(text.encode()))


def _signed(value: int) -> int:
    """A hash of 32 bits as PostgreSQL's integer."""
    return value - (1 << 32) if value >= 1 << 31 else value
