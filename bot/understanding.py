"""Asking a trained model what a text means: `/model/parse`, turns and evaluation all go through here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelMetadata

from bot.graph_runner import load_graph
from bot.nlu.matters import candidate_spans, separate_matters

_NOTHING: dict[str, Any] = {
    "intent": {"name": "nlu_fallback", "confidence": 0.0},
    "intent_ranking": [],
    "entities": [],
    "topic": {"code": "", "confidence": 0.0},
}


class Understanding:
    """The understanding part of a loaded model."""

    def __init__(self, runner: GraphRunner, metadata: ModelMetadata) -> None:
        self._runner = runner
        # The last component of the pipeline. After it Rasa would run its RegexMessageHandler, which takes
        # a text that begins with “/” for a command (rasa#5075).
        self._target: str = metadata.predict_schema.nodes[metadata.nlu_target].needs["messages"]

    @classmethod
    def load(cls, archive: Path) -> Understanding:
        """Load an archive to ask it and nothing else."""
        metadata, runner = load_graph(archive)
        return cls(runner, metadata)

    def parse(self, text: str) -> dict[str, Any]:
        """What a text means: text, intent, intent_ranking, entities, topic and matters.

        `matters` lists the separate requests in a text when there are several; the offsets of their
        entities count from the beginning of the matter.
        """
        parsed = self._parse_all([text])[0]
        spans = candidate_spans(text)
        parts = self._parse_all([text[start:end] for start, end in spans])
        return {**parsed, "matters": separate_matters(text, spans, parts)}

    def _parse_all(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        if not texts:
            return []
        messages = [UserMessage(text) for text in texts]
        for message, text in zip(messages, texts, strict=False):
            message.text = text  # UserMessage strips blanks, which would shift every offset
        results = self._runner.run(
            inputs={PLACEHOLDER_MESSAGE: messages, PLACEHOLDER_TRACKER: None},
            targets=[self._target],
        )
        found = (message.as_dict(only_output_properties=True) for message in results[self._target])
        return [
            {**_NOTHING, **parsed, "text": text} for parsed, text in zip(found, texts, strict=False)
        ]
