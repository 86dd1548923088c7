"""How much each example counts in learning the types of requests."""

from __future__ import annotations

import pytest

from bot.labelled import OUTSIDE, OWN
from bot.nlu.type_weights import EXPECTED_SHARES, LABELLED_WEIGHT, type_weights


def test_our_own_examples_count_so_that_the_types_have_their_expected_shares() -> None:
    types = ["complaint"] * 10 + ["help"] * 30
    weights = type_weights(types, [OWN] * 40)
    expected = EXPECTED_SHARES["complaint"] / EXPECTED_SHARES["help"]
    assert sum(weights[:10]) / sum(weights[10:]) == pytest.approx(expected)


def test_a_labelled_line_counts_more_than_our_own_whatever_its_type() -> None:
    weights = type_weights(["help", "help", "praise"], [OWN, OUTSIDE, OUTSIDE])
    assert weights[1:] == [LABELLED_WEIGHT, LABELLED_WEIGHT]


def test_labelled_lines_alone_count_one_each() -> None:
    assert type_weights(["help", "praise"], [OUTSIDE, OUTSIDE]) == [1.0, 1.0]
