"""Rasa component: does a message tell of danger to life, in words that no pattern knows?

The city's patterns (`cities/*/dangers.yml`) come first and do without the engine. This is the second look:
it learns from `nlu_data/dangers`, one file for each kind of danger and one of what only sounds like it.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.labelled import DANGER, NO_DANGER, TYPE_OF_INTENT
from bot.nlu.linear import Document, LinearModel, softmax
from bot.nlu.ngrams import character_pairs
from bot.nlu.normaliser import normalised

#: An example of a request, of which nobody said whether there is danger, counts for so much as one of none.
#: Whoever answers or greets is in none.
UNSAID = 0.05

#: Below this share of the danger its kind is open, and what is told is what helps in any.
_SURE_OF_KIND = 0.35
_ANY_KIND = "sos"

#: A sentence of fewer letters (“救命！” apart, which the patterns know) is no more than an exclamation.
_SHORTEST = 4

_NOTHING: dict[str, Any] = {"code": "", "confidence": 0.0}
_SENTENCE = re.compile(r"[^。!?;]+[。!?;]*")
_EXCLAMATIONS = re.compile(r"!+")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class DangerClassifier(GraphComponent):
    """The danger of a message is that of its most dangerous sentence: in a long letter there may be one."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> DangerClassifier:
        return cls(None, model_storage, resource)

    def __init__(
        self, model: LinearModel | None, model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._model = model
        self._model_storage = model_storage
        self._resource = resource

    def train(self, training_data: TrainingData) -> Resource:
        from bot.nlu.linear_training import (
            build_vocabulary,
            learn_classes,
            linear_model,
            matrix,
        )

        judged = [one for one in training_data.training_examples if one.get(DANGER)]
        others = [one for one in training_data.training_examples if one.get(INTENT)]
        counts = [UNSAID if one.get(INTENT) in TYPE_OF_INTENT else 1.0 for one in others]
        examples = judged + others if judged else []
        documents = [_features(normalised(one).text) for one in examples]
        vocabulary, idf = build_vocabulary(documents)
        learned = learn_classes(
            matrix(documents, vocabulary, idf),
            [one.get(DANGER, NO_DANGER) for one in examples],
            counts=[1.0] * len(judged) + counts,
        )
        model = linear_model(vocabulary, idf, [learned] if learned else [])
        with self._model_storage.write_to(self._resource) as directory:
            if model is not None:
                model.save(directory, DANGER)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> DangerClassifier:
        with model_storage.read_from(resource) as directory:
            return cls(LinearModel.load(directory, DANGER), model_storage, resource)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            message.set(DANGER, self._find(normalised(message).text), add_to_output=True)
        return messages

    def _find(self, text: str) -> dict[str, Any]:
        """The likeliest kind of danger, and how likely there is any."""
        if self._model is None or not any(map(str.isalnum, text)):
            return dict(_NOTHING)
        none = self._model.labels.index(NO_DANGER)
        scores = np.array([self._model.scores(_features(one)) for one in _sentences(text)])
        shares = softmax(scores)
        worst = shares[np.argmin(shares[:, none])]
        safe = float(worst[none])
        worst[none] = 0
        kind = int(np.argmax(worst))
        sure = worst[kind] >= _SURE_OF_KIND * (1 - safe)
        # Each sentence of a letter is one more that may be mistaken for a danger.
        confidence = (1 - safe) / (1 - safe + len(shares) * safe)
        return {"code": self._model.labels[kind] if sure else _ANY_KIND, "confidence": confidence}


def _features(text: str) -> Document:
    """Without exclamation marks: who is angry writes as many as who is in danger."""
    return [(1.0, character_pairs(_EXCLAMATIONS.sub("。", text)))]


def _sentences(text: str) -> list[str]:
    """The sentences of a text; the text itself when it has none."""
    found = _SENTENCE.findall(text)
    return [one for one in found if sum(map(str.isalnum, one)) >= _SHORTEST] or [text]
