"""A city as the program sees it: everything that differs from one city to the next."""

from __future__ import annotations

from datetime import datetime, time
from enum import StrEnum
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from desk.city.calendar import Calendar
from desk.city.deadlines import DeadlineRules
from desk.city.lifecycle import Lifecycle
from desk.city.triggers import Danger, Refusal

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError) as error:
        raise ValueError(f"unknown time zone {name!r}") from error
    return name


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Bot(_Entry):
    """How the bot calls itself."""

    name: str
    nickname: str


class Hotline(_Entry):
    """The telephone line that people know."""

    name: str
    number: str


class WorkingHours(_Entry):
    """When people sit at the desk on these days, in the city's zone; the end is not included."""

    days: tuple[Day, ...] = Field(min_length=1)
    start: time = Field(alias="from")
    end: time = Field(alias="to")


class KeptData(_Entry):
    """A kind of personal data: what it is needed for and how long it is kept."""

    name: str
    why: str
    keep: str


class Privacy(_Entry):
    """What a resident is told about personal data before the first of it is kept
    (Personal Information Protection Law, article 17). A new `version` is shown again.
    """

    version: str
    handler: str
    contact: str
    basis: str
    purpose: str
    kinds: tuple[KeptData, ...] = Field(min_length=1)
    shared_with: str
    rights: tuple[str, ...] = Field(min_length=1)
    answer_days: int = Field(gt=0, le=30)


class ReviewDays(_Entry):
    """How long a resident may say how a matter was handled: `days` after it was resolved, then it
    counts as not reviewed (未评价); an answer still counts for `late_days` more, then it is archived."""

    days: int = Field(default=5, ge=1, le=60)
    late_days: int = Field(default=15, ge=1, le=365)


class Profile(_Entry):
    """The file `city.yml`. `queue_minutes`: how long a resident waits for a person before the bot
    goes on. `urges_a_day`: how often a day one ticket may be urged (催办)."""

    name: str
    timezone: Annotated[str, AfterValidator(_known_zone)]
    bot: Bot
    hotline: Hotline
    working_hours: tuple[WorkingHours, ...]
    queue_minutes: int = Field(default=10, gt=0)
    review: ReviewDays = ReviewDays()
    urges_a_day: int = Field(default=2, ge=1, le=20)
    privacy: Privacy


class Case(_Entry):
    """Part of a category that another body handles, known by words of the matter."""

    words: tuple[str, ...] = Field(min_length=1)
    department: str
    assist: tuple[str, ...] = ()


class Category(_Entry):
    """A second-level topic of the catalogue: whether it happens somewhere, and whose it is.

    `at_place`: the sort of body that handles it where it happens (属地办理); then `department`
    assists. Work without it belongs to a department and never goes to the grassroots
    (国办函〔2025〕66号: 应由职能部门办理的不得分派基层). `service_code`: its code at the city's own
    platform, when that has another one.
    """

    code: str = Field(pattern=r"^\d{4}$")
    name: str
    needs_place: bool
    department: str
    assist: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()
    at_place: Literal["district", "street"] | None = None
    service_code: str | None = None
    scope: str


class DepartmentKind(StrEnum):
    """What sort of body a department is."""

    DEPARTMENT = "department"
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    UTILITY = "utility"


class Department(_Entry):
    """A body that handles matters. `places` are those of the gazetteer that are its own."""

    code: str = Field(pattern=r"^[a-z_]+$")
    name: str
    kind: DepartmentKind
    phone: str = Field(pattern=r"^[0-9-]{5,20}$")
    aliases: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


class PlaceKind(StrEnum):
    """What sort of place a name stands for."""

    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    ROAD = "road"
    ESTATE = "estate"
    LANDMARK = "landmark"
    VILLAGE = "village"
    STATION = "station"
    SCHOOL = "school"
    HOSPITAL = "hospital"
    PARK = "park"
    MARKET = "market"


class Place(_Entry):
    """A name of the gazetteer within its `parent`; `at` is (latitude, longitude) in WGS-84."""

    name: str
    kind: PlaceKind
    parent: str
    aliases: tuple[str, ...] = ()
    at: tuple[float, float] | None = None


class City(BaseModel):
    """Everything of one folder under `cities/`, checked as a whole. See `load_city`."""

    model_config = ConfigDict(frozen=True)

    profile: Profile
    catalogue: dict[str, str]
    categories: dict[str, Category]
    departments: dict[str, Department]
    places: tuple[Place, ...]
    refusals: tuple[Refusal, ...]
    dangers: tuple[Danger, ...]
    lifecycle: Lifecycle
    deadlines: DeadlineRules
    calendar: Calendar
    wording: dict[str, str]

    @property
    def name(self) -> str:
        """The city's name."""
        return self.profile.name

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which days begin and times are shown."""
        return ZoneInfo(self.profile.timezone)

    def say(self, key: str, **values: object) -> str:
        """The city's wording for `key` with `values` filled in.

        {city}, {hotline}, {hotline_number}, {bot} and {nickname} are always known. Raises KeyError
        for an unknown key, and for a variable of the text that has no value.
        """
        known: dict[str, object] = {
            "city": self.profile.name,
            "hotline": self.profile.hotline.name,
            "hotline_number": self.profile.hotline.number,
            "bot": self.profile.bot.name,
            "nickname": self.profile.bot.nickname,
        }
        return self.wording[key].format(**{**known, **values})

    def topic_name(self, code: str) -> str:
        """The catalogue's name for a code of any level; empty when there is none."""
        return self.catalogue.get(code, "")

    def handler_name(self, department: str | None) -> str:
        """What a resident hears of the body that handles a ticket."""
        body = self.departments.get(department or "")
        return body.name if body else "承办单位"

    def staffed(self, at: datetime) -> bool:
        """Whether people sit at the desk at this moment (an aware time)."""
        local = at.astimezone(self.zone)
        day = _DAYS[local.weekday()]
        return any(
            day in hours.days and hours.start <= local.time() < hours.end
            for hours in self.profile.working_hours
        )
