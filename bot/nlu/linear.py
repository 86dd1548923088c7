"""A linear classifier over n-grams, as it is served: numpy only, no pickle, a fraction of a millisecond.

`bot.nlu.linear_training` makes it with scikit-learn; here it is stored, loaded and asked.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

#: Weights are stored and summed in single precision: halves the memory, and changes no ranking.
WEIGHT_TYPE = np.float32

#: What a text shows to a model: blocks of features, each with the length that it is brought to. Of one kind a
#: text may have hundreds and of another three: without blocks the many would hide the few.
Document = Sequence[tuple[float, Sequence[str]]]


@dataclass(frozen=True)
class LinearModel:
    """Classes, and for every n-gram its inverse document frequency and its weight for each class.

    Shapes: `idf` (features,), `weights` (features, classes), `bias` (classes,). Several questions may be
    answered from one reading of a text: the labels of each are a group of their own in `labels`. Scores are
    scaled so that the softmax over a group is a calibrated probability.
    """

    labels: tuple[str, ...]
    vocabulary: dict[str, int]
    idf: np.ndarray
    weights: np.ndarray
    bias: np.ndarray

    def scores(self, document: Document) -> np.ndarray:
        """Score of each class (classes,), in the order of `labels`, before the softmax."""
        columns, values = vectorise(document, self.vocabulary, self.idf)
        return values @ self.weights[columns] + self.bias

    def save(self, directory: Path, name: str) -> None:
        """Write `<name>.json` and `<name>.npz` into `directory`."""
        ordered = sorted(self.vocabulary, key=self.vocabulary.__getitem__)
        described = {"labels": list(self.labels), "vocabulary": ordered}
        (directory / f"{name}.json").write_text(
            json.dumps(described, ensure_ascii=False), encoding="utf-8"
        )
        np.savez(directory / f"{name}.npz", idf=self.idf, weights=self.weights, bias=self.bias)

    @classmethod
    def load(cls, directory: Path, name: str) -> LinearModel | None:
        """Read what `save` wrote; None when nothing was saved. Nothing in the files can run code."""
        if not (directory / f"{name}.json").exists():
            return None
        described = json.loads((directory / f"{name}.json").read_text(encoding="utf-8"))
        with np.load(directory / f"{name}.npz", allow_pickle=False) as arrays:
            return cls(
                labels=tuple(described["labels"]),
                vocabulary={feature: i for i, feature in enumerate(described["vocabulary"])},
                idf=arrays["idf"],
                weights=arrays["weights"],
                bias=arrays["bias"],
            )


def vectorise(
    document: Document, vocabulary: dict[str, int], idf: np.ndarray
) -> tuple[list[int], np.ndarray]:
    """Columns and values of the TF-IDF vector: 1 + log of the count, times idf, each block at its length. A
    column may come twice, in two blocks."""
    columns: list[int] = []
    blocks = []
    for length, features in document:
        counts = Counter(map(vocabulary.get, features))
        counts.pop(None, None)  # type: ignore[call-overload]
        frequencies = np.fromiter(counts.values(), dtype=WEIGHT_TYPE, count=len(counts))
        values = (1 + np.log(frequencies)) * idf[list(counts)]
        norm = float(np.sqrt(values @ values))
        blocks.append(values * WEIGHT_TYPE(length / norm) if norm else values)
        columns += counts
    return columns, np.concatenate(blocks)


def softmax(scores: np.ndarray) -> np.ndarray:
    """Probabilities along the last axis."""
    exponents = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponents / exponents.sum(axis=-1, keepdims=True)
