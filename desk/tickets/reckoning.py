"""When a term is over: hours and days, as they pass or as they are worked, in the city's zone.

Pure functions of a moment, an amount and a calendar. A day that is counted in whole ends at 24:00 of
it, which is 0:00 of the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from desk.city import Calendar, City, OfficeHours, Unit

_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What time is measured with: the days that are worked, the hours of such a day, the zone."""

    calendar: Calendar
    hours: tuple[OfficeHours, ...]
    zone: ZoneInfo

    @classmethod
    def of(cls, city: City) -> Reckoning:
        """As it is done in a city."""
        return cls(city.calendar, city.deadlines.hours, city.zone)

    def after(
        self, start: datetime, amount: float, unit: Unit, *, same_day: bool = False
    ) -> datetime:
        """The end of a term that begins at `start` (aware), as UTC. Of days only whole ones count,
        from the next day on, or with `same_day` from the day itself."""
        if unit is Unit.HOURS:
            return (start + timedelta(hours=amount)).astimezone(UTC)
        if unit is Unit.WORKING_HOURS:
            return self._worked_away(start, timedelta(hours=amount))
        first = self._day(start) - (_DAY if same_day else timedelta())
        left = int(amount)
        if unit is Unit.DAYS:
            return self._end_of(first + timedelta(days=left))
        return self._end_of(self._working_day(first, left))

    def resumed(self, moment: datetime, paused: datetime, again: datetime, unit: Unit) -> datetime:
        """Where a moment moves to by a pause from `paused` to `again`: as much is left of the term as
        was left before, in its own unit. What was over stays over."""
        if moment <= paused or again <= paused:
            return moment
        if unit is Unit.HOURS:
            return moment + (again - paused)
        if unit is Unit.WORKING_HOURS:
            return max(moment, self._worked_away(again, self._worked(paused, moment)))
        stopped, started = self._day(paused), self._day(again)
        if stopped == started:
            return moment
        # The end of a day belongs to it.
        local = (moment - _INSTANT).astimezone(self.zone)
        if unit is Unit.DAYS:
            day = local.date() + (started - stopped)
        else:
            left = sum(self.calendar.works(one) for one in _days(stopped + _DAY, local.date()))
            day = self._working_day(started, left)
            while not self.calendar.works(day):
                day += _DAY
        moved = datetime.combine(day, local.time(), self.zone).astimezone(UTC) + _INSTANT
        return max(moment, moved)

    def lengthened(self, end: datetime, amount: int, unit: Unit) -> datetime:
        """The end of a term that is so much longer than one that is over at `end`."""
        if unit in (Unit.DAYS, Unit.WORKING_DAYS):
            return self.after(end - _INSTANT, amount, unit)
        return self.after(end, amount, unit)

    def made_with(self, start: datetime, end: datetime) -> tuple[str, bool]:
        """The calendar's version between two moments, and whether it is provisional."""
        first, last = self._day(start), self._day(end - _INSTANT)
        return self.calendar.version(first, last), self.calendar.provisional(first, last)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def _end_of(self, day: date) -> datetime:
        return datetime.combine(day + _DAY, time(), self.zone).astimezone(UTC)

    def _working_day(self, day: date, left: int) -> date:
        """The working day that is the `left`-th after a day."""
        while left > 0:
            day += _DAY
            left -= self.calendar.works(day)
        return day

    def _worked_away(self, start: datetime, left: timedelta) -> datetime:
        """When so much has been worked from `start` on."""
        day = self._day(start)
        while True:
            for begins, ends in self._office(day):
                begins = max(begins, start)  # noqa: PLW2901 - what is left of it
                if begins + left <= ends:
                    return (begins + left).astimezone(UTC)
                left -= max(ends - begins, timedelta())
            day += _DAY

    def _worked(self, start: datetime, end: datetime) -> timedelta:
        """How much is worked between two moments."""
        return sum(
            (
                max(min(ends, end) - max(begins, start), timedelta())
                for day in _days(self._day(start), self._day(end))
                for begins, ends in self._office(day)
            ),
            timedelta(),
        )

    def _office(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if self.calendar.works(day):
            for hours in self.hours:
                yield (
                    datetime.combine(day, hours.start, self.zone).astimezone(UTC),
                    datetime.combine(day, hours.end, self.zone).astimezone(UTC),
                )


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
