"""Terms by hand: hours and days, holidays and days worked instead, borders of days and years."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.city import Calendar, City, Unit
from desk.city.calendar import HolidayNotice
from desk.tickets.reckoning import Reckoning

ZONE = ZoneInfo("Asia/Shanghai")
HOURS, OFFICE, DAYS, WORKING = Unit.HOURS, Unit.WORKING_HOURS, Unit.DAYS, Unit.WORKING_DAYS


@pytest.fixture(scope="module")
def china(city: City) -> Reckoning:
    """The published years, office hours 9–12 and 14–18."""
    return Reckoning.of(city)


def at(text: str) -> datetime:
    """`2026-11-25 17:50`, in the city's zone; 24:00 is the end of the day."""
    day, clock = text.split()
    if clock == "24:00":
        return datetime.combine(
            date.fromisoformat(day) + timedelta(days=1), datetime.min.time(), ZONE
        )
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        # Hours pass at night and on Sundays alike.
        ("2026-11-25 23:30", 1, HOURS, "2026-11-26 00:30"),
        ("2026-11-28 20:00", 24, HOURS, "2026-11-29 20:00"),
        # Days are counted from the next one, whatever the time of day.
        ("2026-11-25 00:00", 7, DAYS, "2026-12-02 24:00"),
        ("2026-11-25 23:59:59", 7, DAYS, "2026-12-02 24:00"),
        ("2026-11-26 00:00", 7, DAYS, "2026-12-03 24:00"),
        # 2028 has a 29th of February.
        ("2028-02-28 10:00", 2, DAYS, "2028-03-01 24:00"),
        ("2028-02-28 10:00", 1, WORKING, "2028-02-29 24:00"),
        ("2027-02-28 10:00", 1, DAYS, "2027-03-01 24:00"),
        # An ordinary Friday: Monday, Tuesday, Wednesday.
        ("2026-11-27 17:50", 3, WORKING, "2026-12-02 24:00"),
        # 清明节 2026: Saturday to Monday off. Tuesday, Wednesday, Thursday.
        ("2026-04-03 17:50", 3, WORKING, "2026-04-09 24:00"),
        # 劳动节 2026: 1 to 5 May off, Saturday the 9th worked. 6, 7, 8, 9, then Monday.
        ("2026-04-30 17:50", 4, WORKING, "2026-05-09 24:00"),
        ("2026-04-30 17:50", 5, WORKING, "2026-05-11 24:00"),
        # 国庆节 2025: 9, 10, 11 (a worked Saturday), 13–17, 20–24.
        ("2025-09-30 08:00", 13, WORKING, "2025-10-24 24:00"),
        # 春节 2026: 15 to 23 February off, Saturday the 14th worked, and the 28th.
        ("2026-02-13 23:59:59", 2, WORKING, "2026-02-24 24:00"),
        # Begun on a day off: the first working day after it is the first.
        ("2026-10-03 12:00", 1, WORKING, "2026-10-08 24:00"),
        # Office hours: one on Friday, seven on Monday; ten minutes, seven hours, fifty minutes.
        ("2026-11-27 17:00", 8, OFFICE, "2026-11-30 18:00"),
        ("2026-11-27 17:50", 8, OFFICE, "2026-12-01 09:50"),
        ("2026-11-25 12:30", 2, OFFICE, "2026-11-25 16:00"),
        ("2026-11-28 03:00", 3, OFFICE, "2026-11-30 12:00"),
    ],
)
def test_a_term_ends_when_one_reckons_it_by_hand(
    china: Reckoning, start: str, amount: int, unit: Unit, end: str
) -> None:
    assert china.after(at(start), amount, unit) == at(end)


def test_the_day_itself_counts_where_the_rule_says_so(china: Reckoning) -> None:
    assert china.after(at("2026-11-25 10:00"), 1, WORKING, same_day=True) == at("2026-11-25 24:00")
    assert china.after(at("2026-11-25 10:00"), 3, WORKING, same_day=True) == at("2026-11-27 24:00")
    assert china.after(at("2026-11-29 10:00"), 1, WORKING, same_day=True) == at("2026-11-30 24:00")
    assert china.after(at("2026-11-25 10:00"), 2, DAYS, same_day=True) == at("2026-11-26 24:00")


def test_friday_evening_with_a_monday_off_and_a_saturday_worked(china: Reckoning) -> None:
    notice = HolidayNotice.model_validate(
        {
            "year": 2026,
            "version": 9,
            "notice": "made up",
            "holidays": [{"name": "节", "from": "2026-11-09", "to": "2026-11-09"}],
            "workdays": ["2026-11-14"],
        }
    )
    made_up = Reckoning(Calendar(notices={2026: notice}), china.hours, ZONE)
    friday = at("2026-11-06 17:50")
    assert made_up.after(friday, 3, WORKING) == at("2026-11-12 24:00")
    assert made_up.after(friday, 5, WORKING) == at("2026-11-14 24:00")
    assert made_up.after(friday, 6, WORKING) == at("2026-11-16 24:00")
    assert made_up.made_with(friday, at("2026-11-12 24:00")) == ("2026.9", False)


def test_a_year_without_a_notice_has_its_weekends_and_is_provisional(china: Reckoning) -> None:
    start = at("2026-12-30 09:00")
    end = china.after(start, 3, WORKING)
    assert end == at("2027-01-04 24:00")  # Thursday, Friday the 1st, Monday
    assert china.made_with(start, end) == ("2026.1 2027.0", True)
    published = HolidayNotice.model_validate(
        {
            "year": 2027,
            "version": 1,
            "notice": "made up",
            "holidays": [{"name": "元旦", "from": "2027-01-01", "to": "2027-01-03"}],
            "workdays": [],
        }
    )
    known = Calendar(notices={**china.calendar.notices, 2027: published})
    later = Reckoning(known, china.hours, ZONE)
    assert later.after(start, 3, WORKING) == at("2027-01-05 24:00")
    assert later.made_with(start, end) == ("2026.1 2027.1", False)
    assert not known.is_current("2026.1 2027.0")
    assert known.is_current("2026.1 2027.1")


def test_a_term_that_ends_at_the_end_of_a_year_needs_no_notice_of_the_next(
    china: Reckoning,
) -> None:
    version, provisional = china.made_with(at("2026-12-01 09:00"), at("2026-12-31 24:00"))
    assert not provisional
    # But a notice of the next year may change the last days of this one.
    assert version == "2026.1 2027.0"


@pytest.mark.parametrize(
    ("due", "paused", "again", "unit", "moved"),
    [
        # Stopped on Friday with Monday left; it goes on on Sunday, or on Tuesday.
        ("2026-11-30 24:00", "2026-11-27 16:00", "2026-11-29 09:00", WORKING, "2026-11-30 24:00"),
        ("2026-11-30 24:00", "2026-11-27 16:00", "2026-12-01 09:00", WORKING, "2026-12-02 24:00"),
        # Stopped on the last day: what is left is one day's rest, given when it goes on.
        ("2026-11-27 24:00", "2026-11-27 09:00", "2026-12-03 09:00", WORKING, "2026-12-03 24:00"),
        ("2026-11-27 24:00", "2026-11-27 09:00", "2026-11-28 09:00", WORKING, "2026-11-30 24:00"),
        # Stopped and gone on on the same day: nothing is lost or won.
        ("2026-11-30 24:00", "2026-11-27 09:00", "2026-11-27 17:00", WORKING, "2026-11-30 24:00"),
        # Over the holidays of 2026: Wednesday left, then the first day after them.
        ("2026-09-30 24:00", "2026-09-29 12:00", "2026-10-07 12:00", WORKING, "2026-10-08 24:00"),
        ("2026-12-02 24:00", "2026-11-27 16:00", "2026-11-30 09:00", DAYS, "2026-12-05 24:00"),
        ("2026-11-27 10:00", "2026-11-27 09:30", "2026-11-28 00:00", HOURS, "2026-11-28 00:30"),
        ("2026-11-30 10:00", "2026-11-27 17:00", "2026-11-30 17:00", OFFICE, "2026-12-01 10:00"),
        # What was over when the clock stopped is not given back.
        ("2026-11-27 10:00", "2026-11-27 10:30", "2026-11-28 00:00", HOURS, "2026-11-27 10:00"),
    ],
)
def test_a_pause_leaves_what_was_left(
    china: Reckoning, due: str, paused: str, again: str, unit: Unit, moved: str
) -> None:
    assert china.resumed(at(due), at(paused), at(again), unit) == at(moved)


def test_a_longer_term_is_counted_from_where_the_other_ended(china: Reckoning) -> None:
    assert china.lengthened(at("2026-12-02 24:00"), 8, DAYS) == at("2026-12-10 24:00")
    assert china.lengthened(at("2026-09-30 24:00"), 1, WORKING) == at("2026-10-08 24:00")
    assert china.lengthened(at("2026-12-02 10:00"), 48, HOURS) == at("2026-12-04 10:00")


MOMENTS = st.timedeltas(timedelta(), timedelta(days=1460)).map(
    lambda since: datetime(2025, 1, 1, tzinfo=UTC) + since
)
SPANS = st.timedeltas(timedelta(), timedelta(days=40))
UNITS = st.sampled_from(Unit)


@given(MOMENTS, SPANS, st.integers(1, 40), UNITS)
def test_who_begins_later_ends_no_sooner_and_who_has_more_ends_later(
    china: Reckoning, start: datetime, later: timedelta, amount: int, unit: Unit
) -> None:
    end = china.after(start, amount, unit)
    assert end > start
    assert china.after(start + later, amount, unit) >= end
    assert china.after(start, amount + 1, unit) > end


@given(MOMENTS, SPANS, SPANS, SPANS, UNITS)
def test_a_pause_never_shortens_a_term_and_a_longer_one_moves_it_no_less(
    china: Reckoning,
    start: datetime,
    until_pause: timedelta,
    pause: timedelta,
    more: timedelta,
    unit: Unit,
) -> None:
    due = china.after(start, 10, unit)
    stopped = start + until_pause
    moved = china.resumed(due, stopped, stopped + pause, unit)
    assert moved >= due
    assert china.resumed(due, stopped, stopped + pause + more, unit) >= moved
    if due > stopped:
        # There is time left after the pause.
        assert moved > stopped + pause


@given(MOMENTS, st.integers(1, 20))
def test_a_due_day_is_a_working_day_of_the_city(
    china: Reckoning, start: datetime, amount: int
) -> None:
    end = china.after(start, amount, WORKING).astimezone(ZONE)
    assert (end.hour, end.minute, end.second) == (0, 0, 0)
    last = (end - timedelta(seconds=1)).date()
    counted = [
        day
        for n in range(1, (last - start.astimezone(ZONE).date()).days + 1)
        if china.calendar.works(day := start.astimezone(ZONE).date() + timedelta(days=n))
    ]
    assert counted[-1] == last
    assert len(counted) == amount
