"""Reading `nlu_data/nlu`: Rasa's training format, as fast as the YAML library allows.

Rasa validates each file against a schema in pure Python and reads it twice; 8,000 examples take half a
minute. These files hold intents with examples (entities in brackets, a topic as metadata) and nothing
else, so they are read here; anything else in them is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rasa.shared.nlu.constants import METADATA, METADATA_INTENT
from rasa.shared.nlu.training_data.entities_parser import parse_training_example
from rasa.shared.nlu.training_data.message import Message

_KEYS = {"intent", "metadata", "examples"}

#: A decisive term is learned after so many scenes; eight teach hardly more.
_SCENES_EACH = 4


class BadExamples(ValueError):
    """A file of examples is not as it should be; the message names the file and the block."""


def read_examples(folder: Path) -> list[Message]:
    """All training examples below `folder`, in the order of file names.

    Raises:
        BadExamples: see there.

    """
    return [example for path in sorted(folder.rglob("*.yml")) for example in _read(path)]


@dataclass(frozen=True)
class Terms:
    """Words that tell the topic of a message. `terms` and `decisive` with their second-level codes: the
    decisive ones whatever the scene, a place or a party that tells nothing."""

    terms: list[tuple[str, str]]
    decisive: list[tuple[str, str]]
    scenes: list[str]

    def examples(self) -> list[tuple[str, str]]:
        """Texts to learn from, with their codes: every term, and every decisive one after some scenes."""
        stride = max(1, len(self.scenes) // _SCENES_EACH)
        return self.terms + [
            (scene + term, code)
            for number, (term, code) in enumerate(self.decisive)
            for scene in self.scenes[number % stride :: stride][:_SCENES_EACH]
        ]


def read_terms(path: Path) -> Terms:
    """The terms of a file with `terms` and `decisive`, each `{code: "term term …"}`, and a line of `scenes`.

    Raises:
        BadExamples: see there.

    """
    try:
        content: Any = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.CSafeLoader)
        terms, decisive = (
            [(term, str(code)) for code, line in content[name].items() for term in line.split()]
            for name in ("terms", "decisive")
        )
        return Terms(terms, decisive, content["scenes"].split())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadExamples(f"{path}: {error}") from None
    except (TypeError, KeyError, AttributeError):
        raise BadExamples(f"{path}: wants terms and decisive by code, and scenes") from None


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
