"""Rasa component: what a message is about, as a second-level code of DB44/T 2479—2024."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.intent import TOPIC, labelled_topic, request_confidence
from bot.nlu.linear import LinearModel
from bot.nlu.ngrams import content_features
from bot.nlu.normaliser import normalised
from bot.nlu.segmenter import words

UNKNOWN_TOPIC: dict[str, Any] = {"code": "", "confidence": 0.0}

#: A message that is less likely a request of any type is about nothing (“好的”, “在人民路”).
MINIMUM_REQUEST = 0.3

#: Digits of a first-level code: the catalogue's codes are nested prefixes (03, 0306, 030601).
FIRST_LEVEL_DIGITS = 2


def _features(message: Message) -> list[str]:
    return content_features(normalised(message).text, words(message))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(GraphComponent):
    """One linear model over second-level codes; the first level is the sum of its second levels."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TopicClassifier:
        return cls(None, model_storage, resource)

    def __init__(
        self, model: LinearModel | None, model_storage: ModelStorage, resource: Resource
    ) -> None:
        self.model = model
        self._model_storage = model_storage
        self._resource = resource

    def train(self, training_data: TrainingData) -> Resource:
        from bot.nlu.linear_training import train

        labelled = [
            (example, code)
            for example in training_data.training_examples
            if (code := labelled_topic(example))
        ]
        self.model = train(
            [_features(example) for example, _ in labelled],
            [code for _, code in labelled],
            groups=[f"{example.get(INTENT)} {code}" for example, code in labelled],
        )
        with self._model_storage.write_to(self._resource) as directory:
            if self.model is not None:
                self.model.save(directory, TOPIC)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TopicClassifier:
        with model_storage.read_from(resource) as directory:
            return cls(LinearModel.load(directory, TOPIC), model_storage, resource)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            topic = dict(UNKNOWN_TOPIC)
            if request_confidence(message) >= MINIMUM_REQUEST:
                topic = self.classify(_features(message))
            message.set(TOPIC, topic, add_to_output=True)
        return messages

    def classify(self, ngrams: list[str]) -> dict[str, Any]:
        """The best second-level code of the best first-level code, with its own probability."""
        if self.model is None:
            return dict(UNKNOWN_TOPIC)
        probabilities = self.model.probabilities(ngrams)
        first_level: dict[str, float] = {}
        for code, probability in zip(self.model.labels, probabilities, strict=False):
            first = code[:FIRST_LEVEL_DIGITS]
            first_level[first] = first_level.get(first, 0.0) + float(probability)
        best_first = max(first_level, key=lambda code: first_level[code])
        confidence, code = max(
            (float(probability), code)
            for code, probability in zip(self.model.labels, probabilities, strict=False)
            if code.startswith(best_first)
        )
        return {
            "code": code,
            "confidence": confidence,
            "first_level": {"code": best_first, "confidence": first_level[best_first]},
        }
