"""Rasa component: what kind of message this is, with a confidence that can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, METADATA, METADATA_EXAMPLE, METADATA_INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.labelled import ORIGIN, OWN, TYPE_OF_INTENT
from bot.nlu.cues import cues
from bot.nlu.linear import Document, LinearModel, softmax
from bot.nlu.masking import without_places
from bot.nlu.ngrams import character_pairs, edge_features, word_features
from bot.nlu.normaliser import normalised
from bot.nlu.places import annotated_spans, place_spans
from bot.nlu.segmenter import segments
from bot.nlu.type_weights import type_weights

INTENT_RANKING = "intent_ranking"
TOPIC = "topic"

#: What the first answer calls every request, whatever its type.
REQUEST = "request"

#: Rasa's own classifiers list ten; more only makes every stored message longer.
_RANKING_LENGTH = 10

#: Real messages are harder than our own sentences about a topic never seen: at this factor confidence and
#: accuracy agree best on 1,500 real messages (expected calibration error 0.04 on most of them).
DOUBT = 1.3

#: What each kind of feature counts; see `docs/understanding.md`.
_CHARACTERS, _WORDS, _EDGES, _CUES = 0.7, 0.5, 0.3, 0.2

_NONE: dict[str, Any] = {"name": None, "confidence": 0.0}


def labelled_topic(example: Message) -> str | None:
    """The topic code that the training example or its block carries as metadata."""
    metadata = example.get(METADATA) or {}
    for level in (METADATA_EXAMPLE, METADATA_INTENT):
        code = (metadata.get(level) or {}).get(TOPIC)
        if code:
            return str(code)
    return None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """Two questions to one linear model, which sees no places: is this a request or what else is said in a
    conversation, and which type of request. An intent's confidence is the product of the answers."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        return cls(None, model_storage, resource)

    def __init__(
        self, model: LinearModel | None, model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._model = model
        self._types: list[int] = []
        self._acts: list[int] = []
        for column, label in enumerate(model.labels if model else ()):
            (self._types if label in TYPE_OF_INTENT else self._acts).append(column)
        self._model_storage = model_storage
        self._resource = resource

    def train(self, training_data: TrainingData) -> Resource:
        from bot.nlu.linear_training import (
            build_vocabulary,
            learn_classes,
            linear_model,
            matrix,
        )

        examples = [one for one in training_data.training_examples if one.get(INTENT)]
        documents = [_features(one, annotated_spans(one)) for one in examples]
        vocabulary, idf = build_vocabulary(documents)
        rows = matrix(documents, vocabulary, idf)
        intents = [one.get(INTENT) for one in examples]
        numbers = [i for i, intent in enumerate(intents) if intent in TYPE_OF_INTENT]
        types = [intents[i] for i in numbers]
        acts = learn_classes(
            rows, [REQUEST if intent in TYPE_OF_INTENT else intent for intent in intents]
        )
        kinds = learn_classes(
            rows[numbers],
            types,
            groups=[labelled_topic(examples[i]) or f"#{i}" for i in numbers],
            doubt=DOUBT,
            counts=type_weights(types, [examples[i].get(ORIGIN, OWN) for i in numbers]),
        )
        model = linear_model(vocabulary, idf, filter(None, (acts, kinds)))
        with self._model_storage.write_to(self._resource) as directory:
            if model is not None:
                model.save(directory, INTENT)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifier:
        with model_storage.read_from(resource) as directory:
            return cls(LinearModel.load(directory, INTENT), model_storage, resource)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            ranking = self._rank(message)
            message.set(INTENT, dict(ranking[0]) if ranking else dict(_NONE), add_to_output=True)
            message.set(INTENT_RANKING, ranking[:_RANKING_LENGTH], add_to_output=True)
        return messages

    def _rank(self, message: Message) -> list[dict[str, Any]]:
        """All intents with their confidence, best first; none without a model."""
        if self._model is None:
            return []
        labels, scores = (
            self._model.labels,
            self._model.scores(_features(message, place_spans(message))),
        )
        shares = {REQUEST: 1.0}
        if self._acts:
            shares = _shares(labels, scores, self._acts)
        request = shares.pop(REQUEST, 0.0)
        if self._types:
            of_request = _shares(labels, scores, self._types)
            shares.update((name, request * share) for name, share in of_request.items())
        ordered = sorted(shares.items(), key=lambda one: (-one[1], one[0]))
        return [{"name": name, "confidence": confidence} for name, confidence in ordered]


def request_confidence(message: Message) -> float:
    """How likely a message is a request of some type."""
    ranking: list[dict[str, Any]] = message.get(INTENT_RANKING) or []
    return float(sum(one["confidence"] for one in ranking if one["name"] in TYPE_OF_INTENT))


def _shares(labels: Sequence[str], scores: np.ndarray, columns: list[int]) -> dict[str, float]:
    """Probabilities of the labels in these columns, which exclude each other."""
    found = softmax(scores[columns]).tolist()
    return {labels[column]: share for column, share in zip(columns, found, strict=True)}


def _features(message: Message, places: list[tuple[int, int]]) -> Document:
    """What is said, whatever street it is said of. A place is no party either: “超市门口” does not say that
    the supermarket is to blame."""
    text, words = without_places(normalised(message).text, segments(message), places)
    return [
        (_CHARACTERS, character_pairs(text)),
        (_WORDS, word_features(words)),
        (_EDGES, edge_features(text, words)),
        (_CUES, cues(text)),
    ]
