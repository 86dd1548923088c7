"""Answers in XML and JSON: the same values, in the shapes that GeoReport v2 gives each."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from xml.etree import ElementTree as ET

from fastapi import Response

TYPES = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
# Not allowed in XML 1.0, escaped or not.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What a list's items are called in XML; in JSON they have no name.
_ITEMS = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}


class Open311Error(Exception):
    """What is wrong with a request: one or several, each with its code (an HTTP status)."""

    def __init__(self, *errors: tuple[int, str]) -> None:
        super().__init__("; ".join(f"{code}" for code, _ in errors))
        self.errors = errors


def answer(fmt: str, root: str, value: object, status: int = 200) -> Response:
    """A value under the name of its root element; JSON has no root, lists stand at its top."""
    if fmt == "json":
        body = json.dumps(_plain(value), ensure_ascii=False).encode("utf-8", "replace")
    else:
        body = ET.tostring(_element(root, value), encoding="utf-8", xml_declaration=True)
    headers = {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}
    return Response(body, status, headers, TYPES[fmt])


def errors(fmt: str, fault: Open311Error) -> Response:
    """The list of what is wrong; the first one's code is the status."""
    listed = [{"code": code, "description": text} for code, text in fault.errors]
    return answer(fmt if fmt in TYPES else "xml", "errors", listed, fault.errors[0][0])


def _element(name: str, value: object) -> ET.Element:
    element = ET.Element(name)
    if isinstance(value, Mapping):
        for key, inner in cast("Mapping[str, object]", value).items():
            element.append(_element(key, inner))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in cast("Sequence[object]", value):
            element.append(_element(_ITEMS[name], item))
    elif value is not None:
        element.text = _FORBIDDEN.sub("", _text(value))
    return element


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return {k: _plain(inner) for k, inner in cast("Mapping[str, object]", value).items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in cast("Sequence[object]", value)]
    return value.isoformat() if isinstance(value, datetime) else value
