"""Labelled messages from outside `nlu_data`: staff corrections to train on, test sets to measure on.

One JSON object a line: `{"text", "type", "topic", "places": [...]}`. Any field but the text may be
missing. `type` is the national Chinese name, `topic` a code of the catalogue at any level, `places` are
exact substrings of the text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Request types by their national names; 举报 and 报事 are the two kinds of `report`.
INTENT_OF_TYPE: dict[str, str] = {
    "咨询": "consultation",
    "投诉": "complaint",
    "举报": "violation",
    "报事": "incident",
    "求助": "help",
    "建议": "suggestion",
    "表扬": "praise",
    "其他": "other",
}
TYPE_OF_INTENT: dict[str, str] = {intent: name for name, intent in INTENT_OF_TYPE.items()}


#: The attribute of a training example whose places somebody has looked for, found or not.
PLACES_LABELLED = "places_labelled"

#: The attribute of a training example that says where it is from: one of the three below, own if missing.
ORIGIN = "origin"
OWN, OUTSIDE, TERM = "own", "outside", "term"

#: The attribute of a training example, and of a message, that names the danger to life it tells of, and what
#: stands there for none.
DANGER = "danger"
NO_DANGER = "none"


@dataclass(frozen=True)
class Labelled:
    """A message and what people say of it; None means nobody said."""

    text: str
    type: str | None = None
    topic: str | None = None
    places: tuple[str, ...] | None = None

    def place_spans(self) -> list[tuple[int, int]]:
        """Where the places stand: each at its first occurrence that is still free."""
        spans: list[tuple[int, int]] = []
        for place in sorted(self.places or (), key=len, reverse=True):
            start = self.text.find(place)
            while start >= 0 and any(start < e and s < start + len(place) for s, e in spans):
                start = self.text.find(place, start + 1)
            if start >= 0:
                spans.append((start, start + len(place)))
        return sorted(spans)


class BadLine(ValueError):
    """A line is not a labelled message; the message names file, line and reason."""


def read_labelled(path: Path) -> list[Labelled]:
    """Read a file of labelled messages.

    Raises:
        BadLine: see there.
        OSError: the file cannot be read.

    """
    labelled: list[Labelled] = []
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                try:
                    labelled.append(_parse(json.loads(line)))
                except (ValueError, TypeError) as error:
                    raise BadLine(f"{path}, line {number}: {error}") from None
    return labelled


def _parse(content: Any) -> Labelled:
    if not isinstance(content, dict) or not isinstance(content.get("text"), str):
        raise ValueError("not a JSON object with a text")  # noqa: TRY004
    kind = content.get("type") or None
    if kind is not None and kind not in INTENT_OF_TYPE:
        raise ValueError(f"unknown type {kind}; known are {', '.join(INTENT_OF_TYPE)}")
    topic = content.get("topic") or None
    if topic is not None and not (isinstance(topic, str) and topic.isdigit()):
        raise ValueError("topic is not a code of the catalogue")
    places = content.get("places")
    if places is not None:
        if not isinstance(places, list) or not all(isinstance(p, str) and p for p in places):
            raise ValueError("places is not a list of texts")
        missing = [place for place in places if place not in content["text"]]
        if missing:
            raise ValueError(f"place {missing[0]} is not in the text")
        places = tuple(places)
    return Labelled(content["text"], kind, topic, places)
