"""The linear models: what they look at, and that the same examples make the same model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from bot.nlu.linear import Document, LinearModel, softmax, vectorise
from bot.nlu.linear_training import build_vocabulary, learn_classes, linear_model, matrix
from bot.nlu.ngrams import character_pairs, edge_features, word_features

SAID = {
    "light": ["路灯坏了", "路灯不亮", "路灯又坏了", "门口路灯不亮", "路灯一直闪", "路灯坏了几天"],
    "fund": ["公积金提取", "公积金怎么取", "公积金贷款", "提取公积金", "公积金余额", "公积金缴存"],
    "noise": ["半夜很吵", "噪音太大", "施工噪音", "半夜施工很吵", "楼上很吵", "噪音扰民"],
}


def features(text: str) -> Document:
    return [(1.0, character_pairs(text)), (0.5, word_features(list(text)))]


PAIRS = [(features(text), name) for name, texts in SAID.items() for text in texts]


def learned(
    pairs: Sequence[tuple[Document, str]], counts: list[float] | None = None
) -> LinearModel:
    documents = [document for document, _ in pairs]
    vocabulary, idf = build_vocabulary(documents)
    rows = matrix(documents, vocabulary, idf)
    classes = learn_classes(rows, [name for _, name in pairs], counts=counts)
    assert classes is not None
    model = linear_model(vocabulary, idf, [classes])
    assert model is not None
    return model


def fitted() -> LinearModel:
    return learned(PAIRS)


def shares(model: LinearModel, text: str) -> dict[str, float]:
    return dict(zip(model.labels, softmax(model.scores(features(text))).tolist(), strict=True))


def likeliest(model: LinearModel, text: str) -> str:
    found = shares(model, text)
    return max(found, key=lambda name: found[name])


def test_house_numbers_look_alike() -> None:
    assert character_pairs("3号") == character_pairs("8号")
    assert word_features(["3", "号"]) == word_features(["8", "号"])


def test_the_end_of_a_text_is_another_feature_than_its_middle() -> None:
    assert set(character_pairs("好吗")) != set(character_pairs("吗好"))


def test_the_request_at_the_end_of_a_story_has_features_of_its_own() -> None:
    story = edge_features("灯坏。怎么办?", ["灯", "坏", "。", "怎么", "办", "?"])
    assert set(story) > {"\x1flast\x1f怎么", "\x1ffirst\x1f灯", "\x1fasks\x1f"}
    assert edge_features("。", ["。"]) == []


def test_many_features_of_one_kind_do_not_hide_the_few_of_another() -> None:
    vocabulary = {name: i for i, name in enumerate("abcdefgh")}
    idf = np.ones(len(vocabulary), dtype=np.float32)
    columns, values = vectorise([(0.6, "abcdefg"), (0.8, "h"), (0.5, "?")], vocabulary, idf)
    assert columns == list(range(8))
    assert np.linalg.norm(values[:7]) == pytest.approx(0.6)
    assert values[7] == pytest.approx(0.8)


def test_the_same_examples_make_the_same_weights() -> None:
    one, other = fitted(), fitted()
    assert one.vocabulary == other.vocabulary
    np.testing.assert_array_equal(one.weights, other.weights)
    np.testing.assert_array_equal(one.bias, other.bias)


@pytest.mark.parametrize(("text", "label"), [("这路灯坏了", "light"), ("公积金怎么提取", "fund")])
def test_an_example_hardly_changed_gets_its_label(text: str, label: str) -> None:
    assert likeliest(fitted(), text) == label


def test_shares_add_up_to_one() -> None:
    assert sum(shares(fitted(), "路灯").values()) == pytest.approx(1)


def test_a_text_of_unknown_features_gets_shares_all_the_same() -> None:
    assert sum(shares(fitted(), "xyz").values()) == pytest.approx(1)


def test_a_stored_model_answers_as_before(tmp_path: Path) -> None:
    model = fitted()
    model.save(tmp_path, "topic")
    loaded = LinearModel.load(tmp_path, "topic")
    assert loaded is not None
    assert shares(loaded, "路灯坏") == shares(model, "路灯坏")


def test_nothing_stored_is_no_model(tmp_path: Path) -> None:
    assert LinearModel.load(tmp_path, "topic") is None


def test_one_class_is_nothing_to_learn() -> None:
    assert learn_classes(csr_matrix(np.eye(2)), ["same", "same"]) is None


def test_no_question_is_no_model() -> None:
    assert linear_model({}, np.zeros(0), []) is None


def test_two_questions_are_answered_from_one_reading() -> None:
    documents = [document for document, _ in PAIRS]
    vocabulary, idf = build_vocabulary(documents)
    rows = matrix(documents, vocabulary, idf)
    names = learn_classes(rows, [name for _, name in PAIRS])
    broken = learn_classes(
        rows, [str(any("坏" in one for one in document[0][1])) for document in documents]
    )
    assert names is not None
    assert broken is not None
    model = linear_model(vocabulary, idf, [names, broken])
    assert model is not None
    assert model.labels == (*names.labels, *broken.labels)
    alone = fitted().scores(features("路灯"))
    np.testing.assert_allclose(model.scores(features("路灯"))[:3], alone, rtol=1e-5)


def test_large_scores_do_not_overflow() -> None:
    assert softmax(np.array([1e4, 0.0])).tolist() == [1.0, 0.0]


def test_a_document_that_counts_more_is_followed() -> None:
    found = {
        weight: likeliest(
            learned([*PAIRS, (features("路灯坏了"), "noise")], [1.0] * len(PAIRS) + [weight]),
            "路灯坏了",
        )
        for weight in (1.0, 16.0)
    }
    assert found == {1.0: "light", 16.0: "noise"}
