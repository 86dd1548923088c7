"""What each error code means for a delivery."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.base import Outcome
from connectors.wechat.faults import receipt_for, seconds_to_midnight

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)  # 11:00 in China


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (-1, Outcome.RETRY),
        (40001, Outcome.RETRY),
        (40014, Outcome.RETRY),
        (42001, Outcome.RETRY),
        (45009, Outcome.RETRY),
        (45011, Outcome.RETRY),
        (45015, Outcome.CLOSED),
        (45047, Outcome.CLOSED),
        (43004, Outcome.UNREACHABLE),
        (43101, Outcome.FAILED),
        (40003, Outcome.FAILED),
        (40164, Outcome.FAILED),
        (48001, Outcome.FAILED),
        (99999, Outcome.FAILED),
    ],
)
def test_every_code_has_an_outcome_and_a_reason_that_names_it(code: int, outcome: Outcome) -> None:
    receipt = receipt_for(code, "words of the platform", NOW)
    assert receipt.outcome is outcome
    assert receipt.reason.startswith(f"{code} ")
    assert (receipt.retry_after > 0) is (outcome is Outcome.RETRY)


@pytest.mark.parametrize("address", ["203.0.113.9", "2001:db8::9"])
def test_row_30_the_address_to_whitelist_is_told(address: str) -> None:
    words = f"invalid ip {address} ipv6 ::ffff:{address}, not in whitelist rid: 1-2-3"
    receipt = receipt_for(40164, words, NOW)
    assert address in receipt.reason
    assert "0.0.0.0" not in receipt.reason  # noqa: S104 - the advice that must not be given
    assert receipt_for(40164, "not in whitelist", NOW).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("now", "seconds"),
    [
        (NOW, 13 * 3600),
        (datetime(2026, 11, 25, 15, 59, 59, tzinfo=UTC), 1),
        (datetime(2026, 11, 25, 16, 0, tzinfo=UTC), 86_400),
        (datetime(2028, 2, 28, 16, 0, tzinfo=UTC), 86_400),
        (datetime(2026, 12, 31, 15, 30, tzinfo=UTC), 1800),
    ],
)
def test_a_daily_cap_waits_for_midnight_in_china(now: datetime, seconds: float) -> None:
    assert seconds_to_midnight(now) == seconds
    assert receipt_for(45009, "", now).retry_after == seconds
    assert seconds_to_midnight(now + timedelta(microseconds=1)) < 86_400


def test_an_unknown_code_keeps_the_platform_s_words_in_one_short_line() -> None:
    receipt = receipt_for(61003, "first\nsecond " + "x" * 500, NOW)
    assert receipt.reason.startswith("61003 first second")
    assert len(receipt.reason) < 140
    assert "\n" not in receipt.reason
