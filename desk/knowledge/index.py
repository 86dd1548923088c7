"""Finding the entry that answers a question.

Texts are compared by the cosine of their TF-IDF vectors over words, characters and pairs of
characters: words carry the meaning, characters forgive typos, abbreviations and words that the
dictionary does not know. An entry is one vector of all its ways of asking and, counting less, its
answer. The one way of asking that is nearest to the question counts a little on top, so that a
question asked word for word finds its own entry among similar ones. The constants were chosen by
measurement, see docs/faq-retrieval.md.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import jieba

# What a question consists of besides its matter; it must not make two questions alike.
_FILLER = re.compile(
    r"请问一下|请问|想问一下|想问|问一下|咨询一下|咨询|你好|您好|麻烦|谢谢|我想知道|知道|一下|"
    r"怎么样|怎么|怎样|如何|什么|哪里|哪儿|哪些|多少|是不是|能不能|可不可以|可以|需要|应该|"
    r"我们|我|你们|你|的|了|吗|呢|啊|呀|吧|嘛"
)
_SPLIT = re.compile(r"[^\w]+")

# What a word in the answer counts, against one in a way of asking.
_ANSWER = 0.4
# The share of the nearest way of asking in the score; the rest is the whole entry's.
_NEAREST_WAY = 0.1
# How much a long entry is held back: 1 is the cosine, 0 not at all. The cosine is too hard on
# entries with a long answer.
_LENGTH = 0.7
# The ways of asking are looked at for this many more entries than are wanted.
_SPARE = 10


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer and the ways of asking for it."""

    id: str
    topic: str
    question: str
    variants: tuple[str, ...]
    answer: str
    source: str
    updated: str


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry and how near the question is to it, 0 to 1."""

    entry: Entry
    score: float


@lru_cache(maxsize=1)
def _segmenter() -> jieba.Tokenizer:
    """A segmenter of our own: jieba's default one is shared by the whole process."""
    segmenter = jieba.Tokenizer()
    segmenter.initialize()
    return segmenter


def features(text: str) -> Counter[str]:
    """The words, characters and pairs of characters of a text, without filler."""
    counts: Counter[str] = Counter()
    for run in _SPLIT.split(_FILLER.sub(" ", text.lower())):
        counts.update(_segmenter().cut(run))
        counts.update(run)
        counts.update(run[i : i + 2] for i in range(len(run) - 1))
    return counts


class Index:
    """Entries, ready to be asked. Not changed after it is made: make a new one from new entries."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        ways = [[features(way) for way in (entry.question, *entry.variants)] for entry in entries]
        answers = [features(entry.answer) for entry in entries]
        seen = Counter(
            feature
            for known, answer in zip(ways, answers, strict=True)
            for feature in set(answer).union(*known)
        )
        self._entries = entries
        self._idf = {feature: math.log(1 + len(entries) / n) for feature, n in seen.items()}
        self._rare = math.log(1 + len(entries))
        self._ways = [[_unit(self._weighted(way)) for way in known] for known in ways]
        wholes = [
            self._whole(sum(known, Counter[str]()), answer)
            for known, answer in zip(ways, answers, strict=True)
        ]
        lengths = [_length(whole) for whole in wholes]
        usual = sum(lengths) / (len(lengths) or 1)
        self._postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for position, (whole, length) in enumerate(zip(wholes, lengths, strict=True)):
            scale = length**_LENGTH * usual ** (1 - _LENGTH)
            for feature, weight in whole.items():
                self._postings[feature].append((position, weight / scale))

    def search(self, question: str, limit: int = 3) -> list[Hit]:
        """The nearest entries, best first. A question without matter finds nothing."""
        asked = _unit(self._weighted(features(question)))
        nearness: defaultdict[int, float] = defaultdict(float)
        for feature, weight in asked.items():
            for position, other in self._postings.get(feature, ()):
                nearness[position] += weight * other
        near = sorted(nearness, key=lambda position: -nearness[position])[: limit + _SPARE]
        scores = {
            position: (1 - _NEAREST_WAY) * min(1.0, nearness[position])
            + _NEAREST_WAY * max(_product(way, asked) for way in self._ways[position])
            for position in near
        }
        best = sorted(scores, key=lambda position: (-scores[position], position))[:limit]
        return [Hit(self._entries[position], scores[position]) for position in best]

    def _weighted(self, counts: Mapping[str, int]) -> dict[str, float]:
        return {f: _often(n) * self._idf.get(f, self._rare) for f, n in counts.items()}

    def _whole(self, asked: Counter[str], answer: Counter[str]) -> dict[str, float]:
        return {
            f: (_often(asked[f]) + _ANSWER * _often(answer[f])) * self._idf[f]
            for f in asked | answer
        }


def _often(count: int) -> float:
    """How much a repeated word counts: the tenth time adds little to the ninth."""
    return 1 + math.log(count) if count else 0.0


def _length(vector: Mapping[str, float]) -> float:
    return math.sqrt(sum(weight * weight for weight in vector.values())) or 1.0


def _unit(vector: dict[str, float]) -> dict[str, float]:
    length = _length(vector)
    return {feature: weight / length for feature, weight in vector.items()}


def _product(short: Mapping[str, float], long: Mapping[str, float]) -> float:
    return sum(weight * long.get(feature, 0.0) for feature, weight in short.items())
