"""A phone number in the summary shows enough to be recognised, and no more."""

from __future__ import annotations

import pytest

from actions.intake.questions import masked


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13800138000", "138****8000"),
        ("0757-22331234", "075****1234"),
        ("22331234", "2233****"),
        ("+8613800138000", "+86****8000"),
    ],
)
def test_the_middle_is_hidden(phone: str, shown: str) -> None:
    assert masked(phone) == shown


@pytest.mark.parametrize("digits", range(7, 21))
def test_at_least_four_digits_are_hidden(digits: int) -> None:
    phone = "9" * digits
    assert masked(phone).count("9") <= digits - 4
