"""Finding the entry that answers a question.

Each entry is known by several ways of asking. A question and a way of asking are compared by the
cosine of their TF-IDF vectors over words and pairs of characters: words carry the meaning, pairs
forgive typos and words the dictionary does not know. The best way of asking counts for its entry.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import jieba

# What a question consists of besides its matter; it must not make two questions alike.
_FILLER = re.compile(
    r"请问一下|请问|想问一下|想问|问一下|咨询一下|咨询|你好|您好|麻烦|谢谢|我想知道|知道|一下|"
    r"怎么样|怎么|怎样|如何|什么|哪里|哪儿|哪些|多少|是不是|能不能|可不可以|可以|需要|应该|"
    r"我们|我|你们|你|的|了|吗|呢|啊|呀|吧|嘛|要|在|去|有|是"
)
_SPLIT = re.compile(r"[^\w]+")


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
    """The words and character pairs of a text, without filler."""
    plain = _FILLER.sub(" ", text.lower())
    counts: Counter[str] = Counter()
    for run in _SPLIT.split(plain):
        counts.update(word for word in _segmenter().cut(run) if len(word) > 1 or word.isdigit())
        counts.update(run[i : i + 2] for i in range(len(run) - 1))
        if len(run) == 1:
            counts[run] += 1
    return counts


class Index:
    """Entries, ready to be asked. Not changed after it is made: make a new one from new entries."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        ways = [
            (position, features(way))
            for position, entry in enumerate(entries)
            for way in (entry.question, *entry.variants)
        ]
        seen = Counter(feature for _, counts in ways for feature in counts)
        self._entries = entries
        self._idf = {f: math.log(1 + len(ways) / n) for f, n in seen.items()}
        self._rare = math.log(1 + len(ways))
        self._postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        self._entry_of: list[int] = []
        for way, (position, counts) in enumerate(ways):
            self._entry_of.append(position)
            for feature, weight in self._unit(counts):
                self._postings[feature].append((way, weight))

    def search(self, question: str, limit: int = 3) -> list[Hit]:
        """The nearest entries, best first. A question without matter finds nothing."""
        scores: defaultdict[int, float] = defaultdict(float)
        for feature, weight in self._unit(features(question)):
            for way, other in self._postings.get(feature, ()):
                scores[way] += weight * other
        best: dict[int, float] = {}
        for way, score in scores.items():
            position = self._entry_of[way]
            best[position] = max(score, best.get(position, 0.0))
        ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))[:limit]
        return [Hit(self._entries[position], score) for position, score in ranked]

    def _unit(self, counts: Counter[str]) -> Iterable[tuple[str, float]]:
        weighted = [
            (f, (1 + math.log(n)) * self._idf.get(f, self._rare)) for f, n in counts.items()
        ]
        length = math.sqrt(sum(w * w for _, w in weighted)) or 1.0
        return [(f, w / length) for f, w in weighted]
