"""Training of the linear model of topics. Uses scikit-learn, which serving never loads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from bot.labelled import OUTSIDE, OWN, TERM
from bot.nlu.linear import LinearModel, softmax
from bot.nlu.linear_training import SEED, Classes, build_vocabulary, linear_model, matrix
from bot.nlu.topic_model import (
    FIRST_LEVEL_DIGITS,
    HEAD_WEIGHT,
    SECOND_LEVEL_DIGITS,
    head,
    topic_features,
)

#: Inverse strength of regularisation; chosen together with `TERM_WEIGHT`, see `docs/understanding.md`.
INVERSE_REGULARISATION = 0.3

#: A term counts as so many examples: it stands for all sentences that nobody wrote with it.
TERM_WEIGHT = 2.0

#: A labelled line from outside counts as so many examples: the lines drew the borders of the topics that
#: messages to come will be judged by.
OUTSIDE_WEIGHT = 5.0

#: What our own material may count beside them, the first that does best on them.
OWN_WEIGHTS = (1.0, 0.3, 0.1, 0.03)

#: Parts that the examples are cut into, in whole groups, to see scores of examples not learned from.
_FOLDS = 4

#: Score of a class that a fold has no example of.
_NEVER = -2.0


@dataclass(frozen=True)
class TopicExample:
    """The words of a text, its code (first level or deeper), where it is from (see `bot.labelled.ORIGIN`),
    and what it is held out together with."""

    words: Sequence[str]
    code: str
    origin: str = OWN
    group: str = ""


def train_topics(examples: Sequence[TopicExample]) -> LinearModel | None:
    """Fit the model. Same input, same model; None with fewer than two first-level codes.

    The first level is learned from all examples, each second level from those of its first level: fewer
    classes at a time, and lines that say only the first level help where they can.
    """
    firsts = np.array([one.code[:FIRST_LEVEL_DIGITS] for one in examples])
    labels = sorted(set(firsts.tolist()))
    if len(labels) < 2:
        return None
    documents = [topic_features(one.words) for one in examples]
    vocabulary, idf = build_vocabulary(documents)
    rows = matrix(documents, vocabulary, idf)
    heads = matrix([topic_features(head(one.words)) for one in examples], vocabulary, idf)
    origins = np.array([one.origin for one in examples])
    weights = np.select([origins == TERM, origins == OUTSIDE], [TERM_WEIGHT, OUTSIDE_WEIGHT], 1.0)
    if (origins == OUTSIDE).any():
        own = _own_weight(rows, firsts, weights, labels, origins == OUTSIDE)
        weights = np.where(origins == OUTSIDE, weights, own * weights)
    columns = [_fit(rows, firsts, weights, labels)]
    groups = ["" if one.origin == TERM else one.group for one in examples]
    temperature = _temperature((rows, heads), firsts, weights, labels, groups)

    deep = [i for i, one in enumerate(examples) if len(one.code) >= SECOND_LEVEL_DIGITS]
    seconds = np.array([one.code[:SECOND_LEVEL_DIGITS] for one in examples])
    all_labels = list(labels)
    for first in labels:
        chosen = [i for i in deep if firsts[i] == first]
        below = sorted(set(seconds[chosen].tolist()))
        if len(below) > 1:
            columns.append(_fit(rows[chosen], seconds[chosen], weights[chosen], below))
        elif below:
            columns.append((np.zeros((1, rows.shape[1])), np.zeros(1)))
        all_labels += below
    learned = Classes(
        tuple(all_labels),
        np.vstack([coefficients for coefficients, _ in columns]) / temperature,
        np.concatenate([bias for _, bias in columns]) / temperature,
    )
    return linear_model(vocabulary, idf, [learned])


def _fit(
    rows: csr_matrix, codes: np.ndarray, weights: np.ndarray, labels: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Weights (labels, features) and bias (labels,); a label without examples is never chosen."""
    coefficients, bias = np.zeros((len(labels), rows.shape[1])), np.full(len(labels), _NEVER)
    learner = LinearSVC(C=INVERSE_REGULARISATION, random_state=SEED)
    learner.fit(rows, codes, sample_weight=weights)
    present = [labels.index(code) for code in learner.classes_]
    if len(present) == 2:  # scikit-learn keeps one row for two classes
        coefficients[present] = np.vstack([-learner.coef_, learner.coef_])
        bias[present] = np.hstack([-learner.intercept_, learner.intercept_])
    else:
        coefficients[present], bias[present] = learner.coef_, learner.intercept_
    return coefficients, bias


def _own_weight(
    rows: csr_matrix,
    codes: np.ndarray,
    weights: np.ndarray,
    labels: Sequence[str],
    outside: np.ndarray,
) -> float:
    """The weight of our own material with which one half of the lines from outside is told best from the
    other half."""
    order = np.random.RandomState(SEED).permutation(np.flatnonzero(outside))
    halves = (order[::2], order[1::2])
    right: list[int] = []
    for own in OWN_WEIGHTS if not outside.all() else ():
        counted = np.where(outside, weights, own * weights)
        right.append(0)
        for held_out in halves:
            kept = np.ones(len(codes), dtype=bool)
            kept[held_out] = False
            coefficients, bias = _fit(rows[kept], codes[kept], counted[kept], labels)
            scores = rows[held_out] @ coefficients.T + bias
            right[-1] += int((np.array(labels)[scores.argmax(axis=1)] == codes[held_out]).sum())
    return OWN_WEIGHTS[int(np.argmax(right))] if right else 1.0


def _temperature(
    texts: tuple[csr_matrix, csr_matrix],
    codes: np.ndarray,
    weights: np.ndarray,
    labels: Sequence[str],
    groups: Sequence[str],
) -> float:
    """The temperature at which confidence fits accuracy on examples held out in whole groups: messages to
    come differ from the examples more than the examples differ among themselves. Examples without a group
    are never held out."""
    rows, heads = texts
    read = rows + HEAD_WEIGHT * heads
    named = sorted(set(groups) - {""})
    order = np.random.RandomState(SEED).permutation(len(named))
    fold_of = {named[place]: number % _FOLDS for number, place in enumerate(order)}
    folds = np.array([fold_of.get(group, -1) for group in groups])
    scores = np.zeros((len(groups), len(labels)))
    judged = np.zeros(len(groups), dtype=bool)
    for fold in range(_FOLDS):
        held_out = folds == fold
        if not held_out.any() or len(set(codes[~held_out])) < 2:
            continue
        coefficients, bias = _fit(rows[~held_out], codes[~held_out], weights[~held_out], labels)
        scores[held_out] = read[held_out] @ coefficients.T + (1 + HEAD_WEIGHT) * bias
        judged |= held_out
    if not judged.any():
        return 1.0
    truth = np.searchsorted(labels, codes[judged])
    shares = weights[judged] / weights[judged].sum()

    def log_loss(log_temperature: float) -> float:
        probabilities = softmax(scores[judged] / np.exp(log_temperature))
        own = probabilities[np.arange(len(truth)), truth]
        return float(-(shares * np.log(np.maximum(own, 1e-12))).sum())

    return float(np.exp(minimize_scalar(log_loss, bounds=(-4, 3), method="bounded").x))
