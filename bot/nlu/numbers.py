"""Rasa component: telephone, identity and ticket numbers as entities."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.normaliser import normalised
from bot.nlu.number_patterns import find_numbers


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class NumberExtractor(GraphComponent):
    """See `bot.nlu.number_patterns`. A number is never part of a place: spans that overlap one go."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NumberExtractor:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            plain = normalised(message)
            numbers: list[dict[str, Any]] = []
            for found in find_numbers(plain.text):
                start, end = plain.original_span(found.start, found.end)
                numbers.append(
                    {
                        "entity": found.kind,
                        "value": found.value,
                        "start": start,
                        "end": end,
                        "extractor": type(self).__name__,
                    }
                )
            kept = [
                entity
                for entity in message.get(ENTITIES, [])
                if all(
                    entity["end"] <= number["start"] or entity["start"] >= number["end"]
                    for number in numbers
                )
            ]
            entities = sorted(kept + numbers, key=lambda entity: entity["start"])
            message.set(ENTITIES, entities, add_to_output=True)
        return messages
