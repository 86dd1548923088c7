"""The city's own place names: which of them stand in a text, the longest at each position."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

#: A name of one character would be found in every sentence.
_SHORTEST_NAME = 2


class Gazetteer:
    """Names looked up by their first two characters, so that a text is read once."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = sorted({name for name in names if len(name) >= _SHORTEST_NAME})
        self._by_head: dict[str, list[str]] = {}
        for name in sorted(self.names, key=len, reverse=True):
            self._by_head.setdefault(name[:2], []).append(name)

    def find(self, text: str) -> list[tuple[int, int]]:
        """Spans of the names in `text`, in order, not overlapping, the longest first."""
        spans: list[tuple[int, int]] = []
        reached = 0
        for start, head in enumerate(map("".join, pairwise(text))):
            if head in self._by_head and start >= reached:
                for name in self._by_head[head]:
                    if text.startswith(name, start):
                        reached = start + len(name)
                        spans.append((start, reached))
                        break
        return spans


def read_places(path: Path) -> list[str]:
    """Names and aliases of a city's `places.yml` (a list of `{name, kind, parent, aliases}`).

    Raises:
        ValueError: an entry has no name; the message says which.

    """
    content: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or {}
    places = content.get("places", []) if isinstance(content, dict) else content
    names: list[str] = []
    for number, place in enumerate(places, start=1):
        if not isinstance(place, dict) or not place.get("name"):
            raise ValueError(f"{path}: place {number} has no name")
        names.append(str(place["name"]))
        names.extend(str(alias) for alias in place.get("aliases") or [])
    return names
