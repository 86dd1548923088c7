"""The learned tagger: what it learns and that it learns the same twice."""

from __future__ import annotations

from pathlib import Path

from bot.nlu.segmentation import Segmenter
from bot.nlu.tagger import Span, Tagger, character_features, decode, encode, train
from bot.nlu.word_classes import word_classes

SEGMENTER = Segmenter()
ROADS = ("人民路", "建设路", "解放路", "青年路", "中山路", "文化路")


def features(text: str) -> list[list[str]]:
    return character_features(text, SEGMENTER.cut(text), [], [])


def example(text: str, *spans: Span) -> tuple[str, list[list[str]], list[str]]:
    return text, features(text), encode(len(text), spans)


def trained(path: Path) -> bytes:
    train([example(f"在{road}有积水,快来处理", (1, 4)) for road in ROADS], path)
    return path.read_bytes()


def test_a_place_is_found_in_a_sentence_it_has_not_seen(tmp_path: Path) -> None:
    trained(tmp_path / "model")
    text = "在幸福路有积水"
    assert Tagger(tmp_path / "model").tag(features(text)) == [(1, 4)]


def test_the_same_examples_give_the_same_model(tmp_path: Path) -> None:
    assert trained(tmp_path / "one") == trained(tmp_path / "two")


def test_without_examples_there_is_no_model(tmp_path: Path) -> None:
    train([], tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_tags_stand_for_spans() -> None:
    spans = [(0, 2), (2, 5), (7, 8)]
    assert decode(encode(8, spans)) == spans


def test_an_empty_text_has_no_features() -> None:
    assert features("") == []


def test_the_class_of_a_word_beside_a_place_is_seen() -> None:
    assert word_classes()["设置"] == "vn"
    assert any(feature.endswith("/vn") for feature in features("小区设置")[1])
