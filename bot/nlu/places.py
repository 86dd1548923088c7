"""Rasa component: where the matter is, one entity for each place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.labelled import PLACES_LABELLED, TYPE_OF_INTENT
from bot.nlu import tagger
from bot.nlu.gazetteer import Gazetteer, read_places
from bot.nlu.normaliser import normalised
from bot.nlu.place_grammar import choose, repair, with_known_names
from bot.nlu.segmenter import segments

PLACE = "place"
_NAMES_FILE = "names.json"
_TAGGER_FILE = "places.crfsuite"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class PlaceExtractor(GraphComponent):
    """Joins the gazetteer of the city (`gazetteer`, a `places.yml`), a learned tagger and the grammar of
    addresses. Of a request only the places of the matter are given, of other messages all (“不是人民路，是
    建设路”)."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"gazetteer": None}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PlaceExtractor:
        path = config.get("gazetteer")
        names = read_places(Path(path)) if path else []
        return cls(Gazetteer(names), None, model_storage, resource)

    def __init__(
        self,
        gazetteer: Gazetteer,
        learned: tagger.Tagger | None,
        model_storage: ModelStorage,
        resource: Resource,
    ) -> None:
        self._gazetteer = gazetteer
        self._tagger = learned
        self._model_storage = model_storage
        self._resource = resource

    def train(self, training_data: TrainingData) -> Resource:
        sequences = [
            (self._features(example), tagger.encode(len(normalised(example).text), _spans(example)))
            for example in training_data.training_examples
            if example.get(PLACES_LABELLED)
        ]
        with self._model_storage.write_to(self._resource) as directory:
            if sequences:
                tagger.train(sequences, directory / _TAGGER_FILE)
            (directory / _NAMES_FILE).write_text(
                json.dumps(self._gazetteer.names, ensure_ascii=False), encoding="utf-8"
            )
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> PlaceExtractor:
        with model_storage.read_from(resource) as directory:
            names = json.loads((directory / _NAMES_FILE).read_text(encoding="utf-8"))
            path = directory / _TAGGER_FILE
            learned = tagger.Tagger(path) if path.exists() else None
        return cls(Gazetteer(names), learned, model_storage, resource)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            message.set(
                ENTITIES, message.get(ENTITIES, []) + self.extract(message), add_to_output=True
            )
        return messages

    def extract(self, message: Message) -> list[dict[str, Any]]:
        """Place entities of a message, with offsets into its original text."""
        text, plain = message.get(TEXT) or "", normalised(message)
        cut = segments(message)
        tagged = self._tagger.tag(self._features(message)) if self._tagger else []
        named = with_known_names(tagged, self._gazetteer.find(plain.text), cut)
        spans = repair(plain.text, named, cut)
        if message.get(INTENT, {}).get("name") in TYPE_OF_INTENT:
            spans = choose(plain.text, spans)
        entities: list[dict[str, Any]] = []
        for span in spans:
            start, end = plain.original_span(*span)
            entities.append(
                {
                    "entity": PLACE,
                    "value": text[start:end],
                    "start": start,
                    "end": end,
                    "extractor": type(self).__name__,
                }
            )
        return entities

    def _features(self, message: Message) -> list[list[str]]:
        return tagger.character_features(
            normalised(message).text, segments(message), self._gazetteer
        )


def _spans(example: Message) -> list[tuple[int, int]]:
    """Annotated places of a training example, as spans of its normalised text."""
    plain = normalised(example)
    found = (
        plain.normalised_span(entity["start"], entity["end"])
        for entity in example.get(ENTITIES, [])
        if entity["entity"] == PLACE
    )
    return [(start, end) for start, end in found if end > start]
