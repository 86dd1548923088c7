"""What staff's corrections teach: type of real messages after N of them. Runs in the engine's Python.

Over `lydb/dev.csv` of ../shared/data, split once by `lydb_split.json` (row numbers, no texts): 800
messages to correct, in a fixed order, and 556 to test on. Ours learns `nlu_data` and the first N through
the way of `make evaluate TRAIN=`; stock DIET learns the first N alone. Only the part of our pipeline that
tells types is trained.

The board knows four types: 投诉/求助 as one, 咨询, 建言, 感谢. 感谢 occurs once and is left out. A message of
the board's first class is learned under that of our types in it that the model without corrections
found likeliest, as staff would leave it. Macro-F1 over the three classes.

Prints a table, then one JSON line; exit code 1 when ours is less than 0.12 above stock DIET at some N. DIET
takes a quarter of an hour on two idle cores, so its figures on this split are kept here and `--stock`
trains it again.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.train import make_rasa_light

make_rasa_light()  # before anything imports rasa

from bot import metrics
from bot.evaluate import request_types
from bot.progress import show_progress
from bot.project import ROOT, Project, ProjectImporter
from bot.training import train_model
from bot.understanding import Understanding

DATA = ROOT.parent / "shared" / "data" / "lydb" / "dev.csv"
SPLIT = ROOT / "benchmarks" / "lydb_split.json"
SIZES = (50, 200, 800)
REQUIRED_GAIN = 0.12

#: Macro-F1 of stock DIET (`benchmarks.engine_stock`, 100 epochs) on the same N and the same test.
STOCK = {50: 0.38, 200: 0.40, 800: 0.56}

_ONE = "投诉/求助"
_TYPES_IN_ONE = ("投诉", "求助", "举报", "报事")
_CLASS_OF_TYPE = {"咨询": "咨询", "建议": "建言", "表扬": "感谢", "其他": "其他"}
_TYPE_OF_CLASS = {"咨询": "咨询", "建言": "建议"}

#: Rasa takes what follows a “/” in an intent for the name of an answer.
_INTENT_OF_CLASS = {_ONE: "trouble", "咨询": "question", "建言": "proposal"}

#: The components that a message's type depends on.
_PIPELINE = ("Normaliser", "JiebaSegmenter", "PlaceExtractor", "IntentClassifier")


def read_rows() -> list[tuple[str, str]]:
    """Text (title and body) and class of each message."""
    with DATA.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(line.replace("\0", "") for line in file)
        return [(f"{row['title']}\n{row['content']}", row["type"]) for row in rows]


class _TypesOnly(ProjectImporter):
    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config["pipeline"] = [
            one for one in config["pipeline"] if one["name"].rpartition(".")[2] in _PIPELINE
        ]
        return config


def ours(corrections: Sequence[tuple[str, str]], texts: Sequence[str]) -> list[dict[str, float]]:
    """The shares of the national types that our model, having learned `corrections` (text, type), gives
    each text."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        lines = [json.dumps({"text": text, "type": kind}) for text, kind in corrections]
        extra = Path(folder, "corrections.jsonl")
        extra.write_text("\n".join(lines), encoding="utf-8")
        archive = Path(folder, "model.tar.gz")
        train_model(_TypesOnly(Project(extra=extra)), archive)
        understanding = Understanding.load(archive)
        shares = []
        for number, text in enumerate(texts, start=1):
            shares.append(request_types(understanding.parse(text)))
            show_progress("ours", number, len(texts))
        return shares


def folded(shares: dict[str, float]) -> str:
    """The board's class of the likeliest type."""
    return _CLASS_OF_TYPE.get(max(shares, key=lambda name: shares[name]), _ONE)


def left_by_staff(kind: str, shares: dict[str, float]) -> str:
    """The type under which a message of the board's class `kind` is learned."""
    return _TYPE_OF_CLASS.get(kind) or max(_TYPES_IN_ONE, key=lambda name: shares.get(name, 0.0))


def stock(corrections: Sequence[tuple[str, str]], texts: Sequence[str]) -> list[str]:
    """The class that stock DIET, having learned `corrections` (text, class) alone, finds in each text."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        learn, ask, out = Path(folder, "learn.json"), Path(folder, "ask.json"), Path(folder, "out")
        out.mkdir()
        named = [(text, _INTENT_OF_CLASS[kind]) for text, kind in corrections]
        learn.write_text(json.dumps(named), encoding="utf-8")
        ask.write_text(json.dumps(texts), encoding="utf-8")
        command = [sys.executable, "-m", "benchmarks.engine_stock", "--learn", str(learn)]
        done = subprocess.run(
            [*command, "--out", str(out), "--ask", str(ask)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=True,
        )
        classes = {intent: kind for kind, intent in _INTENT_OF_CLASS.items()}
        return [classes[intent] for intent in json.loads(done.stdout.splitlines()[-1])["found"]]


def main() -> int:
    """Run the benchmark; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--stock", action="store_true", help="train stock DIET again, too")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="corrections (N)")
    options = parser.parse_args()
    if not DATA.exists():
        print(f"corrections: skipped, there is no {DATA}")
        return 0
    rows, split = read_rows(), json.loads(SPLIT.read_text(encoding="utf-8"))
    every = [rows[number] for number in split["corrections"]]
    tests = [rows[number] for number in split["test"]]
    texts, truth = [text for text, _ in tests], [kind for _, kind in tests]

    def score(found: Sequence[str]) -> float:
        return metrics.macro_f1(metrics.per_class(truth, found))

    untaught = ours([], [*texts, *(text for text, _ in every)])
    figures = {"0": {"ours": score([folded(shares) for shares in untaught[: len(texts)]])}}
    corrections = [
        (text, left_by_staff(kind, shares))
        for (text, kind), shares in zip(every, untaught[len(texts) :], strict=True)
    ]
    for size in options.sizes:
        own = score([folded(shares) for shares in ours(corrections[:size], texts)])
        diet = score(stock(every[:size], texts)) if options.stock else STOCK[size]
        figures[str(size)] = {"ours": own, "stock": diet, "gain": own - diet}
    print(f"{'corrections':>12}{'ours':>8}{'stock DIET':>12}{'gain':>8}")
    for size, row in figures.items():
        cells = (f"{row[name]:.3f}" if name in row else "–" for name in ("ours", "stock", "gain"))
        print(f"{size:>12}{next(cells):>8}{next(cells):>12}{next(cells):>8}")
    met = all(row["gain"] >= REQUIRED_GAIN for row in figures.values() if "gain" in row)
    summary = {"what": "corrections", "required": REQUIRED_GAIN, "met": met}
    print(json.dumps({**summary, "stock_trained_now": options.stock, **figures}))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
