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

#: An averaged perceptron finds places as well as L-BFGS does (40 iterations) and is learned sooner. With
#: 8 iterations the order of the examples moves F1 by 0.02, with 16 by half of that. A feature met once
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
    city's gazetteer has (`known`) and that the list of divisions has."""
    shapes = "\x02\x02" + "".join(map(_shape, text)) + "\x03\x03"
    word_marks = _marks(len(text), ((start, end) for _, start, end in segments))
    known_marks = _marks(len(text), known)
    division_marks = _marks(len(text), divisions)
    word_at = [""] * len(text)
    for word, start, end in segments:
        word_at[start:end] = [word] * (end - start)
    result: list[list[str]] = []
    for i in range(len(text)):
        p2, p1, c, n1, n2 = shapes[i : i + 5]
        result.append(
            [
                "c=" + c,
                "p1=" + p1,
                "n1=" + n1,
                "p2=" + p2,
                "n2=" + n2,
                "p1c=" + p1 + c,
                "cn1=" + c + n1,
                "p2p1=" + p2 + p1,
                "n1n2=" + n1 + n2,
                "p1cn1=" + p1 + c + n1,
                "w=" + word_marks[i] + word_at[i],
                "wm=" + word_marks[i],
                "g=" + known_marks[i],
                "d=" + division_marks[i],
                "s=" + _SUFFIXES.get(c, ""),
                "s1=" + _SUFFIXES.get(n1, ""),
                "s2=" + _SUFFIXES.get(n2, ""),
            ]
        )
    for (before, _, border), (after, _, _) in pairwise(segments):
        result[border - 1].append("wn=" + after)
        result[border].append("wp=" + before)
    _add_classes(result, segments, word_marks)
    return result


def _add_classes(
    features: list[list[str]], segments: Sequence[tuple[str, int, int]], word_marks: Sequence[str]
) -> None:
    """The class of the word a character is in, alone and with those of the words beside."""
    known = word_classes()
    kinds = ["<", *(known.get(word, "") for word, _, _ in segments), ">", ">"]
    for number, (_, start, end) in enumerate(segments):
        before, kind, after, second = kinds[number : number + 4]
        for i in range(start, end):
            mark = word_marks[i]
            features[i] += (
                f"t={mark}{kind}",
                f"tp={mark}{before}/{kind}",
                f"tn={mark}{kind}/{after}",
                f"tn2={mark}{after}/{second}",
            )


def _marks(length: int, spans: Iterable[Span]) -> list[str]:
    """For each character B, M, E or S of the span it is in, or nothing."""
    marks = [""] * length
    for start, end in spans:
        if end - start == 1:
            marks[start] = "S"
        else:
            marks[start:end] = ["B"] + ["M"] * (end - start - 2) + ["E"]
    return marks


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
