"""A learned tagger of places: a conditional random field over characters.

Every character gets one of B (begin), I (inside), O (outside). What it sees of a character are its
neighbours, the word it is in, the words beside and their classes, and whether the city's gazetteer or
the list of the country's divisions has a name there. Training and serving use CRFsuite; a model is one
file without code in it.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import pycrfsuite

from bot.nlu.word_classes import word_classes

Span = tuple[int, int]

#: Sentences are learned from clause by clause: those with a place, and every so many of the others.
_CLAUSE = re.compile(r"[^。!?;,\n]*[。!?;,\n]*")
_PLAIN_CLAUSES_PER_ONE_KEPT = 6

#: Characters that end the name of a place or of a part of one, by what they name.
_SUFFIXES = {
    **dict.fromkeys("路街弄巷道线", "road"),
    **dict.fromkeys("区县市省州镇乡村屯组庄", "area"),
    **dict.fromkeys("苑园城庭府邸院里坊湾居墅寓", "estate"),
    **dict.fromkeys("号栋幢楼室层座期单元", "unit"),
    **dict.fromkeys("站桥口场校院馆厦局所店厂港", "spot"),
}

#: An averaged perceptron finds places as well as L-BFGS does (40 iterations) and is learned sooner. The order
#: of the examples moves F1 by up to 0.03 with 8 iterations, by 0.01 to 0.02 with 16. A feature met once
#: teaches nothing.
_TRAINING = {"max_iterations": 16, "feature.minfreq": 2}

#: CRFsuite shuffles with the C library's random numbers.
_SEED = 7


def _shape(character: str) -> str:
    """Digits and Latin letters stand for their kind: A市 and B市, 3号楼 and 8号楼 look alike."""
    if character.isdigit():
        return "0"
    return "a" if character.isascii() and character.isalpha() else character


def character_features(
    text: str,
    segments: Sequence[tuple[str, int, int]],
    known: Sequence[Span],
    divisions: Sequence[Span],
) -> list[list[str]]:
    """Features of every character of a normalised text, given its words and where names stand that the
    city's gazetteer has (`known`) and that the list of divisions has. What is true of nearly every character
    (in no name, no suffix) is left out: CRFsuite takes as long for it as for the rest."""
    result = _neighbours(text)
    for name, spans in (("g=", known), ("d=", divisions)):
        for start, end in spans:
            for i, mark in enumerate(_marks(end - start), start):
                result[i].append(name + mark)
    for (before, _, border), (after, _, _) in pairwise(segments):
        result[border - 1].append("wn=" + after)
        result[border].append("wp=" + before)
    _add_words(result, segments)
    return result


def _neighbours(text: str) -> list[list[str]]:
    """For every character itself and those beside it, and what kind of name it or the next two may end."""
    shapes = "".join(map(_shape, text))
    padded = f"\x02\x02{shapes}\x03\x03"
    pairs = list(map("".join, pairwise(padded)))
    result = [
        [
            "c=" + c,
            "p1=" + p1,
            "n1=" + n1,
            "p1c=" + p1c,
            "cn1=" + cn1,
            "p2p1=" + p2p1,
            "n1n2=" + n1n2,
        ]
        for c, p1, n1, p1c, cn1, p2p1, n1n2 in zip(
            shapes, padded[1:], padded[3:], pairs[1:], pairs[2:], pairs, pairs[3:], strict=False
        )
    ]
    for i, character in enumerate(shapes):
        kind = _SUFFIXES.get(character)
        if kind:
            for distance, name in enumerate(("s=", "s1=", "s2=")[: i + 1]):
                result[i - distance].append(name + kind)
    return result


def _add_words(features: list[list[str]], segments: Sequence[tuple[str, int, int]]) -> None:
    """The word a character is in, and its class with those of the words beside it, as far as these tell."""
    known = word_classes()
    kinds = ["<", *(known.get(word, "") for word, _, _ in segments), ">", ">"]
    for number, (word, start, end) in enumerate(segments):
        before, kind, after, second = kinds[number : number + 4]
        told = [("w=", word)]
        if kind:
            told.append(("t=", kind))
        if before or kind:
            told.append(("tp=", f"{before}/{kind}"))
        if kind or after:
            told.append(("tn=", f"{kind}/{after}"))
        if after or second:
            told.append(("tn2=", f"{after}/{second}"))
        for i, mark in enumerate(_marks(end - start), start):
            features[i] += [name + mark + value for name, value in told]


def _marks(length: int) -> str:
    """B, M, E or S for each of so many characters of a name or word: begin, middle, end, single."""
    return "S" if length == 1 else f"B{'M' * (length - 2)}E"


def encode(length: int, spans: Sequence[Span]) -> list[str]:
    """B, I, O for each of `length` characters."""
    tags = ["O"] * length
    for start, end in spans:
        tags[start:end] = ["B"] + ["I"] * (end - start - 1)
    return tags


def decode(tags: Sequence[str]) -> list[Span]:
    """The spans that a sequence of B, I, O stands for."""
    spans: list[Span] = []
    start = None
    for i, tag in enumerate([*tags, "O"]):
        if tag != "I" and start is not None:
            spans.append((start, i))
            start = None
        if tag == "B" or (tag == "I" and start is None):
            start = i
    return spans


class Tagger:
    """A trained tagger, loaded from its file."""

    def __init__(self, path: Path) -> None:
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open(str(path))

    def tag(self, features: list[list[str]]) -> list[Span]:
        """Spans of places, from the features of a text."""
        return decode(self._tagger.tag(features)) if features else []


def train(examples: Iterable[tuple[str, list[list[str]], list[str]]], path: Path) -> None:
    """Fit on (text, features, tags) of examples and write the model to `path`; no file when there are
    none. Deterministic."""
    trainer = pycrfsuite.Trainer(algorithm="ap", params=_TRAINING, verbose=False)
    plain = learned = 0
    for text, features, tags in examples:
        for match in _CLAUSE.finditer(text):
            start, end = match.span()
            has_place = any(tag != "O" for tag in tags[start:end])
            plain += not has_place
            if start < end and (has_place or plain % _PLAIN_CLAUSES_PER_ONE_KEPT == 0):
                trainer.append(features[start:end], tags[start:end])
                learned += 1
    if learned:
        ctypes.CDLL(None).srand(_SEED)
        trainer.train(str(path))
