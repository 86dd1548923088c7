"""What the linear models look at: runs of characters and of words."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

CHARACTER_ORDERS = (1, 2, 3, 4)

#: Marks of the text's two ends, so that “吗” at the end is another feature than “吗” inside.
BEGIN, END = "\x02", "\x03"

#: Between the words of a word feature; no normalised text contains it.
_JOINT = "\x1f"


def character_ngrams(text: str) -> list[str]:
    """All runs of 1 to 4 characters of `text`, its ends marked."""
    marked = f"{BEGIN}{text}{END}"
    return [
        marked[start : start + order]
        for order in CHARACTER_ORDERS
        for start in range(len(marked) - order + 1)
    ]


def word_ngrams(words: Sequence[str]) -> list[str]:
    """Words and pairs of neighbouring words, told apart from character runs by a leading mark."""
    kept = [word for word in words if word != " "]
    singles = [_JOINT + word for word in kept]
    pairs = [f"{_JOINT}{first}{_JOINT}{second}" for first, second in itertools.pairwise(kept)]
    return singles + pairs


def features(text: str, words: Sequence[str]) -> list[str]:
    """Every feature of a normalised text and its segmentation, with repetitions."""
    return character_ngrams(text) + word_ngrams(words)
