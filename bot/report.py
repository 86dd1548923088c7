"""The HTML page of an evaluation: confusion, the surest errors, calibration. One file, no scripts."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

from bot.metrics import Bin, confusion, per_class

_STYLE = """
body{font:15px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;margin:2rem auto;max-width:70rem;
padding:0 1rem;color:#222}table{border-collapse:collapse;margin:.5rem 0 1.5rem}
td,th{border:1px solid #ccc;padding:.2rem .6rem;text-align:right}td.text{text-align:left}
th{background:#f4f4f4}td.right{background:#e3f3e3}td.wrong{background:#fbe6e2}
"""

#: Errors shown for each question; more are not read.
_SHOWN_ERRORS = 40


class Judged(NamedTuple):
    """One message with what is true of it and what was predicted."""

    text: str
    truth: str
    predicted: str
    confidence: float


class Section(NamedTuple):
    """One question of the evaluation (type, topic) with its answers and calibration."""

    title: str
    judged: Sequence[Judged]
    bins: Sequence[Bin]


def page(summary: dict[str, Any], sections: Sequence[Section]) -> str:
    """The whole page."""
    parts = ["<!doctype html><html lang=zh-CN><meta charset=utf-8><title>评测报告</title>"]
    parts.append(f"<style>{_STYLE}</style><h1>评测报告</h1>{_figures(summary)}")
    for section in sections:
        if section.judged:
            parts.append(f"<h2>{escape(section.title)}</h2>{_classes(section.judged)}")
            parts.append("<h3>混淆矩阵（行：标注，列：预测）</h3>" + _confusion(section.judged))
            parts.append("<h3>置信度校准</h3>" + _calibration(section.bins))
            parts.append("<h3>最有把握的错误</h3>" + _errors(section.judged))
    return "".join(parts)


def _figures(summary: dict[str, Any]) -> str:
    rows = [f"<tr><th>{escape(name)}<td>{value}" for name, value in _flatten("", summary)]
    return f"<table>{''.join(rows)}</table>"


def _classes(judged: Sequence[Judged]) -> str:
    scores = per_class([one.truth for one in judged], [one.predicted for one in judged])
    rows = [
        f"<tr><th>{escape(name)}<td>{score['support']:.0f}<td>{score['precision']:.3f}"
        f"<td>{score['recall']:.3f}<td>{score['f1']:.3f}"
        for name, score in scores.items()
    ]
    return f"<table><tr><th>类别<th>条数<th>精确率<th>召回率<th>F1{''.join(rows)}</table>"


def _flatten(prefix: str, content: Any) -> list[Any]:
    if isinstance(content, dict):
        return [
            row
            for name, value in content.items()
            if name != "per_class"  # each question shows its own
            for row in _flatten(f"{prefix}.{name}" if prefix else str(name), value)
        ]
    return [(prefix, f"{content:.3f}" if isinstance(content, float) else content)]


def _confusion(judged: Sequence[Judged]) -> str:
    truth, predicted = [one.truth for one in judged], [one.predicted for one in judged]
    table = confusion(truth, predicted)
    columns = sorted(set(truth) | set(predicted))
    head = "".join(f"<th>{escape(column)}" for column in columns)
    rows = []
    for name in sorted(table):
        cells = []
        for column in columns:
            count = table[name].get(column, 0)
            mark = "" if not count else "right" if column == name else "wrong"
            cells.append(f"<td class={mark or 'none'}>{count or ''}")
        rows.append(f"<tr><th>{escape(name)}{''.join(cells)}")
    return f"<table><tr><th>{head}{''.join(rows)}</table>"


def _calibration(bins: Sequence[Bin]) -> str:
    rows = []
    for index, one in enumerate(bins):
        low, high = index / len(bins), (index + 1) / len(bins)
        if one.count:
            rows.append(
                f"<tr><td>{low:.1f}–{high:.1f}<td>{one.count}<td>{one.confidence:.2f}"
                f"<td>{one.accuracy:.2f}<td class=text>"
                f"<svg width=200 height=14><rect width={200 * one.accuracy:.0f} height=14 fill=#7aa />"
                f"<rect x={200 * one.confidence:.0f} width=2 height=14 fill=#a33 /></svg>"
            )
    head = "<tr><th>区间<th>条数<th>平均置信度<th>正确率<th>正确率（条）与置信度（红线）"
    return f"<table>{head}{''.join(rows)}</table>"


def _errors(judged: Sequence[Judged]) -> str:
    wrong = sorted(
        (one for one in judged if one.truth != one.predicted), key=lambda one: -one.confidence
    )
    rows = [
        f"<tr><td>{one.confidence:.2f}<td>{escape(one.truth)}<td>{escape(one.predicted)}"
        f"<td class=text>{escape(one.text)}"
        for one in wrong[:_SHOWN_ERRORS]
    ]
    return f"<table><tr><th>置信度<th>标注<th>预测<th>文本{''.join(rows)}</table>"
