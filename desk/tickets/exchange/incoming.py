"""A row of a file as a ticket, or what is wrong with it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from desk.city import City
from desk.tickets.exchange.mapping import FileMapping

URGENCIES = {"一般": "normal", "紧急": "urgent", "特急": "critical"}
TYPES = (
    "consultation",
    "complaint",
    "violation",
    "incident",
    "help",
    "suggestion",
    "praise",
    "other",
)
# A clock that is a little wrong is no reason to refuse a row.
AHEAD = timedelta(days=1)
_PHONE = re.compile(r"[0-9+-]{7,20}")
_MOMENTS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y年%m月%d日",
)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A ticket of another system. `key` is its number there; codes are ours; `created` is aware."""

    key: str
    type: str
    topic: str
    description: str
    place: str | None
    phone: str | None
    department: str | None
    state: str
    urgency: str
    created: datetime


def incoming(
    city: City, mapping: FileMapping, row: Mapping[str, str], at: datetime
) -> Incoming | list[str]:
    """The ticket of a row, or its problems in the staff's language, all at once. `at` is now."""
    problems: list[str] = []

    def need(field: str, label: str) -> str:
        value = mapping.value(row, field)
        if not value:
            problems.append(f"没有{label}")
        return value

    def code(field: str, label: str, known: Callable[[str], str | None], default: str) -> str:
        value = mapping.value(row, field)
        found = known(value) if value else default
        if found is None:
            problems.append(f"{label}“{value}”认不出（可在对照表的 values.{field} 里写明）")
        return found or default

    key = need("number", "编号")
    description = need("description", "诉求内容")
    kind = code("type", "诉求类型", _type(city), "other")
    topic = code("topic", "事项", lambda said: _topic(city, said), "")
    department = code("department", "承办单位", lambda said: _department(city, said), "")
    state = code("state", "状态", lambda said: _state(city, said), city.lifecycle.initial)
    urgency = code("urgency", "紧急程度", _urgency, "normal")
    phone = re.sub(r"[\s()（）]", "", mapping.value(row, "phone")) or None
    if phone and not _PHONE.fullmatch(phone):
        problems.append("电话的格式不对")
    created = _moment(city, mapping.value(row, "created"), at)
    if created is None:
        problems.append("受理时间认不出，例如 2026-03-01 09:30")
    elif created > at + AHEAD:
        problems.append("受理时间在将来")
    if problems or created is None:
        return problems
    place = mapping.value(row, "place") or None
    return Incoming(
        key, kind, topic, description, place, phone, department or None, state, urgency, created
    )


def _type(city: City) -> Callable[[str], str | None]:
    named = {city.say(f"type.{code}"): code for code in TYPES}
    return lambda said: said if said in TYPES else named.get(said)


def _topic(city: City, said: str) -> str | None:
    if said in city.catalogue:
        return said
    # The same name may stand on two levels: the deeper one says more.
    return max(
        (code for code, name in city.catalogue.items() if name == said), default=None, key=len
    )


def _department(city: City, said: str) -> str | None:
    if said in city.departments:
        return said
    for department in city.departments.values():
        if said in (department.name, *department.aliases):
            return department.code
    return None


def _state(city: City, said: str) -> str | None:
    states = city.lifecycle.states
    if said in states:
        return said
    return next((code for code, state in states.items() if state.label == said), None)


def _urgency(said: str) -> str | None:
    return said if said in URGENCIES.values() else URGENCIES.get(said)


def _moment(city: City, said: str, at: datetime) -> datetime | None:
    """When it was; without a zone of its own in the city's. Empty is `at`."""
    if not said:
        return at
    try:
        return _aware(city, datetime.fromisoformat(said))
    except ValueError:
        pass
    for form in _MOMENTS:
        try:
            return _aware(city, datetime.strptime(said, form))  # noqa: DTZ007 - the zone is the city's
        except ValueError:
            continue
    return None


def _aware(city: City, moment: datetime) -> datetime:
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=city.zone)
    return zoned.astimezone(UTC)
