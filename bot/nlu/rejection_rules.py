"""When the bot should say that it did not understand, instead of guessing.

A classifier gives a class to everything, and often with confidence: to “1”, to a row of emoji, to
Russian. Whether a text can be understood at all is decided here, before its class is believed.
"""

from __future__ import annotations

import re
from itertools import pairwise

#: Share of a text's pairs of neighbouring characters that the training data must know. Real messages to
#: governments have 0.5 and more; random Chinese characters have next to none.
MINIMUM_KNOWN_SHARE = 0.25

#: Below these two together a text is taken for typing at random; of real messages one in fifty has so small a
#: share, and hardly any of these so small a confidence.
DOUBTFUL_KNOWN_SHARE = 0.55
DOUBTFUL_CONFIDENCE = 0.35

#: Share of Chinese characters among the letters below which a text counts as written in another language.
MINIMUM_CHINESE_SHARE = 0.3

#: A text whose best class has less than this, and that is no request either, is not understood.
MINIMUM_CONFIDENCE = 0.3
MINIMUM_REQUEST_CONFIDENCE = 0.5

_CHINESE = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ffff]")
_LATIN = re.compile("[A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]")
_SAME_CHARACTER = re.compile(r"^(.)\1{3,}$")


def is_unreadable(text: str) -> bool:
    """Whether a normalised text holds nothing to classify: no letters but numerals (“㈠㈡”), or one letter
    over and over."""
    letters = [one for one in text if one.isalpha() and not one.isnumeric()]
    return not letters or bool(_SAME_CHARACTER.match("".join(letters)))


def is_foreign(text: str) -> bool:
    """Whether the letters of a normalised text are mostly of another script than Chinese.

    Abbreviations inside a Chinese sentence (“gjj怎么提取”) are not foreign.
    """
    letters = sum(map(str.isalpha, text))
    if not letters:
        return False
    chinese, latin = len(_CHINESE.findall(text)), len(_LATIN.findall(text))
    # A Latin word weighs like two Chinese characters, not like ten.
    return chinese / (letters - latin + -(-latin // 3)) < MINIMUM_CHINESE_SHARE


def character_pairs(text: str) -> list[str]:
    """Neighbouring letters and digits of a normalised text."""
    pairs = map("".join, pairwise(text))
    return [pair for pair in pairs if pair.isalnum()]


def known_share(text: str, known_pairs: frozenset[str]) -> float:
    """Share of the pairs of characters in a normalised text that are known from training; 1 without pairs."""
    pairs = character_pairs(text)
    return sum(map(known_pairs.__contains__, pairs)) / len(pairs) if pairs else 1.0


def is_uncertain(confidence: float, request_confidence: float, share: float) -> bool:
    """Whether neither one class nor “some request” is likely enough to act on, or a doubtful class goes
    with a text of doubtful sense (`share`: see `known_share`)."""
    unsure = confidence < MINIMUM_CONFIDENCE and request_confidence < MINIMUM_REQUEST_CONFIDENCE
    return unsure or (confidence < DOUBTFUL_CONFIDENCE and share < DOUBTFUL_KNOWN_SHARE)
