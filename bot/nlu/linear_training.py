"""Training of `bot.nlu.linear.LinearModel`. Uses scikit-learn, which serving never loads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from bot.nlu.linear import WEIGHT_TYPE, LinearModel, softmax, vectorise

SEED = 20_241_125

#: Features met in fewer messages tell nothing about the next one.
MINIMUM_DOCUMENTS = 2

#: Inverse strength of regularisation; chosen on the developers' sets, see `docs/understanding.md`.
INVERSE_REGULARISATION = 8.0

_CALIBRATION_FOLDS = 3


def build_vocabulary(documents: Sequence[Sequence[str]]) -> tuple[dict[str, int], np.ndarray]:
    """Features of at least `MINIMUM_DOCUMENTS` documents, in a fixed order, and their smooth idf."""
    counts: Counter = Counter()
    for document in documents:
        counts.update(set(document))
    kept = sorted(feature for feature, n in counts.items() if n >= MINIMUM_DOCUMENTS)
    frequencies = np.array([counts[feature] for feature in kept], dtype=np.float64)
    idf = np.log((1 + len(documents)) / (1 + frequencies)) + 1
    return {feature: i for i, feature in enumerate(kept)}, idf.astype(WEIGHT_TYPE)


def matrix(
    documents: Sequence[Sequence[str]], vocabulary: dict[str, int], idf: np.ndarray
) -> csr_matrix:
    """TF-IDF matrix (documents, features), row by row what serving computes."""
    indptr, columns, values = [0], [], []
    for document in documents:
        row_columns, row_values = vectorise(document, vocabulary, idf)
        columns.extend(row_columns)
        values.extend(row_values.tolist())
        indptr.append(len(columns))
    return csr_matrix(
        (np.array(values), np.array(columns), np.array(indptr)),
        shape=(len(documents), len(vocabulary)),
    )


def train(
    documents: Sequence[Sequence[str]],
    labels: Sequence[str],
    weights: Sequence[float] | None = None,
) -> LinearModel:
    """Fit a model on documents (lists of features) and their labels. Same input, same model.

    Raises:
        ValueError: fewer than two classes.

    """
    classes = sorted(set(labels))
    if len(classes) < 2:
        raise ValueError("a classifier needs at least two classes")
    vocabulary, idf = build_vocabulary(documents)
    rows = matrix(documents, vocabulary, idf)
    targets = np.array([classes.index(label) for label in labels])
    sample_weights = np.ones(len(targets)) if weights is None else np.asarray(weights)
    coefficients, bias = _fit(rows, targets, sample_weights, len(classes))
    return LinearModel(
        labels=tuple(classes),
        vocabulary=vocabulary,
        idf=idf,
        weights=np.ascontiguousarray(coefficients.T, dtype=WEIGHT_TYPE),
        bias=bias.astype(WEIGHT_TYPE),
        temperature=_temperature(rows, targets, sample_weights, len(classes)),
    )


def _fit(
    rows: csr_matrix, targets: np.ndarray, sample_weights: np.ndarray, classes: int
) -> tuple[np.ndarray, np.ndarray]:
    learner = LogisticRegression(
        C=INVERSE_REGULARISATION,
        class_weight="balanced",
        multi_class="ovr",
        solver="liblinear",
        random_state=SEED,
    )
    learner.fit(rows, targets, sample_weight=sample_weights)
    if classes == 2:  # scikit-learn keeps one row for two classes
        return np.vstack([-learner.coef_, learner.coef_]), np.hstack(
            [-learner.intercept_, learner.intercept_]
        )
    return learner.coef_, learner.intercept_


def _temperature(
    rows: csr_matrix, targets: np.ndarray, sample_weights: np.ndarray, classes: int
) -> float:
    """The temperature that makes held-out confidence fit held-out accuracy (least log loss)."""
    smallest = int(np.bincount(targets, minlength=classes).min())
    if smallest < _CALIBRATION_FOLDS:
        return 1.0
    folds = StratifiedKFold(_CALIBRATION_FOLDS, shuffle=True, random_state=SEED)
    scores = np.zeros((rows.shape[0], classes))
    for train_rows, test_rows in folds.split(rows, targets):
        coefficients, bias = _fit(
            rows[train_rows], targets[train_rows], sample_weights[train_rows], classes
        )
        scores[test_rows] = rows[test_rows] @ coefficients.T + bias

    def log_loss(log_temperature: float) -> float:
        probabilities = softmax(scores / np.exp(log_temperature))
        own: list[float] = probabilities[np.arange(len(targets)), targets]
        return float(-np.log(np.maximum(own, 1e-12)).mean())

    return float(np.exp(minimize_scalar(log_loss, bounds=(-3, 3), method="bounded").x))
