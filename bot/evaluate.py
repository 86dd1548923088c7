"""`python -m bot.evaluate --data FILE`: how well messages that nobody here wrote are understood.

The last line of standard output is one JSON object (see `evaluate`). A message counts by the type its
ticket would get: the likeliest request type, also when the bot would first have asked back.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot import metrics
from bot.labelled import TYPE_OF_INTENT, BadLine, Labelled, read_labelled
from bot.progress import show_progress
from bot.report import Judged, Section, page
from bot.train import CannotTrain, make_rasa_light, train

#: 报事 counts as 求助 in statistics that need the national types.
_HELP = ("求助", "报事")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; give the exit code."""
    options = _parser().parse_args(arguments)
    try:
        labelled = read_labelled(options.data)
        archive = options.model or train(
            options.out, options.city, options.train, only_extra=options.only
        )
    except (BadLine, OSError, CannotTrain) as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return 2
    make_rasa_light()
    from bot.understanding import Understanding

    parses, seconds = _parse_all(Understanding.load(archive), labelled)
    figures, sections = evaluate(labelled, parses, seconds)
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_text(page(figures, sections), encoding="utf-8")
    print(f"evaluate: report in {options.report}", file=sys.stderr)
    print(json.dumps(figures, ensure_ascii=False))
    return 0


def _parse_all(
    understanding: Any, labelled: Sequence[Labelled]
) -> tuple[list[dict[str, Any]], list[float]]:
    parses: list[dict[str, Any]] = []
    seconds: list[float] = []
    for number, line in enumerate(labelled, start=1):
        started = time.perf_counter()
        parses.append(understanding.parse(line.text))
        seconds.append(time.perf_counter() - started)
        show_progress("evaluate", number, len(labelled))
    return parses, seconds


def evaluate(
    labelled: Sequence[Labelled], parses: Sequence[dict[str, Any]], seconds: Sequence[float]
) -> tuple[dict[str, Any], list[Section]]:
    """The figures of an evaluation and what its report shows.

    `{"n", "type": {"macro_f1", "accuracy", "per_class", "ece"}, "topic": {"macro_f1", "accuracy"},
    "place": {"f1_exact", "f1_overlap"}, "latency_ms": {"p50", "p95"}}`. Macro means go over the classes
    present in the file. A question that no line answers is left out.
    """
    types = _judge_types(labelled, parses)
    topics = _judge_topics(labelled, parses)
    figures: dict[str, Any] = {"n": len(labelled)}
    sections: list[Section] = []
    for key, title, judged in (("type", "诉求类型", types), ("topic", "诉求事项（一级）", topics)):
        if not judged:
            continue
        truth, predicted = [one.truth for one in judged], [one.predicted for one in judged]
        classes = metrics.per_class(truth, predicted)
        bins = metrics.reliability(
            [one.confidence for one in judged], [one.truth == one.predicted for one in judged]
        )
        figures[key] = {
            "macro_f1": metrics.macro_f1(classes),
            "accuracy": metrics.accuracy(truth, predicted),
            "per_class": classes,
            "ece": metrics.calibration_error(bins),
        }
        sections.append(Section(title, judged, bins))
    cases = [
        (line.text, line.places, _places(parse))
        for line, parse in zip(labelled, parses, strict=False)
        if line.places is not None
    ]
    if cases:
        figures["place"] = metrics.place_scores(cases)
    figures["latency_ms"] = {
        "p50": 1000 * metrics.percentile(seconds, 0.5),
        "p95": 1000 * metrics.percentile(seconds, 0.95),
    }
    return figures, sections


def _judge_types(labelled: Sequence[Labelled], parses: Sequence[dict[str, Any]]) -> list[Judged]:
    fold_incidents = all(line.type != "报事" for line in labelled)
    judged: list[Judged] = []
    for line, parse in zip(labelled, parses, strict=False):
        if line.type is None:
            continue
        shares = request_types(parse)
        predicted = max(shares, key=lambda name: shares[name], default="其他")
        if fold_incidents and predicted in _HELP:
            predicted, confidence = "求助", sum(shares.get(name, 0.0) for name in _HELP)
        else:
            confidence = shares.get(predicted, 0.0)
        judged.append(Judged(line.text, line.type, predicted, confidence))
    return judged


def request_types(parse: dict[str, Any]) -> dict[str, float]:
    """Probability of each request type by its national name, given that the message is a request."""
    shares = {
        TYPE_OF_INTENT[one["name"]]: float(one["confidence"])
        for one in parse["intent_ranking"]
        if one["name"] in TYPE_OF_INTENT
    }
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()} if total else {}


def _judge_topics(labelled: Sequence[Labelled], parses: Sequence[dict[str, Any]]) -> list[Judged]:
    judged: list[Judged] = []
    for line, parse in zip(labelled, parses, strict=False):
        if line.topic is not None:
            first = parse["topic"].get("first_level") or {"code": "", "confidence": 0.0}
            judged.append(Judged(line.text, line.topic[:2], first["code"], first["confidence"]))
    return judged


def _places(parse: dict[str, Any]) -> list[str]:
    return [
        parse["text"][entity["start"] : entity["end"]]
        for entity in parse["entities"]
        if entity["entity"] == "place"
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot.evaluate", description=__doc__)
    folder = Path(os.environ.get("YINGSHENG_DATA_DIR", "var"))
    parser.add_argument(
        "--data", type=Path, required=True, help="labelled lines (JSONL) to measure on"
    )
    parser.add_argument("--train", type=Path, help="labelled lines to learn from first")
    parser.add_argument("--only", action="store_true", help="learn from the --train lines alone")
    parser.add_argument("--model", type=Path, help="measure this archive; train nothing")
    parser.add_argument("--city", default=os.environ.get("YINGSHENG_CITY", "demo"))
    parser.add_argument("--out", type=Path, default=folder / "models", help="folder for archives")
    parser.add_argument(
        "--report", type=Path, default=folder / "reports" / "evaluation.html", help="HTML report"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
