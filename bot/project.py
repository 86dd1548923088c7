"""The Rasa project on disk as training sees it: which files count, and what they add up to."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import ENTITIES, INTENT, METADATA, METADATA_EXAMPLE, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.labelled import (
    DANGER,
    INTENT_OF_TYPE,
    ORIGIN,
    OUTSIDE,
    PLACES_LABELLED,
    TERM,
    Labelled,
    read_labelled,
)
from bot.nlu_files import read_dangers, read_examples, read_terms
from bot.place_variation import Marked, read_variation
from bot.settings import ENCODER_SETTING

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Project:
    """What one training reads. `extra` are labelled lines; with `only_extra` nothing else is learned."""

    city: str = "demo"
    extra: Path | None = None
    only_extra: bool = False

    @property
    def encoder(self) -> Path | None:
        """The folder of the city's own encoder, see `bot.nlu.encoder`."""
        folder = os.environ.get(ENCODER_SETTING)
        return Path(folder).resolve() if folder else None

    @property
    def places(self) -> Path:
        """The city's place names."""
        return ROOT / "cities" / self.city / "places.yml"

    def sources(self) -> Iterator[Path]:
        """Every file that the trained model depends on."""
        yield from (ROOT / "config.yml", ROOT / "domain.yml", ROOT / "bot" / "uv.lock")
        if self.places.exists():
            yield self.places
        for folder, pattern in (("nlu_data", "*.yml"), ("nlu_data", "*.txt"), ("bot", "*.py")):
            yield from (ROOT / folder).rglob(pattern)
        if self.extra is not None:
            yield self.extra
        if self.encoder is not None:
            yield from self.encoder.glob("*.onnx")

    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that change when anything does that the model depends on."""
        digest = hashlib.sha256(repr((self.city, self.only_extra, self.encoder)).encode())
        for path in sorted(set(self.sources())):
            digest.update(os.path.relpath(path, ROOT).encode())
            digest.update(path.read_bytes())
        return digest.hexdigest()[:12]


class ProjectImporter(RasaFileImporter):
    """Rasa's reading of the project, with the city's places and the extra lines put in."""

    def __init__(self, project: Project) -> None:
        super().__init__(
            str(ROOT / "config.yml"), str(ROOT / "domain.yml"), [str(ROOT / "nlu_data" / "rules")]
        )
        self._project = project
        self._nlu_data: TrainingData | None = None

    def get_config(self) -> dict[str, Any]:
        """`config.yml` with paths made absolute, the gazetteer of the chosen city and its encoder."""
        config = super().get_config()
        for component in config["pipeline"]:
            if "gazetteer" in component:
                places = self._project.places
                component["gazetteer"] = str(places) if places.exists() else None
            for name in ("dictionary", "divisions"):
                if component.get(name):
                    component[name] = str(ROOT / component[name])
            if component["name"] == "bot.nlu.encoder.EncoderOpinion" and self._project.encoder:
                component["folder"] = str(self._project.encoder)
        return config

    def get_nlu_data(self, language: str | None = "zh") -> TrainingData:
        """The examples to learn from; read once, asked for by several nodes of the graph."""
        if self._nlu_data is None:
            self._nlu_data = TrainingData(training_examples=self._examples())
        return self._nlu_data

    def _examples(self) -> list[Message]:
        extra: list[Message] = []
        if self._project.extra is not None:
            extra = [training_example(line) for line in read_labelled(self._project.extra)]
        if self._project.only_extra:
            return extra
        own = read_examples(ROOT / "nlu_data" / "nlu")
        for example in own:  # in what is no matter of a city nobody looked for places
            example.data[PLACES_LABELLED] = example.get(INTENT) != "out_of_scope"
        terms = [
            Message(data={TEXT: term, METADATA: {METADATA_EXAMPLE: {"topic": code}}, ORIGIN: TERM})
            for term, code in read_terms(ROOT / "nlu_data" / "lookups" / "topics.yml").examples()
        ]
        dangers = [
            Message(data={TEXT: text, DANGER: code})
            for text, code in read_dangers(ROOT / "nlu_data" / "dangers")
        ]
        return own + _varied(own) + terms + dangers + extra


def _varied(examples: Sequence[Message]) -> list[Message]:
    """Sentences of the examples with other places in them: the tagger of places learns from these, and
    nobody else, since they have no intent."""
    marked = [
        Marked(
            example.get(TEXT),
            tuple((entity["start"], entity["end"]) for entity in example.get(ENTITIES, [])),
        )
        for example in examples
    ]
    return [
        training_example(
            Labelled(one.text, places=tuple(one.text[start:end] for start, end in one.spans))
        )
        for one in read_variation(ROOT / "nlu_data" / "lookups").vary(marked)
    ]


def training_example(line: Labelled) -> Message:
    """A labelled line as Rasa's training data has it."""
    data: dict[str, Any] = {
        TEXT: line.text,
        PLACES_LABELLED: line.places is not None,
        ORIGIN: OUTSIDE,
    }
    if line.type is not None:
        data[INTENT] = INTENT_OF_TYPE[line.type]
    if line.topic is not None:
        data[METADATA] = {METADATA_EXAMPLE: {"topic": line.topic}}
    if line.places:
        data[ENTITIES] = [
            {"entity": "place", "value": line.text[start:end], "start": start, "end": end}
            for start, end in line.place_spans()
        ]
    return Message(data=data)
