"""Figures of an evaluation, from what was said and what was predicted. Plain functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

#: Equal bins of confidence over which calibration is measured.
CALIBRATION_BINS = 10


class Bin(NamedTuple):
    """One bin of a reliability diagram: how many, how sure on average, how often right."""

    count: int
    confidence: float
    accuracy: float


def per_class(truth: Sequence[str], predicted: Sequence[str]) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and support of every class that occurs in `truth`."""
    figures: dict[str, dict[str, float]] = {}
    for name in sorted(set(truth)):
        right = sum(t == name == p for t, p in zip(truth, predicted, strict=False))
        support = sum(t == name for t in truth)
        guessed = sum(p == name for p in predicted)
        figures[name] = {
            "precision": right / guessed if guessed else 0.0,
            "recall": right / support,
            "f1": 2 * right / (guessed + support),
            "support": support,
        }
    return figures


def macro_f1(figures: dict[str, dict[str, float]]) -> float:
    """Mean F1 over the classes."""
    return sum(figure["f1"] for figure in figures.values()) / len(figures) if figures else 0.0


def accuracy(truth: Sequence[str], predicted: Sequence[str]) -> float:
    """Share of right predictions."""
    return (
        sum(t == p for t, p in zip(truth, predicted, strict=False)) / len(truth) if truth else 0.0
    )


def reliability(confidences: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """The bins of a reliability diagram, lowest confidence first; empty bins have zeros."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(CALIBRATION_BINS)]
    for confidence, is_right in zip(confidences, right, strict=False):
        index = min(int(confidence * CALIBRATION_BINS), CALIBRATION_BINS - 1)
        bins[index].append((confidence, is_right))
    return [
        Bin(
            len(content),
            sum(confidence for confidence, _ in content) / len(content),
            sum(is_right for _, is_right in content) / len(content),
        )
        if content
        else Bin(0, 0.0, 0.0)
        for content in bins
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error: mean gap between confidence and accuracy, weighted by count."""
    total = sum(one.count for one in bins)
    gaps = sum(one.count * abs(one.confidence - one.accuracy) for one in bins)
    return gaps / total if total else 0.0


def place_scores(cases: Sequence[tuple[str, Sequence[str], Sequence[str]]]) -> dict[str, float]:
    """Exact and overlap F1 over (text, true places, found places).

    Places are compared as sets of substrings. In the overlap figure a place counts when one of its
    occurrences in the text shares a character with an occurrence of one of the others.
    """
    exact = found_overlapping = true_overlapping = found_total = true_total = 0
    for text, true_list, found_list in cases:
        true, found = set(true_list), set(found_list)
        exact += len(true & found)
        found_total += len(found)
        true_total += len(true)
        found_overlapping += sum(any(_touch(text, one, other) for other in true) for one in found)
        true_overlapping += sum(any(_touch(text, one, other) for other in found) for one in true)
    return {
        "f1_exact": _f1(exact, found_total, exact, true_total),
        "f1_overlap": _f1(found_overlapping, found_total, true_overlapping, true_total),
    }


def _touch(text: str, one: str, other: str) -> bool:
    return any(
        start < other_end and other_start < end
        for start, end in _occurrences(text, one)
        for other_start, other_end in _occurrences(text, other)
    )


def _occurrences(text: str, part: str) -> list[tuple[int, int]]:
    starts = [i for i in range(len(text)) if part and text.startswith(part, i)]
    return [(start, start + len(part)) for start in starts]


def _f1(right: int, found: int, hit: int, true: int) -> float:
    precision = right / found if found else 0.0
    recall = hit / true if true else 0.0
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def confusion(truth: Sequence[str], predicted: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Counts by true class and predicted class."""
    table: dict[str, dict[str, Any]] = {}
    for t, p in zip(truth, predicted, strict=False):
        row = table.setdefault(t, {})
        row[p] = row.get(p, 0) + 1
    return table
