"""High frequency: three different tickets in three natural days of the city."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.tickets.duplicates.repeats import DAYS, OFTEN, Busiest, Frequency, busiest

ZONE = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("opened", "expected"),
    [
        pytest.param([], Busiest(Frequency.LOW, 0, None), id="none"),
        pytest.param(
            ["2026-11-25T08:00"] * 5, Busiest(Frequency.HIGH, 5, date(2026, 11, 25)), id="one day"
        ),
        pytest.param(
            ["2026-11-25T00:00", "2026-11-26T12:00", "2026-11-27T23:59"],
            Busiest(Frequency.HIGH, 3, date(2026, 11, 25)),
            id="first minute of the first day to last of the third",
        ),
        pytest.param(
            ["2026-11-25T23:59", "2026-11-26T12:00", "2026-11-28T00:00"],
            Busiest(Frequency.LOW, 2, date(2026, 11, 25)),
            id="two days and a minute, but four natural days",
        ),
        pytest.param(
            ["2026-11-01T08:00", "2026-11-29T08:00", "2026-11-30T08:00", "2026-12-01T08:00"],
            Busiest(Frequency.HIGH, 3, date(2026, 11, 29)),
            id="over the end of a month, after a lone one",
        ),
    ],
)
def test_the_busiest_three_days(opened: list[str], expected: Busiest) -> None:
    assert busiest([(f"YS{n}", at(text)) for n, text in enumerate(opened)], ZONE) == expected


def test_a_day_is_the_citys() -> None:
    # 16:30 UTC is half past midnight of the next day in Shanghai.
    utc = [("1", "2026-11-25T16:30+00:00"), ("2", "2026-11-27T08:00+00:00")]
    found = busiest([(number, datetime.fromisoformat(text)) for number, text in utc], ZONE)
    assert found.first == date(2026, 11, 26)


def test_one_ticket_with_three_steps_counts_once() -> None:
    steps = [("YS1", at(f"2026-11-25T0{hour}:00")) for hour in (8, 9)]
    assert busiest([*steps, ("YS1", at("2026-11-26T08:00"))], ZONE).count == 1


def test_a_missing_date_is_not_taken_for_seldom() -> None:
    two = [("1", at("2026-11-25T08:00")), ("2", at("2026-11-25T09:00"))]
    assert busiest(two, ZONE).frequency is Frequency.LOW
    assert busiest([*two, ("3", None)], ZONE).frequency is Frequency.INSUFFICIENT
    high = [*two, ("3", at("2026-11-25T10:00")), ("4", None)]
    assert busiest(high, ZONE).frequency is Frequency.HIGH


@given(st.lists(st.dates(date(2026, 1, 1), date(2026, 2, 1)), max_size=30))
def test_it_is_high_exactly_when_some_three_days_hold_three(days: list[date]) -> None:
    opened = [datetime.combine(day, time(hour=12), ZONE) for day in days]
    found = busiest(((str(n), one) for n, one in enumerate(opened)), ZONE)
    counts = [sum(0 <= (other - day).days < DAYS for other in days) for day in days]
    assert found.count == max(counts, default=0)
    assert (found.frequency is Frequency.HIGH) == (found.count >= OFTEN)
