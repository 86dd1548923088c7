"""The linear model of topics: first level, and second level within each first level, in one table.

Codes of the catalogue are nested prefixes (03, 0306, 030601), so the model's labels are codes of two
lengths; a message's topic is the likeliest first level and the likeliest second level below it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from bot.nlu.linear import LinearModel, softmax

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


def topic_features(words: Sequence[str]) -> list[str]:
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
    return features


def head(words: Sequence[str]) -> Sequence[str]:
    """The words that begin within the first characters of a text."""
    length = 0
    for number, word in enumerate(words):
        if length >= _HEAD_CHARACTERS:
            return words[:number]
        length += len(word)
    return words


def classify(model: LinearModel, words: Sequence[str]) -> dict[str, Any]:
    """The topic as messages carry it: the code of the second level (of the first, when nothing below it was
    learned) with its probability, and the first level with its own."""
    scores = model.scores(topic_features(words))
    scores = scores + HEAD_WEIGHT * model.scores(topic_features(head(words)))
    scores /= model.temperature
    first = [i for i, code in enumerate(model.labels) if len(code) == FIRST_LEVEL_DIGITS]
    probabilities = softmax(scores[first])
    best = int(np.argmax(probabilities))
    code = model.labels[first[best]]
    confidence = float(probabilities[best])
    first_level = {"code": code, "confidence": confidence}
    below = [
        i for i, one in enumerate(model.labels) if len(one) > len(code) and one.startswith(code)
    ]
    if below:
        shares = softmax(scores[below])
        likeliest = int(np.argmax(shares))
        code, confidence = model.labels[below[likeliest]], confidence * float(shares[likeliest])
    return {"code": code, "confidence": confidence, "first_level": first_level}
