"""The linear model of topics: first level, and second level within each first level, in one table.

Codes of the catalogue are nested prefixes (03, 0306, 030601), so the model's labels are codes of two
lengths; a message's topic is the likeliest first level and the likeliest second level below it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from bot.nlu.linear import Document, LinearModel, softmax, vectorise

#: Digits of a first-level and of a second-level code.
FIRST_LEVEL_DIGITS, SECOND_LEVEL_DIGITS = 2, 4

UNKNOWN_TOPIC: dict[str, Any] = {"code": "", "confidence": 0.0}

#: Runs of so many characters inside a word are features, besides the word.
_ORDERS = (1, 2, 3)

#: Marks the feature of a whole word; no normalised text contains it.
_WHOLE = "\x1f"

#: A message's matter is named at its beginning, and a title is nothing else: the first so many characters
#: are read a second time, and their scores are added with this weight.
_HEAD_CHARACTERS = 20
HEAD_WEIGHT = 0.5

_DIGIT = re.compile(r"[0-9]")


def topic_features(words: Sequence[str]) -> Document:
    """What a message is about: its words, and the runs of one to three characters inside of them.

    Nothing here reaches over the border of two words: so a text that has lost its stop words, as other
    systems hand them on, looks like itself. Digits all look alike: no house number tells the topic.
    """
    features: list[str] = []
    for word in words:
        if word == " ":
            continue
        plain = _DIGIT.sub("0", word)
        features.append(_WHOLE + plain)
        features += [
            plain[start : start + order]
            for order in _ORDERS
            for start in range(len(plain) - order + 1)
        ]
    return [(1.0, features)]


def head(words: Sequence[str]) -> Sequence[str]:
    """The words that begin within the first characters of a text."""
    length = 0
    for number, word in enumerate(words):
        if length >= _HEAD_CHARACTERS:
            return words[:number]
        length += len(word)
    return words


class TopicModel:
    """Tells the topic of a text with a `LinearModel` whose labels are all first levels and, after them, the
    second levels of each."""

    def __init__(self, model: LinearModel) -> None:
        self.linear = model
        codes = [code[:FIRST_LEVEL_DIGITS] for code in model.labels]
        firsts = sum(len(label) == FIRST_LEVEL_DIGITS for label in model.labels)
        self._first = slice(0, firsts)
        self._below: dict[str, slice] = {}
        for code in codes[:firsts]:
            if code in codes[firsts:]:
                start = codes.index(code, firsts)
                self._below[code] = slice(start, start + codes[firsts:].count(code))

    def classify(self, words: Sequence[str]) -> dict[str, Any]:
        """The topic as messages carry it: the code of the second level (of the first, when nothing below it
        was learned) with its probability, and the first level with its own."""
        vocabulary, idf = self.linear.vocabulary, self.linear.idf
        again = [(HEAD_WEIGHT, features) for _, features in topic_features(head(words))]
        columns, values = vectorise([*topic_features(words), *again], vocabulary, idf)
        code, confidence = self._likeliest(self._first, columns, values)
        first_level = {"code": code, "confidence": confidence}
        if code in self._below:
            code, share = self._likeliest(self._below[code], columns, values)
            confidence *= share
        return {"code": code, "confidence": confidence, "first_level": first_level}

    def _likeliest(self, block: slice, columns: list[int], values: np.ndarray) -> tuple[str, float]:
        """The likeliest of some neighbouring labels, and its probability among them."""
        scores = values @ self.linear.weights[columns, block]
        shares = softmax(scores + (1 + HEAD_WEIGHT) * self.linear.bias[block])
        best = int(np.argmax(shares))
        return self.linear.labels[block.start + best], float(shares[best])
