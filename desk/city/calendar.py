"""Which days are worked: weekdays, unless the State Council's yearly notice says otherwise (放假和调休).

The notice for a year comes out late in the year before, and gives both the days off and the weekend
days that are worked instead. Until it does, a year is reckoned by its weekends.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

SATURDAY = 5


class Holiday(BaseModel):
    """Days off in one piece, both ends included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


class HolidayNotice(BaseModel):
    """A year's notice. `workdays`: days of weekends that are worked (调休上班).

    `version` grows when the data of the year are corrected; deadlines that were reckoned with
    another version are reckoned again. Days may lie in the year before (元旦 with 12-30).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    year: int = Field(ge=2000, le=2100)
    version: int = Field(ge=1)
    notice: str
    holidays: tuple[Holiday, ...] = Field(min_length=1)
    workdays: tuple[date, ...]

    @model_validator(mode="after")
    def _sound(self) -> Self:
        off = [day for holiday in self.holidays for day in holiday.days]
        for holiday in self.holidays:
            if holiday.last < holiday.first:
                raise ValueError(f"{holiday.name} ends before it begins")
        for day in (*off, *self.workdays):
            if not date(self.year - 1, 12, 20) <= day <= date(self.year, 12, 31):
                raise ValueError(f"{day} is not of {self.year}")
        for day in self.workdays:
            if day.weekday() < SATURDAY:
                raise ValueError(f"{day} is no day of a weekend, and worked anyway")
            if day in off:
                raise ValueError(f"{day} is both off and worked")
        return self


class Calendar(BaseModel):
    """The notices that are known, by year."""

    model_config = ConfigDict(frozen=True)

    notices: dict[int, HolidayNotice]

    @cached_property
    def _off(self) -> frozenset[date]:
        return frozenset(
            day for notice in self.notices.values() for one in notice.holidays for day in one.days
        )

    @cached_property
    def _on(self) -> frozenset[date]:
        return frozenset(day for notice in self.notices.values() for day in notice.workdays)

    def works(self, day: date) -> bool:
        """Whether a day is worked. Never an error: a year without a notice has its weekends."""
        return day in self._on or (day.weekday() < SATURDAY and day not in self._off)

    def provisional(self, first: date, last: date) -> bool:
        """Whether a year between two days has no notice yet."""
        return any(year not in self.notices for year in range(first.year, last.year + 1))

    def version(self, first: date, last: date) -> str:
        """What the days between two days were reckoned with, as `2026.1 2027.0`: the version of each
        year's notice, 0 for none. Late in a year the next one's counts too: it may reach back."""
        years = range(first.year, (last + timedelta(days=12)).year + 1)
        return " ".join(
            f"{year}.{self.notices[year].version if year in self.notices else 0}" for year in years
        )

    def is_current(self, version: str) -> bool:
        """Whether the same days would be reckoned with the same notices today."""
        for part in version.split():
            year, _, of_then = part.partition(".")
            notice = self.notices.get(int(year))
            if int(of_then) != (notice.version if notice else 0):
                return False
        return True
