"""Reading a city's files: YAML that is checked against a model, with errors that name the place."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml
from pydantic import BaseModel, ValidationError

from desk.city.errors import CityError

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


def read_text(file: Path) -> str:
    """A file's text. Raises CityError."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise CityError(file, "", "is missing") from None
    except (OSError, UnicodeDecodeError) as error:
        raise CityError(file, "", f"cannot be read as UTF-8 text ({error})") from None


def read_mapping(file: Path) -> dict[str, Any]:
    """A YAML file's mapping of names to values. Raises CityError."""
    try:
        content: object = yaml.load(read_text(file), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise CityError(file, f"line {line}", error.problem or "is not YAML") from None
    except yaml.YAMLError:
        raise CityError(file, "", "is not YAML") from None
    if not isinstance(content, dict):
        raise CityError(file, "", "must be a mapping of names to values")
    return cast("dict[str, Any]", content)


def checked(file: Path, entry: str, model: type[M], raw: object) -> M:
    """A value of a model. Raises CityError that names the file, the entry and the field."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CityError(file, entry, f"{where}: {first['msg']}".lstrip(": ")) from None


def checked_list(file: Path, content: dict[str, Any], key: str, kind: type[M]) -> list[M]:
    """The list under `key`, each entry named in errors by its code, action or name."""
    raw = content.get(key)
    if not isinstance(raw, list):
        raise CityError(file, key, "must be a list")
    entries: list[M] = []
    for number, item in enumerate(cast("list[object]", raw), 1):
        named = cast("dict[str, object]", item) if isinstance(item, dict) else {}
        label = named.get("code") or named.get("action") or named.get("name") or f"{key} {number}"
        entries.append(checked(file, str(label), kind, item))
    return entries


def keyed(file: Path, entries: Iterable[M], key: Callable[[M], str]) -> dict[str, M]:
    """Entries by their key. Raises CityError when one is given twice."""
    found: dict[str, M] = {}
    for entry in entries:
        if key(entry) in found:
            raise CityError(file, key(entry), "is given twice")
        found[key(entry)] = entry
    return found
