"""Rasa component: replaces the intent by `nlu_fallback` where nothing was understood."""

from __future__ import annotations

import json
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import ENTITIES, INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.intent import INTENT_RANKING, TOPIC, request_confidence
from bot.nlu.normaliser import normalised
from bot.nlu.rejection_rules import (
    MINIMUM_KNOWN_SHARE,
    character_pairs,
    is_foreign,
    is_uncertain,
    is_unreadable,
    known_share,
)
from bot.nlu.topic_model import UNKNOWN_TOPIC

_FILE = "rejection.json"

#: Examples of this intent are what other bots are asked; they do not make a text understandable.
_OUT_OF_SCOPE = "out_of_scope"

#: A message that is nothing but a number means this.
_INTENT_OF_NUMBER = {"ticket_number": "ask_progress", "phone": "inform", "id_number": "inform"}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class Rejection(GraphComponent):
    """See `bot.nlu.rejection_rules`. Learns which pairs of characters occur, and the short texts (“ok”,
    “👌”) that a rule would refuse although the examples say what they mean."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Rejection:
        return cls(frozenset(), frozenset(), model_storage, resource)

    def __init__(
        self,
        known_pairs: frozenset[str],
        understood: frozenset[str],
        model_storage: ModelStorage,
        resource: Resource,
    ) -> None:
        self._known_pairs = known_pairs
        self._understood = understood
        self._model_storage = model_storage
        self._resource = resource

    def train(self, training_data: TrainingData) -> Resource:
        understood = {
            normalised(example).text
            for example in training_data.intent_examples
            if example.get(INTENT) != _OUT_OF_SCOPE
        }
        self._known_pairs = frozenset(
            pair
            for example in training_data.intent_examples
            for pair in character_pairs(normalised(example).text)
        )
        self._understood = frozenset(
            text for text in understood if _is_refused(text, known_share(text, self._known_pairs))
        )
        with self._model_storage.write_to(self._resource) as directory:
            content = {
                "known_pairs": sorted(self._known_pairs),
                "understood": sorted(self._understood),
            }
            (directory / _FILE).write_text(
                json.dumps(content, ensure_ascii=False), encoding="utf-8"
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
    ) -> Rejection:
        with model_storage.read_from(resource) as directory:
            content = json.loads((directory / _FILE).read_text(encoding="utf-8"))
        return cls(
            frozenset(content["known_pairs"]),
            frozenset(content["understood"]),
            model_storage,
            resource,
        )

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            number = _only_number(message)
            if number is not None:
                _put_first(message, _INTENT_OF_NUMBER[number], 1.0)
            elif self._is_rejected(message):
                best = message.get(INTENT)["confidence"]
                _put_first(message, DEFAULT_NLU_FALLBACK_INTENT_NAME, 1.0 - best)
                message.set(TOPIC, dict(UNKNOWN_TOPIC), add_to_output=True)
        return messages

    def _is_rejected(self, message: Message) -> bool:
        text = normalised(message).text
        share = known_share(text, self._known_pairs)
        if _is_refused(text, share) and text not in self._understood:
            return True
        return is_uncertain(message.get(INTENT)["confidence"], request_confidence(message), share)


def _is_refused(text: str, share: float) -> bool:
    """Whether the rules refuse a text, `share` of whose pairs of characters are known."""
    return is_unreadable(text) or is_foreign(text) or share < MINIMUM_KNOWN_SHARE


def _put_first(message: Message, intent: str, confidence: float) -> None:
    chosen = {"name": intent, "confidence": confidence}
    others = [one for one in message.get(INTENT_RANKING) if one["name"] != intent]
    message.set(INTENT, dict(chosen), add_to_output=True)
    message.set(INTENT_RANKING, [chosen, *others], add_to_output=True)


def _only_number(message: Message) -> str | None:
    """The kind of number that is all the message consists of, if so."""
    for entity in message.get(ENTITIES, []):
        if entity["entity"] in _INTENT_OF_NUMBER:
            rest = message.get("text")[: entity["start"]] + message.get("text")[entity["end"] :]
            if not any(character.isalnum() for character in rest):
                return str(entity["entity"])
    return None
