"""Reading `nlu_data/nlu`: Rasa's training format, as fast as the YAML library allows.

Rasa validates each file against a schema in pure Python and reads it twice; 8,000 examples take half a
minute. These files hold intents with examples (entities in brackets, a topic as metadata) and nothing
else, so they are read here; anything else in them is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from rasa.shared.nlu.constants import METADATA, METADATA_INTENT
from rasa.shared.nlu.training_data.entities_parser import parse_training_example
from rasa.shared.nlu.training_data.message import Message

_KEYS = {"intent", "metadata", "examples"}


class BadExamples(ValueError):
    """A file of examples is not as it should be; the message names the file and the block."""


def read_examples(folder: Path) -> list[Message]:
    """All training examples below `folder`, in the order of file names.

    Raises:
        BadExamples: see there.

    """
    return [example for path in sorted(folder.rglob("*.yml")) for example in _read(path)]


def read_terms(path: Path) -> list[tuple[str, str]]:
    """Terms and their second-level codes, from a file `terms: {code: "term term …"}`.

    Raises:
        BadExamples: see there.

    """
    try:
        content: Any = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadExamples(f"{path}: {error}") from None
    terms = content.get("terms") if isinstance(content, dict) else None
    if not isinstance(terms, dict):
        raise BadExamples(f"{path}: no terms by code")
    return [(term, str(code)) for code, line in terms.items() for term in str(line).split()]


def read_dangers(folder: Path) -> list[tuple[str, str]]:
    """Sentences and the danger each tells of: one a line, in a file named by the danger's code.

    Raises:
        BadExamples: a file is not UTF-8.

    """
    found: list[tuple[str, str]] = []
    for path in sorted(folder.glob("*.txt")):
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except UnicodeDecodeError as error:
            raise BadExamples(f"{path}: {error}") from None
        found += [(line.strip(), path.stem) for line in lines if line.strip()]
    return found


def _read(path: Path) -> Iterator[Message]:
    try:
        content: Any = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadExamples(f"{path}: {error}") from None
    blocks = content.get("nlu") if isinstance(content, dict) else None
    if not isinstance(blocks, list):
        raise BadExamples(f"{path}: no list of blocks under nlu")
    for number, block in enumerate(blocks, start=1):
        if not isinstance(block, dict) or not block.keys() <= _KEYS or not block.get("intent"):
            raise BadExamples(f"{path}, block {number}: wants an intent with examples")
        yield from _examples(block, f"{path}, block {number}")


def _examples(block: dict[str, Any], place: str) -> Iterator[Message]:
    for line in str(block.get("examples") or "").splitlines():
        text = line.strip()
        if not text:
            continue
        if not text.startswith("- "):
            raise BadExamples(f"{place}: example without dash: {text[:20]}")
        example = parse_training_example(text[2:].strip(), block["intent"])
        if block.get("metadata"):
            example.set(METADATA, {METADATA_INTENT: block["metadata"]})
        yield example
