"""A text with its places taken out: what is said, whatever street it is said of.

“陕西南路123弄5号漏水” and “陕西南路123弄5号” are alike but for their ends; without the place one is a report
and the other an answer to “where?”.
"""

from __future__ import annotations

from collections.abc import Sequence

Span = tuple[int, int]

#: Stands for a place. No normalised text contains this character by itself.
MARK = "\x04"


def without_places(
    text: str, words: Sequence[tuple[str, int, int]], places: Sequence[Span]
) -> tuple[str, list[str]]:
    """The text and its words, each place in them replaced by `MARK`. A word that reaches into a place keeps
    what is outside of it."""
    if not places:
        return text, [word for word, _, _ in words]
    ordered = sorted(places)
    parts: list[str] = []
    position = 0
    for start, end in ordered:
        parts += [text[position:start], MARK]
        position = max(position, end)
    parts.append(text[position:])

    kept: list[str] = []
    pending = list(ordered)
    for _, start, end in words:
        at = start
        for place_start, place_end in ordered:
            if place_end <= at or place_start >= end:
                continue
            if at < place_start:
                kept.append(text[at:place_start])
            if (place_start, place_end) in pending:
                pending.remove((place_start, place_end))
                kept.append(MARK)
            at = min(end, place_end)
        if at < end:
            kept.append(text[at:end])
    return "".join(parts), kept
