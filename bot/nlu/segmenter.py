"""Rasa component: cuts messages into words, with the dictionary stored in the model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.gazetteer import read_places
from bot.nlu.normaliser import normalised
from bot.nlu.segmentation import Segmenter, read_words

SEGMENTS = "segments"
_WORDS_FILE = "words.json"


def segments(message: Message) -> list[tuple[str, int, int]]:
    """Words of the normalised text with their spans in it."""
    return message.get(SEGMENTS)


def words(message: Message) -> list[str]:
    """Words of the normalised text."""
    return [word for word, _, _ in segments(message)]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=True)
class JiebaSegmenter(GraphComponent):
    """jieba with the words of `dictionary` (a file or a folder of `*.txt`) and the names of `gazetteer` (a
    `places.yml`), kept in the model."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"dictionary": None, "gazetteer": None}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> JiebaSegmenter:
        words = _read_dictionary(config.get("dictionary"))
        if config.get("gazetteer"):
            words += read_places(Path(config["gazetteer"]))
        return cls(Segmenter(words), model_storage, resource)

    def __init__(
        self, segmenter: Segmenter, model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._segmenter = segmenter
        self._model_storage = model_storage
        self._resource = resource

    def train(self, training_data: TrainingData) -> Resource:
        """Nothing to learn: the dictionary is stored, so that the model stands on its own."""
        with self._model_storage.write_to(self._resource) as directory:
            (directory / _WORDS_FILE).write_text(
                json.dumps(self._segmenter.words, ensure_ascii=False), encoding="utf-8"
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
    ) -> JiebaSegmenter:
        with model_storage.read_from(resource) as directory:
            stored = json.loads((directory / _WORDS_FILE).read_text(encoding="utf-8"))
        return cls(Segmenter(stored), model_storage, resource)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            plain = normalised(message)
            cut = self._segmenter.cut(plain.text)
            message.set(SEGMENTS, cut)
            tokens = [Token(word, plain.origin[start]) for word, start, _ in cut]
            message.set(TOKENS_NAMES[TEXT], tokens)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data


def _read_dictionary(path: Any) -> list[str]:
    if not path:
        return []
    given = Path(path)
    files = sorted(given.glob("*.txt")) if given.is_dir() else [given]
    return [word for file in files for word in read_words(file)]
