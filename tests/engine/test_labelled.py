"""Labelled lines from outside: read whole, or refused with the line that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.labelled import BadLine, Labelled, read_labelled
from bot.nlu_files import BadExamples, read_examples

GOOD = '{"text": "人民路路灯坏了", "type": "报事", "topic": "0306", "places": ["人民路"]}'


def written(tmp_path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "extra.jsonl"
    file.write_text("\n".join(lines), encoding=encoding)
    return file


def test_a_line_is_read_whole(tmp_path: Path) -> None:
    assert read_labelled(written(tmp_path, GOOD)) == [
        Labelled("人民路路灯坏了", "报事", "0306", ("人民路",))
    ]


def test_what_nobody_said_stays_open(tmp_path: Path) -> None:
    (line,) = read_labelled(written(tmp_path, '{"text": "你好"}'))
    assert (line.type, line.topic, line.places) == (None, None, None)


def test_empty_lines_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    assert len(read_labelled(written(tmp_path, GOOD, "", GOOD, encoding="utf-8-sig"))) == 2


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param("{", id="no JSON"),
        pytest.param('["text"]', id="no object"),
        pytest.param('{"type": "投诉"}', id="no text"),
        pytest.param('{"text": "a", "type": "抱怨"}', id="unknown type"),
        pytest.param('{"text": "a", "topic": "path"}', id="no topic code"),
        pytest.param('{"text": "a", "places": ["人民路"]}', id="place elsewhere"),
        pytest.param('{"text": "a", "places": 3}', id="no list of places"),
        pytest.param('{"text": "人民路", "places": "人民路"}', id="a place outside of a list"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, bad: str) -> None:
    with pytest.raises(BadLine, match=r"extra\.jsonl, line 2"):
        read_labelled(written(tmp_path, GOOD, bad))


def test_a_place_inside_another_is_found_where_it_stands_alone() -> None:
    line = Labelled("人民路小学旁的人民路", places=("人民路小学", "人民路"))
    assert line.place_spans() == [(0, 5), (7, 10)]


def test_examples_carry_intent_topic_and_places(tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text(
        "nlu:\n- intent: incident\n  metadata: {topic: '0306'}\n"
        "  examples: |\n    - '[人民路](place)路灯坏了'\n".replace("'[", "[").replace("了'", "了"),
        encoding="utf-8",
    )
    (example,) = read_examples(tmp_path)
    assert example.get("text") == "人民路路灯坏了"
    assert example.get("intent") == "incident"
    assert [entity["value"] for entity in example.get("entities")] == ["人民路"]


@pytest.mark.parametrize(
    "block", ["- examples: |\n    - 你好\n", "- intent: greet\n  examples: |\n    你好\n"]
)
def test_a_bad_block_of_examples_is_named(tmp_path: Path, block: str) -> None:
    good = "- intent: greet\n  examples: |\n    - 您好\n"
    (tmp_path / "one.yml").write_text(f"nlu:\n{good}{block}", encoding="utf-8")
    with pytest.raises(BadExamples, match=r"one\.yml, block 2"):
        read_examples(tmp_path)
