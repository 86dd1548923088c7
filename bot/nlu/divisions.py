"""Provinces, cities, districts and counties of the whole country, also made anonymous (A市, B3县)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.nlu.gazetteer import Gazetteer

Span = tuple[int, int]

#: Published messages hide their city behind letters; residents do it as well.
_ANONYMOUS = re.compile(r"(?<![a-z0-9])[a-z][0-9]{0,2}[市区县](?!市)")

#: A name with its kind is one wherever a word begins: “西地省直机关” is cut “西地|省直机关”.
_FULL_NAME = re.compile(r".{2,}[省市区县州盟旗]")


class Divisions:
    """The names of all divisions, found in texts that nobody annotated."""

    def __init__(self, names: Iterable[str]) -> None:
        self._gazetteer = Gazetteer(names)
        self.names = self._gazetteer.names

    def mentions(self, text: str) -> list[Span]:
        """Spans of the names in a normalised text, whether or not they are meant."""
        return self._gazetteer.find(text)

    def find(
        self, text: str, mentions: Sequence[Span], words: Sequence[tuple[str, int, int]]
    ) -> list[Span]:
        """Of `mentions` those that are words of their own, and the anonymous ones, in order."""
        starts, ends = {start for _, start, _ in words}, {end for _, _, end in words}
        named = [
            (start, end)
            for start, end in mentions
            if start in starts and (end in ends or _FULL_NAME.fullmatch(text, start, end))
        ]
        return sorted([*named, *(match.span() for match in _ANONYMOUS.finditer(text))])
