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

from bot.labelled import ORIGIN, OWN, TYPE_OF_INTENT
from bot.nlu.cues import cues
from bot.nlu.linear import LinearModel
from bot.nlu.masking import without_places
from bot.nlu.ngrams import intent_features
from bot.nlu.normaliser import normalised
from bot.nlu.places import annotated_spans, place_spans
from bot.nlu.segmenter import segments, words
from bot.nlu.type_weights import type_weights

INTENT_RANKING = "intent_ranking"
TOPIC = "topic"

#: What the first model calls every request, whatever its type.
REQUEST = "request"

#: Rasa's own classifiers list ten; more only makes every stored message longer.
_RANKING_LENGTH = 10

#: Real messages are harder than our own sentences about a topic never seen: at this factor confidence and
#: accuracy agree best on some 500 real messages (expected calibration error 0.04; 0.10 without).
DOUBT = 1.4

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
    """Two linear models. The first tells a request from what else is said in a conversation, and sees no
    places; the second tells the request types apart. An intent's confidence is their product."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        return cls(None, None, model_storage, resource)

    def __init__(
        self,
        acts: LinearModel | None,
        types: LinearModel | None,
        model_storage: ModelStorage,
        resource: Resource,
    ) -> None:
        self._acts = acts
        self._types = types
        self._model_storage = model_storage
        self._resource = resource

    def train(self, training_data: TrainingData) -> Resource:
        from bot.nlu.linear_training import train

        examples = [one for one in training_data.training_examples if one.get(INTENT)]
        requests = [one for one in examples if one.get(INTENT) in TYPE_OF_INTENT]
        self._acts = train(
            [_act_features(one, annotated_spans(one)) for one in examples],
            [REQUEST if one.get(INTENT) in TYPE_OF_INTENT else one.get(INTENT) for one in examples],
        )
        self._types = train(
            [_type_features(one, annotated_spans(one)) for one in requests],
            [one.get(INTENT) for one in requests],
            groups=[labelled_topic(one) or f"#{number}" for number, one in enumerate(requests)],
            doubt=DOUBT,
            weights=type_weights(
                [one.get(INTENT) for one in requests],
                [one.get(ORIGIN, OWN) for one in requests],
            ),
        )
        with self._model_storage.write_to(self._resource) as directory:
            for name, model in (("acts", self._acts), ("types", self._types)):
                if model is not None:
                    model.save(directory, name)
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
            acts, types = (LinearModel.load(directory, name) for name in ("acts", "types"))
        return cls(acts, types, model_storage, resource)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            ranking = self._rank(message)
            message.set(INTENT, dict(ranking[0]) if ranking else dict(_NONE), add_to_output=True)
            message.set(INTENT_RANKING, ranking[:_RANKING_LENGTH], add_to_output=True)
        return messages

    def _rank(self, message: Message) -> list[dict[str, Any]]:
        """All intents with their confidence, best first; none without a model."""
        places = place_spans(message)
        shares = {REQUEST: 1.0}
        if self._acts is not None:
            shares = self._acts.distribution(_act_features(message, places))
        request = shares.pop(REQUEST, 0.0)
        if self._types is not None:
            for name, share in self._types.distribution(_type_features(message, places)).items():
                shares[name] = request * share
        ordered = sorted(shares.items(), key=lambda one: (-one[1], one[0]))
        return [{"name": name, "confidence": confidence} for name, confidence in ordered]


def request_confidence(message: Message) -> float:
    """How likely a message is a request of some type."""
    ranking: list[dict[str, Any]] = message.get(INTENT_RANKING) or []
    return float(sum(one["confidence"] for one in ranking if one["name"] in TYPE_OF_INTENT))


def _act_features(message: Message, places: list[tuple[int, int]]) -> list[str]:
    return intent_features(*without_places(normalised(message).text, segments(message), places))


def _type_features(message: Message, places: list[tuple[int, int]]) -> list[str]:
    """A place is no party: “超市门口” does not say that the supermarket is to blame."""
    text = normalised(message).text
    without, _ = without_places(text, [], places)
    return intent_features(text, words(message)) + cues(without)
