"""The city's answers, as files: `nlu_data/faq/*.yml`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from desk.knowledge.index import Entry


class FaqError(Exception):
    """A file of answers is broken; the message names it."""


class _Source(BaseModel):
    title: str
    updated: date


class _Item(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str
    topic: str
    question: str
    variants: list[str] = Field(min_length=1)
    answer: str
    source: _Source


def load_faq(folder: Path) -> list[Entry]:
    """All answers of a folder. Raises FaqError, naming the file, for what cannot be read."""
    entries: dict[str, Entry] = {}
    for path in sorted(folder.glob("*.yml")):
        try:
            raw = yaml.safe_load(path.read_text(encoding="utf-8"))
            items = [_Item.model_validate(item) for item in raw or []]
        except (yaml.YAMLError, UnicodeDecodeError, ValidationError, TypeError) as error:
            raise FaqError(f"{path}: {error}") from error
        for item in items:
            if item.id in entries:
                raise FaqError(f"{path}: the id {item.id} is used twice")
            entries[item.id] = Entry(
                item.id,
                item.topic,
                item.question,
                tuple(item.variants),
                item.answer,
                item.source.title,
                item.source.updated.isoformat(),
            )
    return list(entries.values())
