"""Reads a city's folder and checks that its files agree with each other."""

from __future__ import annotations

import csv
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml
from pydantic import BaseModel, ValidationError

from desk.city.errors import CityError
from desk.city.lifecycle import Lifecycle, State, Transition, problem_of
from desk.city.model import Category, City, Department, DepartmentKind, Place, Profile
from desk.city.triggers import Danger, Refusal

M = TypeVar("M", bound=BaseModel)


class _Loader(yaml.CSafeLoader):
    """YAML that refuses a key given twice: the second would silently win."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Hashable, Any]:
    seen: set[Hashable] = set()
    for key_node, _ in node.value:
        key = cast("Hashable", loader.construct_object(key_node))
        if key in seen:
            raise yaml.constructor.ConstructorError(
                problem=f"{key!r} is given twice", problem_mark=key_node.start_mark
            )
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise CityError(file, "", "is missing") from None
    except (OSError, UnicodeDecodeError) as error:
        raise CityError(file, "", f"cannot be read as UTF-8 text ({error})") from None


def _yaml(file: Path) -> dict[str, Any]:
    text = _text(file)
    try:
        content: object = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise CityError(file, f"line {line}", error.problem or "is not YAML") from None
    except yaml.YAMLError:
        raise CityError(file, "", "is not YAML") from None
    if not isinstance(content, dict):
        raise CityError(file, "", "must be a mapping of names to values")
    return cast("dict[str, Any]", content)


def _one(file: Path, entry: str, model: type[M], raw: object) -> M:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CityError(file, entry, f"{where}: {first['msg']}".lstrip(": ")) from None


def _section(file: Path, content: dict[str, Any], key: str, kind: type[M]) -> list[M]:
    """The list under `key`, each entry named in errors by its code, action or name."""
    raw = content.get(key)
    if not isinstance(raw, list):
        raise CityError(file, key, "must be a list")
    entries: list[M] = []
    for number, item in enumerate(cast("list[object]", raw), 1):
        named = cast("dict[str, object]", item) if isinstance(item, dict) else {}
        label = named.get("code") or named.get("action") or named.get("name") or f"{key} {number}"
        entries.append(_one(file, str(label), kind, item))
    return entries


def _by(file: Path, entries: Iterable[M], key: Callable[[M], str]) -> dict[str, M]:
    found: dict[str, M] = {}
    for entry in entries:
        if key(entry) in found:
            raise CityError(file, key(entry), "is given twice")
        found[key(entry)] = entry
    return found


def _catalogue(file: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for line, row in enumerate(csv.reader(_text(file).splitlines()), 1):
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
    found = _by(file, _section(file, _yaml(file), "departments", Department), lambda d: d.code)
    names = {place.name for place in places}
    for department in found.values():
        for place in department.places:
            if place not in names:
                raise CityError(file, department.code, f"unknown place {place!r}")
    return found


def _categories(
    file: Path, catalogue: dict[str, str], departments: dict[str, Department]
) -> dict[str, Category]:
    raw = _yaml(file).get("categories")
    if not isinstance(raw, dict):
        raise CityError(file, "categories", "must be a mapping of codes to entries")
    found: dict[str, Category] = {}
    for code, item in cast("dict[object, object]", raw).items():
        if not isinstance(code, str) or len(code) != 4 or code not in catalogue:
            raise CityError(file, str(code), "is no second-level code of the catalogue (quote it)")
        if not isinstance(item, dict):
            raise CityError(file, code, "must be a mapping")
        category = _one(file, code, Category, {**item, "code": code, "name": catalogue[code]})
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
    places = _section(file, _yaml(file), "places", Place)
    _by(file, places, lambda place: f"{place.parent}/{place.name}")
    names = {place.name for place in places} | {city}
    for place in places:
        if place.parent not in names:
            raise CityError(file, place.name, f"unknown parent {place.parent!r}")
    return tuple(places)


def _refusals(file: Path, catalogue: dict[str, str]) -> tuple[Refusal, ...]:
    refusals = _by(file, _section(file, _yaml(file), "refusals", Refusal), lambda r: r.code)
    for refusal in refusals.values():
        for topic in refusal.topics:
            if len(topic) != 4 or topic not in catalogue:
                raise CityError(file, refusal.code, f"unknown topic {topic!r}")
    return tuple(refusals.values())


def _dangers(file: Path) -> tuple[Danger, ...]:
    return tuple(
        _by(file, _section(file, _yaml(file), "dangers", Danger), lambda d: d.code).values()
    )


def _lifecycle(file: Path) -> Lifecycle:
    content = _yaml(file)
    raw = content.get("states")
    if not isinstance(raw, dict):
        raise CityError(file, "states", "must be a mapping of codes to entries")
    states = {
        str(code): _one(file, str(code), State, item)
        for code, item in cast("dict[object, object]", raw).items()
    }
    transitions = _by(
        file,
        _section(file, content, "transitions", Transition),
        lambda transition: transition.action,
    )
    for transition in transitions.values():
        problem = problem_of(transition, states)
        if problem:
            raise CityError(file, transition.action, problem)
    initial = content.get("initial")
    if initial not in states:
        raise CityError(file, "initial", f"unknown state {initial!r}")
    return Lifecycle(initial=str(initial), states=states, transitions=transitions)


def _wording(file: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in _yaml(file).items():
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
    profile = _one(folder / "city.yml", "", Profile, _yaml(folder / "city.yml"))
    catalogue = _catalogue(folder / "catalogue.csv")
    places = _places(folder / "places.yml", profile.name)
    departments = _departments(folder / "departments.yml", places)
    return City(
        profile=profile,
        catalogue=catalogue,
        categories=_categories(folder / "categories.yml", catalogue, departments),
        departments=departments,
        places=places,
        refusals=_refusals(folder / "refusals.yml", catalogue),
        dangers=_dangers(folder / "dangers.yml"),
        lifecycle=_lifecycle(folder / "lifecycle.yml"),
        wording=_wording(folder / "wording.yml"),
    )
