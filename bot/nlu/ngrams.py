"""What the linear models look at: runs of characters and of words, and how clauses begin and end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

#: Marks of the text's two ends, so that “吗” at the end is another feature than “吗” inside.
BEGIN, END = "\x02", "\x03"

#: Between the words of a word feature; no normalised text contains it.
_JOINT = "\x1f"

_DIGIT = re.compile(r"[0-9]")
_CLAUSE_END = frozenset("。！？!?；;，, ")
_ASKS = re.compile(r"[?？]|吗|呢|请问|是否|如何|怎么|什么|哪")

#: Words at the beginning of the first and the end of the last clause that get features of their own.
_EDGE_WORDS = 3


def character_pairs(text: str) -> list[str]:
    """Every pair of neighbouring characters, the text's ends included. Digits all look alike."""
    return list(map("".join, pairwise(f"{BEGIN}{_DIGIT.sub('0', text)}{END}")))


def word_features(words: Sequence[str]) -> list[str]:
    """Every word and pair of words. Digits all look alike: no house number tells what is wanted."""
    kept = [_DIGIT.sub("0", word) for word in words if word != " "]
    singles = [_JOINT + word for word in kept]
    return singles + [f"{_JOINT}{first}{_JOINT}{second}" for first, second in pairwise(kept)]


def edge_features(text: str, words: Sequence[str]) -> list[str]:
    """The words of the first and the last clause (a story has its request at the end, a title at the
    beginning), whether something is asked, and the length."""
    clauses: list[list[str]] = [[]]
    for word in words:
        if word in _CLAUSE_END:
            clauses.append([])
        else:
            clauses[-1].append(_DIGIT.sub("0", word))
    said = [clause for clause in clauses if clause]
    if not said:
        return []
    edges = [f"{_JOINT}first{_JOINT}{word}" for word in said[0]]
    edges += [f"{_JOINT}last{_JOINT}{word}" for word in said[-1]]
    edges += [f"{_JOINT}begin{_JOINT}{word}" for word in said[0][:_EDGE_WORDS]]
    edges += [f"{_JOINT}title{_JOINT}{word}" for word in said[0][-_EDGE_WORDS:]]
    edges.append(f"{_JOINT}length{_JOINT}{min(6, len(text).bit_length())}")
    if _ASKS.search(text):
        edges.append(f"{_JOINT}asks{_JOINT}")
    return edges
