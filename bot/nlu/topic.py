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

from bot.labelled import ORIGIN, OWN
from bot.nlu.intent import TOPIC, labelled_topic, request_confidence
from bot.nlu.linear import LinearModel
from bot.nlu.segmenter import words
from bot.nlu.topic_model import UNKNOWN_TOPIC, TopicModel

#: A message that is less likely a request of any type is about nothing (“好的”, “在人民路”).
MINIMUM_REQUEST = 0.3


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(GraphComponent):
    """The first level decides, then the second level within it; see `bot.nlu.topic_model`."""

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
        self._model = TopicModel(model) if model else None
        self._model_storage = model_storage
        self._resource = resource

    def train(self, training_data: TrainingData) -> Resource:
        from bot.nlu.topic_training import TopicExample, train_topics

        examples: list[TopicExample] = []
        for number, example in enumerate(training_data.training_examples):
            code = labelled_topic(example)
            if code:
                origin = example.get(ORIGIN, OWN)
                group = f"{example.get(INTENT)} {code}" if origin == OWN else f"#{number}"
                examples.append(TopicExample(words(example), code, origin, group))
        model = train_topics(examples)
        with self._model_storage.write_to(self._resource) as directory:
            if model is not None:
                model.save(directory, TOPIC)
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
            if self._model is not None and request_confidence(message) >= MINIMUM_REQUEST:
                topic = self._model.classify(words(message))
            message.set(TOPIC, topic, add_to_output=True)
        return messages
