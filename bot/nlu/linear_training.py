"""Training of `bot.nlu.linear.LinearModel`. Uses scikit-learn, which serving never loads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from bot.nlu.linear import WEIGHT_TYPE, Document, LinearModel, softmax, vectorise

SEED = 20_241_125

#: Features met in fewer messages tell nothing about the next one.
MINIMUM_DOCUMENTS = 2

#: Inverse strength of regularisation. A linear support vector machine with this strength was as good on
#: the developers' sets as logistic regression and stochastic gradient descent, and is trained in a fifth
#: of the time; see `docs/understanding.md`.
INVERSE_REGULARISATION = 0.6

#: Share of the examples, in whole groups, that the confidence is fitted on.
_CALIBRATION_SHARE = 0.25


def build_vocabulary(documents: Sequence[Document]) -> tuple[dict[str, int], np.ndarray]:
    """Features of at least `MINIMUM_DOCUMENTS` documents, in a fixed order, and their smooth idf."""
    counts: Counter = Counter()
    for document in documents:
        counts.update({feature for _, features in document for feature in features})
    kept = sorted(feature for feature, n in counts.items() if n >= MINIMUM_DOCUMENTS)
    frequencies = np.array([counts[feature] for feature in kept], dtype=np.float64)
    idf = np.log((1 + len(documents)) / (1 + frequencies)) + 1
    return {feature: i for i, feature in enumerate(kept)}, idf.astype(WEIGHT_TYPE)


def matrix(
    documents: Sequence[Document], vocabulary: dict[str, int], idf: np.ndarray
) -> csr_matrix:
    """TF-IDF matrix (documents, features), row by row what serving computes."""
    indptr, columns, values = [0], [], []
    for document in documents:
        row_columns, row_values = vectorise(document, vocabulary, idf)
        columns.extend(row_columns)
        values.extend(row_values.tolist())
        indptr.append(len(columns))
    return csr_matrix(
        (np.array(values, dtype=np.float64), np.array(columns, dtype=np.int32), np.array(indptr)),
        shape=(len(documents), len(vocabulary)),
    )


@dataclass(frozen=True)
class Classes:
    """What was learned for one question: labels, weights (classes, features) and bias (classes,), scaled so
    that the softmax of the scores is calibrated."""

    labels: tuple[str, ...]
    weights: np.ndarray
    bias: np.ndarray


def learn_classes(
    rows: csr_matrix,
    labels: Sequence[str],
    groups: Sequence[str] | None = None,
    doubt: float = 1.0,
    counts: Sequence[float] | None = None,
) -> Classes | None:
    """Fit on the rows of a TF-IDF matrix and their labels. Same input, same result.

    Messages to come differ from the examples more than the examples differ among themselves, so the
    confidence is fitted on examples held out in whole `groups` (for request types: whole topics). Without
    groups each example is one of its own. With fewer than two classes there is nothing to learn: None.

    `doubt` multiplies the fitted temperature, for what held-out examples cannot show. `counts` say how much
    each row counts, 1 without them.
    """
    classes = sorted(set(labels))
    if len(classes) < 2:
        return None
    index = {label: i for i, label in enumerate(classes)}
    targets = np.array([index[label] for label in labels])
    held_out = _held_out(groups or [str(i) for i in range(len(labels))])
    counted = np.ones(len(labels)) if counts is None else np.array(counts)
    weights, bias = _fit(rows, targets, counted, len(classes))
    temperature = doubt * _temperature(rows, targets, counted, held_out, len(classes))
    return Classes(tuple(classes), weights / temperature, bias / temperature)


def linear_model(
    vocabulary: dict[str, int], idf: np.ndarray, parts: Iterable[Classes]
) -> LinearModel | None:
    """The model that answers several questions over one vocabulary; None without any."""
    learned = list(parts)
    if not learned:
        return None
    return LinearModel(
        labels=tuple(label for one in learned for label in one.labels),
        vocabulary=vocabulary,
        idf=idf,
        weights=np.ascontiguousarray(
            np.vstack([one.weights for one in learned]).T, dtype=WEIGHT_TYPE
        ),
        bias=np.concatenate([one.bias for one in learned]).astype(WEIGHT_TYPE),
    )


def _held_out(groups: Sequence[str]) -> np.ndarray:
    """Which examples are held out: whole groups in random order until the share is reached."""
    sizes = Counter(groups)
    order = np.random.RandomState(SEED).permutation(sorted(sizes))
    taken, count = set(), 0
    for group in order:
        if count >= _CALIBRATION_SHARE * len(groups):
            break
        taken.add(group)
        count += sizes[group]
    return np.array([group in taken for group in groups])


def _fit(
    rows: csr_matrix, targets: np.ndarray, counts: np.ndarray, classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Weights (classes, features) and bias (classes,); a class without examples is never chosen."""
    learner = LinearSVC(C=INVERSE_REGULARISATION, random_state=SEED)
    learner.fit(rows, targets, sample_weight=counts)
    weights, bias = np.zeros((classes, rows.shape[1])), np.full(classes, -2.0)
    if len(learner.classes_) == 2:  # scikit-learn keeps one row for two classes
        weights[learner.classes_] = np.vstack([-learner.coef_, learner.coef_])
        bias[learner.classes_] = np.hstack([-learner.intercept_, learner.intercept_])
    else:
        weights[learner.classes_], bias[learner.classes_] = learner.coef_, learner.intercept_
    return weights, bias


def _temperature(
    rows: csr_matrix,
    targets: np.ndarray,
    counts: np.ndarray,
    held_out: np.ndarray,
    classes: int,
) -> float:
    """The temperature that makes held-out confidence fit held-out accuracy (least log loss)."""
    if len(set(targets[~held_out])) < 2 or not held_out.any():
        return 1.0
    weights, bias = _fit(rows[~held_out], targets[~held_out], counts[~held_out], classes)
    scores = rows[held_out] @ weights.T + bias
    truth = targets[held_out]

    def log_loss(log_temperature: float) -> float:
        probabilities = softmax(scores / np.exp(log_temperature))
        own: list[float] = probabilities[np.arange(len(truth)), truth]
        return -float(np.average(np.log(np.maximum(own, 1e-12)), weights=counts[held_out]))

    return float(np.exp(minimize_scalar(log_loss, bounds=(-4, 3), method="bounded").x))
