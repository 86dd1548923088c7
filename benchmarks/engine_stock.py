"""A stock Rasa pipeline with DIET, to measure ours against. Runs in the engine's Python.

As `rasa init` writes it for a language without a featurizer of its own, with Rasa's tokenizer for
Chinese. Called as a program it trains, classifies what it is asked, and prints one JSON line last.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from rasa.model_training import train_nlu
from rasa.shared.nlu.constants import INTENT, METADATA
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.utils import train_utils
from rasa.utils.tensorflow.callback import RasaTrainingLogger

from bot.nlu_files import read_examples
from bot.project import ROOT
from bot.understanding import Understanding

#: DIET's own default.
EPOCHS = 100

PIPELINE: list[dict[str, Any]] = [
    {"name": "JiebaTokenizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {
        "name": "CountVectorsFeaturizer",
        "analyzer": "char_wb",
        "min_ngram": 1,
        "max_ngram": 4,
    },
    {"name": "DIETClassifier", "constrain_similarities": True, "random_seed": 1},
    {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
]


def train_stock(
    examples: Sequence[Message], epochs: int, folder: Path
) -> tuple[Path, list[float], float]:
    """Train in an empty `folder`. Gives the archive, the seconds of each epoch and of the whole training."""
    ends: list[float] = []

    class Clock(RasaTrainingLogger):
        def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
            ends.append(time.perf_counter())
            super().on_epoch_end(epoch, logs)

    train_utils.RasaTrainingLogger = Clock
    pipeline = [dict(one) for one in PIPELINE]
    pipeline[-2]["epochs"] = epochs
    recipe = {"recipe": "default.v1", "language": "zh", "assistant_id": "stock"}
    config, data = folder / "config.yml", folder / "nlu.yml"
    config.write_text(yaml.safe_dump({**recipe, "pipeline": pipeline}), encoding="utf-8")
    data.write_text(TrainingData(list(examples)).nlu_as_yaml(), encoding="utf-8")
    os.environ["RASA_CACHE_DIRECTORY"] = str(folder / "cache")
    started = time.perf_counter()
    archive = train_nlu(str(config), str(data), str(folder), fixed_model_name="stock")
    whole = time.perf_counter() - started
    return Path(str(archive)), [end - begin for begin, end in pairwise(ends)], whole


def sample_of_ours(share: int) -> tuple[list[Message], int]:
    """Each `share`-th of our examples, of intents that keep two; and how many examples there are."""
    ours = read_examples(ROOT / "nlu_data" / "nlu")
    counts = Counter(example.get(INTENT) for example in ours[::share])
    kept = [example for example in ours[::share] if counts[example.get(INTENT)] > 1]
    for example in kept:
        example.data.pop(METADATA, None)
    return kept, len(ours)


def classify(archive: Path, texts: Sequence[str]) -> list[str]:
    """The likeliest intent of each text, also when the pipeline would fall back."""
    understanding = Understanding.load(archive)
    rankings = (understanding.parse(text)["intent_ranking"] for text in texts)
    return [
        next(one["name"] for one in ranking if one["name"] != "nlu_fallback")
        for ranking in rankings
    ]


def main() -> int:
    """Train, print how long it took and what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--share", type=int, help="learn from one in so many of our examples")
    source.add_argument("--learn", type=Path, help="learn from this list of [text, intent] (JSON)")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--out", type=Path, required=True, help="empty folder")
    parser.add_argument("--ask", type=Path, help="then classify this list of texts (JSON)")
    options = parser.parse_args()
    if options.share:
        examples, of = sample_of_ours(options.share)
    else:
        pairs = json.loads(options.learn.read_text(encoding="utf-8"))
        examples, of = [Message.build(text, intent=intent) for text, intent in pairs], len(pairs)
    archive, epochs, whole = train_stock(examples, options.epochs, options.out)
    found = classify(archive, json.loads(options.ask.read_text("utf-8"))) if options.ask else []
    figures = {"examples": len(examples), "of": of, "epochs": epochs, "seconds": whole}
    print(json.dumps({**figures, "archive": str(archive), "found": found}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
