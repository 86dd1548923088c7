"""Rasa component: what kind of message this is, with a confidence that can be believed."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, METADATA, METADATA_EXAMPLE, METADATA_INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.linear import LinearModel
from bot.nlu.ngrams import intent_features
from bot.nlu.normaliser import normalised
from bot.nlu.segmenter import words

INTENT_RANKING = "intent_ranking"
TOPIC = "topic"
#: Rasa's own classifiers list ten; more only makes every stored message longer.
_RANKING_LENGTH = 10

#: Real messages are harder than our own sentences about a topic never seen: at this factor confidence and
#: accuracy agree best on the developers' set of real messages (expected calibration error 0.15 without).
DOUBT = 1.5

_NONE: dict[str, Any] = {"name": None, "confidence": 0.0}


def labelled_topic(example: Message) -> str | None:
    """The topic code that the training example or its block carries as metadata."""
    metadata = example.get(METADATA) or {}
    for level in (METADATA_EXAMPLE, METADATA_INTENT):
        code = (metadata.get(level) or {}).get(TOPIC)
        if code:
            return str(code)
    return None


def _features(message: Message) -> list[str]:
    return intent_features(normalised(message).text, words(message))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """One linear model over all intents: request types and what a conversation needs."""

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
        self.model = model
        self._model_storage = model_storage
        self._resource = resource

    def train(self, training_data: TrainingData) -> Resource:
        from bot.nlu.linear_training import train

        examples = [one for one in training_data.training_examples if one.get(INTENT)]
        self.model = train(
            [_features(example) for example in examples],
            [example.get(INTENT) for example in examples],
            doubt=DOUBT,
            groups=[labelled_topic(one) or f"#{number}" for number, one in enumerate(examples)],
        )
        with self._model_storage.write_to(self._resource) as directory:
            if self.model is not None:
                self.model.save(directory, INTENT)
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
            ranking = self.rank(_features(message))
            message.set(INTENT, dict(ranking[0]) if ranking else dict(_NONE), add_to_output=True)
            message.set(INTENT_RANKING, ranking[:_RANKING_LENGTH], add_to_output=True)
        return messages

    def rank(self, ngrams: list[str]) -> list[dict[str, Any]]:
        """All intents with their confidence, best first; none without a model."""
        if self.model is None:
            return []
        probabilities = self.model.probabilities(ngrams)
        order = (-probabilities).argsort(kind="stable")
        return [
            {"name": self.model.labels[i], "confidence": float(probabilities[i])} for i in order
        ]
