"""Rasa component: where the matter is, one entity for each place."""

from __future__ import annotations

import json
from collections.abc import Iterator
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
from bot.nlu.divisions import Divisions
from bot.nlu.gazetteer import Gazetteer, read_places
from bot.nlu.normaliser import normalised
from bot.nlu.place_grammar import (
    Span,
    choose,
    numbered_houses,
    repair,
    with_known_names,
    with_missed,
)
from bot.nlu.segmentation import read_words
from bot.nlu.segmenter import segments
from bot.nlu.word_classes import word_classes

PLACE = "place"
PLACE_SPANS = "place_spans"
_NAMES_FILE = "names.json"
_TAGGER_FILE = "places.crfsuite"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class PlaceExtractor(GraphComponent):
    """Joins the gazetteer of the city (`gazetteer`, a `places.yml`), the country's divisions (`divisions`, a
    word list), a learned tagger and the grammar of addresses. Finds every place that is named."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"gazetteer": None, "divisions": None}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PlaceExtractor:
        places, divisions = config.get("gazetteer"), config.get("divisions")
        return cls(
            Gazetteer(read_places(Path(places)) if places else ()),
            Divisions(read_words(Path(divisions)) if divisions else ()),
            None,
            model_storage,
            resource,
        )

    def __init__(
        self,
        gazetteer: Gazetteer,
        divisions: Divisions,
        learned: tagger.Tagger | None,
        model_storage: ModelStorage,
        resource: Resource,
    ) -> None:
        self._gazetteer = gazetteer
        self._divisions = divisions
        self._tagger = learned
        self._model_storage = model_storage
        self._resource = resource

    def train(self, training_data: TrainingData) -> Resource:
        with self._model_storage.write_to(self._resource) as directory:
            tagger.train(self._examples(training_data), directory / _TAGGER_FILE)
            (directory / _NAMES_FILE).write_text(
                json.dumps([self._gazetteer.names, self._divisions.names], ensure_ascii=False),
                encoding="utf-8",
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
            names, divisions = json.loads((directory / _NAMES_FILE).read_text(encoding="utf-8"))
            path = directory / _TAGGER_FILE
            learned = tagger.Tagger(path) if path.exists() else None
        word_classes()  # now, not while the first resident waits
        return cls(Gazetteer(names), Divisions(divisions), learned, model_storage, resource)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            spans = self._find(message)
            message.set(PLACE_SPANS, spans)
            entities = message.get(ENTITIES, []) + [_entity(message, span) for span in spans]
            message.set(ENTITIES, entities, add_to_output=True)
        return messages

    def _examples(
        self, training_data: TrainingData
    ) -> Iterator[tuple[str, list[list[str]], list[str]]]:
        for example in training_data.training_examples:
            if example.get(PLACES_LABELLED):
                text = normalised(example).text
                known, mentions = self._gazetteer.find(text), self._divisions.mentions(text)
                features = tagger.character_features(text, segments(example), known, mentions)
                yield text, features, tagger.encode(len(text), annotated_spans(example))

    def _find(self, message: Message) -> list[Span]:
        text, cut = normalised(message).text, segments(message)
        known, mentions = self._gazetteer.find(text), self._divisions.mentions(text)
        tagged: list[Span] = []
        if self._tagger:
            tagged = self._tagger.tag(tagger.character_features(text, cut, known, mentions))
        missed = self._divisions.find(text, mentions, cut) + numbered_houses(text)
        found = with_missed(with_known_names(tagged, known, cut), missed)
        return repair(text, found, cut)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class PlacesOfTheMatter(GraphComponent):
    """After the intent is known: of the places in a request keeps those where the matter is. Other messages
    keep all (“不是人民路，是建设路”)."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PlacesOfTheMatter:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if message.get(INTENT)["name"] in TYPE_OF_INTENT:
                spans = choose(normalised(message).text, place_spans(message))
                others = [one for one in message.get(ENTITIES, []) if one["entity"] != PLACE]
                entities = others + [_entity(message, span) for span in spans]
                message.set(ENTITIES, entities, add_to_output=True)
        return messages


def place_spans(message: Message) -> list[Span]:
    """All places found in a message, as spans of its normalised text."""
    return message.get(PLACE_SPANS) or []


def annotated_spans(example: Message) -> list[Span]:
    """Annotated places of a training example, as spans of its normalised text."""
    plain = normalised(example)
    found = (
        plain.normalised_span(entity["start"], entity["end"])
        for entity in example.get(ENTITIES, [])
        if entity["entity"] == PLACE
    )
    return [(start, end) for start, end in found if end > start]


def _entity(message: Message, span: Span) -> dict[str, Any]:
    start, end = normalised(message).original_span(*span)
    return {
        "entity": PLACE,
        "value": message.get(TEXT)[start:end],
        "start": start,
        "end": end,
        "extractor": PlaceExtractor.__name__,
    }
