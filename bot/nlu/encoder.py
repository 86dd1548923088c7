"""Rasa component: a second opinion on the request type from an encoder that the city brings along.

Off unless `YINGSHENG_ENCODER_DIR` named a folder when the model was trained: one with `model.onnx`, a
transformer that gives hidden states for token ids, and `tokenizer.json` as Hugging Face's tokenizers write
it. The model remembers the folder. No encoder comes with the project and none is downloaded;
`docs/understanding.md` says how a city gets one. The encoder stays as it is: what is learned is a linear
layer on the mean of its hidden states.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.labelled import TYPE_OF_INTENT
from bot.nlu.intent import INTENT_RANKING
from bot.nlu.linear import WEIGHT_TYPE, softmax
from bot.nlu.normaliser import normalised

#: Tokens of a text that are read; longer ones cost time quadratically and add little.
MAXIMUM_TOKENS = 256
_BATCH = 16

#: What the encoder's opinion counts against the linear model's.
SHARE = 0.5

logger = logging.getLogger("yingsheng.engine")


class Encoder:
    """Texts to vectors."""

    def __init__(self, folder: Path) -> None:
        """Load the folder. Raises OSError or a library's error when it holds no encoder."""
        import onnxruntime
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAXIMUM_TOKENS)
        self._tokenizer.enable_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            (folder / "model.onnx").read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = {one.name for one in self._session.get_inputs()}

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """A unit vector for each text, (texts, hidden size)."""
        parts = [self._embed(texts[i : i + _BATCH]) for i in range(0, len(texts), _BATCH)]
        return np.concatenate(parts).astype(WEIGHT_TYPE)

    def _embed(self, texts: Sequence[str]) -> np.ndarray:
        coded = self._tokenizer.encode_batch(list(texts))
        mask = np.array([one.attention_mask for one in coded], dtype=np.int64)
        given = {
            "input_ids": np.array([one.ids for one in coded], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        fed = {name: array for name, array in given.items() if name in self._inputs}
        hidden: np.ndarray = self._session.run(None, fed)[0]
        weights = mask[:, :, None]
        means = (hidden * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1)
        return means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class EncoderOpinion(GraphComponent):
    """See the module. Without an encoder it leaves every message as it is."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EncoderOpinion:
        return cls(_encoder_of(config), model_storage, resource)

    def __init__(
        self, encoder: Encoder | None, model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._encoder = encoder
        self._labels: list[str] = []
        self._weights = np.zeros((0, 0), dtype=WEIGHT_TYPE)
        self._bias = np.zeros(0, dtype=WEIGHT_TYPE)
        self._model_storage = model_storage
        self._resource = resource

    def train(self, training_data: TrainingData) -> Resource:
        from sklearn.linear_model import LogisticRegression

        examples = [
            one for one in training_data.training_examples if one.get(INTENT) in TYPE_OF_INTENT
        ]
        intents = [one.get(INTENT) for one in examples]
        with self._model_storage.write_to(self._resource) as directory:
            if self._encoder is not None and len(set(intents)) > 2:
                vectors = self._encoder.embed([normalised(one).text for one in examples])
                learner = LogisticRegression(C=10.0, max_iter=1000).fit(vectors, intents)
                (directory / "labels.json").write_text(json.dumps(list(learner.classes_)))
                np.savez(directory / "head.npz", weights=learner.coef_.T, bias=learner.intercept_)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> EncoderOpinion:
        with model_storage.read_from(resource) as directory:
            if not (directory / "labels.json").exists():
                return cls(None, model_storage, resource)
            try:
                encoder = _encoder_of(config)
            except ValueError as error:
                logger.warning("types are told without the encoder: %s", error)
                encoder = None
            loaded = cls(encoder, model_storage, resource)
            loaded._labels = json.loads((directory / "labels.json").read_text())
            with np.load(directory / "head.npz", allow_pickle=False) as head:
                loaded._weights, loaded._bias = head["weights"], head["bias"]
        return loaded

    def process(self, messages: list[Message]) -> list[Message]:
        encoder = self._encoder
        if encoder is not None and self._labels:
            for message in messages:
                vector = encoder.embed([normalised(message).text])[0]
                shares = softmax(vector @ self._weights + self._bias).tolist()
                opinion = dict(zip(self._labels, shares, strict=True))
                ranking = blend(message.get(INTENT_RANKING), opinion)
                message.set(INTENT_RANKING, ranking, add_to_output=True)
                message.set(INTENT, dict(ranking[0]), add_to_output=True)
        return messages


def blend(ranking: Sequence[dict[str, Any]], opinion: dict[str, float]) -> list[dict[str, Any]]:
    """The ranking with its request types shared out anew; how likely a request is stays as it was."""
    request = sum(one["confidence"] for one in ranking if one["name"] in opinion)
    shared = {
        one["name"]: (1 - SHARE) * one["confidence"] + SHARE * request * opinion[one["name"]]
        if one["name"] in opinion
        else one["confidence"]
        for one in ranking
    }
    ordered = sorted(shared.items(), key=lambda one: (-one[1], one[0]))
    return [{"name": name, "confidence": confidence} for name, confidence in ordered]


def _encoder_of(config: dict[str, Any]) -> Encoder | None:
    """The encoder that is set, if any. Raises ValueError, naming the folder, when it cannot be loaded."""
    folder = config.get("folder")
    if not folder:
        return None
    try:
        return Encoder(Path(folder))
    except Exception as error:  # whatever the two libraries raise
        raise ValueError(f"no encoder in {folder}: {error}; see docs/understanding.md") from error
