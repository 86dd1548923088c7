"""Rasa component: puts the normalised text beside the original one."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.normalise import Normalised, normalise

NORMALISED = "normalised"


def normalised(message: Message) -> Normalised:
    """The normalised text of a message, made on first use."""
    found = message.get(NORMALISED)
    if found is None:
        found = normalise(message.get(TEXT) or "")
        message.set(NORMALISED, found)
    return found


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class Normaliser(GraphComponent):
    """First of the pipeline; see `bot.nlu.normalise`."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Normaliser:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            normalised(message)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data
