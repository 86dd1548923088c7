"""Figures of an evaluation, against examples worked out by hand."""

from __future__ import annotations

import pytest

from bot.metrics import (
    accuracy,
    calibration_error,
    confusion,
    macro_f1,
    per_class,
    percentile,
    place_scores,
    reliability,
)

TRUTH = ["a", "a", "a", "b"]
PREDICTED = ["a", "a", "b", "b"]


def test_f1_of_each_class() -> None:
    figures = per_class(TRUTH, PREDICTED)
    assert figures["a"]["f1"] == pytest.approx(4 / 5)  # precision 1, recall 2/3
    assert figures["b"]["f1"] == pytest.approx(2 / 3)  # precision 1/2, recall 1


def test_macro_f1_is_the_mean_over_classes() -> None:
    assert macro_f1(per_class(TRUTH, PREDICTED)) == pytest.approx((4 / 5 + 2 / 3) / 2)


def test_a_class_never_predicted_has_no_f1() -> None:
    assert per_class(["a", "b"], ["a", "a"])["b"]["f1"] == 0


def test_accuracy_is_the_share_of_right_predictions() -> None:
    assert accuracy(TRUTH, PREDICTED) == 0.75


def test_calibration_error_weighs_the_gap_of_each_bin() -> None:
    bins = reliability([0.95, 0.85, 0.85], [True, False, True])
    # One of three with a gap of 0.05; two of three with 0.85 where one in two is right.
    assert calibration_error(bins) == pytest.approx((0.05 + 2 * 0.35) / 3)


def test_full_confidence_falls_into_the_last_bin() -> None:
    assert reliability([1.0], [True])[-1].count == 1


def test_exact_place_f1_counts_whole_names() -> None:
    scores = place_scores([("人民路和建设路", ["人民路"], ["人民路", "建设路"])])
    assert scores["f1_exact"] == pytest.approx(2 / 3)  # precision 1/2, recall 1


def test_overlap_place_f1_counts_parts_of_names() -> None:
    scores = place_scores([("人民路12号漏水", ["人民路12号"], ["人民路"])])
    assert scores == {"f1_exact": 0.0, "f1_overlap": 1.0}


def test_confusion_counts_by_truth_then_prediction() -> None:
    assert confusion(TRUTH, PREDICTED) == {"a": {"a": 2, "b": 1}, "b": {"b": 1}}


def test_the_median_of_three_is_the_second() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0


def test_nothing_measured_gives_zeros() -> None:
    assert (accuracy([], []), macro_f1({}), calibration_error([]), percentile([], 0.9)) == (0,) * 4
