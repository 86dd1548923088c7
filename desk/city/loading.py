"""Reads a city's folder and checks that its files agree with each other."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import cast

from desk.city.calendar import Calendar, HolidayNotice
from desk.city.deadlines import DeadlineRules, Overrides, Pack, combine, rules_problem
from desk.city.errors import CityError
from desk.city.files import checked, checked_list, keyed, read_mapping, read_text
from desk.city.lifecycle import Lifecycle, Role, State, Transition, lifecycle_problem
from desk.city.model import Category, City, Department, DepartmentKind, Place, Profile
from desk.city.triggers import ANY_DANGER, Danger, Refusal

# What is the same in every city: the holidays, and the rule packs that a city may take.
HOLIDAYS = Path(__file__).parent / "holidays"
PACKS = Path(__file__).parent / "packs"


def _catalogue(file: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for line, row in enumerate(csv.reader(read_text(file).splitlines()), 1):
        if line == 1 and row == ["code", "name"]:
            continue
        if len(row) != 2 or not row[0].isdigit() or len(row[0]) not in {2, 4, 6} or not row[1]:
            raise CityError(file, f"line {line}", "must be a code of 2, 4 or 6 digits and a name")
        if row[0] in found:
            raise CityError(file, row[0], "is given twice")
        found[row[0]] = row[1]
    for code in found:
        if len(code) > 2 and code[:-2] not in found:
            raise CityError(file, code, f"has no parent {code[:-2]}")
    return found


def _departments(file: Path, places: Iterable[Place]) -> dict[str, Department]:
    found = keyed(
        file, checked_list(file, read_mapping(file), "departments", Department), lambda d: d.code
    )
    names = {place.name for place in places}
    for department in found.values():
        for place in department.places:
            if place not in names:
                raise CityError(file, department.code, f"unknown place {place!r}")
    return found


def _categories(
    file: Path, catalogue: dict[str, str], departments: dict[str, Department]
) -> dict[str, Category]:
    raw = read_mapping(file).get("categories")
    if not isinstance(raw, dict):
        raise CityError(file, "categories", "must be a mapping of codes to entries")
    found: dict[str, Category] = {}
    for code, item in cast("dict[object, object]", raw).items():
        if not isinstance(code, str) or len(code) != 4 or code not in catalogue:
            raise CityError(file, str(code), "is no second-level code of the catalogue (quote it)")
        if not isinstance(item, dict):
            raise CityError(file, code, "must be a mapping")
        category = checked(file, code, Category, {**item, "code": code, "name": catalogue[code]})
        for body in (category, *category.cases):
            for department in (body.department, *body.assist):
                if department not in departments:
                    raise CityError(file, code, f"unknown department {department!r}")
            if departments[body.department].kind in (
                DepartmentKind.STREET,
                DepartmentKind.COMMUNITY,
            ):
                raise CityError(file, code, f"{body.department!r} is grassroots: use at_place")
        found[code] = category
    for code, name in catalogue.items():
        if len(code) == 4 and code not in found:
            raise CityError(file, code, f"is missing ({name})")
    return found


def _places(file: Path, city: str) -> tuple[Place, ...]:
    places = checked_list(file, read_mapping(file), "places", Place)
    keyed(file, places, lambda place: f"{place.parent}/{place.name}")
    names = {place.name for place in places} | {city}
    for place in places:
        if place.parent not in names:
            raise CityError(file, place.name, f"unknown parent {place.parent!r}")
    return tuple(places)


def _refusals(file: Path, catalogue: dict[str, str]) -> tuple[Refusal, ...]:
    refusals = keyed(
        file, checked_list(file, read_mapping(file), "refusals", Refusal), lambda r: r.code
    )
    for refusal in refusals.values():
        for topic in refusal.topics:
            if len(topic) != 4 or topic not in catalogue:
                raise CityError(file, refusal.code, f"unknown topic {topic!r}")
    return tuple(refusals.values())


def _dangers(file: Path) -> tuple[Danger, ...]:
    dangers = keyed(
        file, checked_list(file, read_mapping(file), "dangers", Danger), lambda d: d.code
    )
    if ANY_DANGER not in dangers:
        raise CityError(file, ANY_DANGER, "is missing: it is told when the kind of danger is open")
    return tuple(dangers.values())


def _lifecycle(file: Path) -> Lifecycle:
    content = read_mapping(file)
    raw = content.get("states")
    if not isinstance(raw, dict):
        raise CityError(file, "states", "must be a mapping of codes to entries")
    states = {
        str(code): checked(file, str(code), State, item)
        for code, item in cast("dict[object, object]", raw).items()
    }
    transitions = keyed(
        file,
        checked_list(file, content, "transitions", Transition),
        lambda transition: transition.action,
    )
    lifecycle = Lifecycle(
        initial=str(content.get("initial")), states=states, transitions=transitions
    )
    if problem := lifecycle_problem(lifecycle):
        raise CityError(file, *problem)
    return lifecycle


def _calendar(folder: Path) -> Calendar:
    """The notices that come with us, and the city's own, which count more."""
    notices: dict[int, HolidayNotice] = {}
    for file in (*sorted(HOLIDAYS.glob("*.yml")), *sorted((folder / "holidays").glob("*.yml"))):
        notice = checked(file, "", HolidayNotice, read_mapping(file))
        notices[notice.year] = notice
    return Calendar(notices=notices)


def _deadlines(file: Path, lifecycle: Lifecycle, catalogue: dict[str, str]) -> DeadlineRules:
    city = checked(file, "", Overrides, read_mapping(file))
    packs = {path.stem: path for path in PACKS.glob("*.yml")}
    if city.pack not in packs:
        raise CityError(
            file, "pack", f"unknown {city.pack!r}, known are {', '.join(sorted(packs))}"
        )
    pack = checked(packs[city.pack], "", Pack, read_mapping(packs[city.pack]))
    rules = combine(pack, city)
    if problem := rules_problem(rules, lifecycle.transitions, catalogue):
        raise CityError(file, *problem)
    for code, state in lifecycle.states.items():
        for action in ("supervise", "recount"):
            if state.clock and not lifecycle.after(code, action, Role.SYSTEM):
                told = f"the clock runs, and the system may not {action} (lifecycle.yml)"
                raise CityError(file, code, told)
    return rules


def _wording(file: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in read_mapping(file).items():
        texts = cast("list[object]", value) if isinstance(value, list) else [value]
        first = texts[0] if texts else None
        if not isinstance(first, str):
            raise CityError(file, key, "must be a text or a list of texts")
        found[key] = first.rstrip("\n")
    return found


def load_city(folder: Path) -> City:
    """Reads the city's folder. Raises CityError with one line that says which file and which entry
    are wrong.
    """
    if not folder.is_dir():
        raise CityError(folder / "city.yml", "", f"there is no folder {folder}")
    profile = checked(folder / "city.yml", "", Profile, read_mapping(folder / "city.yml"))
    catalogue = _catalogue(folder / "catalogue.csv")
    places = _places(folder / "places.yml", profile.name)
    departments = _departments(folder / "departments.yml", places)
    lifecycle = _lifecycle(folder / "lifecycle.yml")
    return City(
        profile=profile,
        catalogue=catalogue,
        categories=_categories(folder / "categories.yml", catalogue, departments),
        departments=departments,
        places=places,
        refusals=_refusals(folder / "refusals.yml", catalogue),
        dangers=_dangers(folder / "dangers.yml"),
        lifecycle=lifecycle,
        deadlines=_deadlines(folder / "deadlines.yml", lifecycle, catalogue),
        calendar=_calendar(folder),
        wording=_wording(folder / "wording.yml"),
    )
