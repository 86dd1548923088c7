"""Topics: first level, then second level; terms and labelled lines beside our own sentences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.labelled import OUTSIDE, OWN, TERM
from bot.nlu.linear import LinearModel
from bot.nlu.topic_model import TopicModel, topic_features
from bot.nlu.topic_training import TopicExample, train_topics
from bot.nlu_files import BadExamples, Terms, read_terms
from bot.validate import term_faults

SAID = {
    "0305": ["路灯 坏 了", "路灯 不 亮", "门口 路灯 又 坏 了", "井盖 丢 了", "井盖 坏 了"],
    "0306": ["物业 不 扫地", "物业 乱 收费", "物业 保安 态度 差", "车位 被 物业 占"],
    "0801": ["养老 保险 怎么 转", "医保 卡 丢 了", "养老 保险 断缴", "医保 怎么 报销"],
}


def example(text: str, code: str, origin: str = OWN) -> TopicExample:
    return TopicExample(text.split(), code, origin, f"{origin} {text}")


def own() -> list[TopicExample]:
    return [example(text, code) for code, texts in SAID.items() for text in texts]


def topic_of(model: LinearModel | None, text: str) -> str:
    assert model is not None
    return str(TopicModel(model).classify(text.split())["code"])


@pytest.mark.parametrize(
    ("text", "code"), [("路灯 不 亮 了", "0305"), ("物业 收费", "0306"), ("医保 断缴", "0801")]
)
def test_a_sentence_hardly_changed_gets_its_code(text: str, code: str) -> None:
    assert topic_of(train_topics(own()), text) == code


def test_a_code_is_no_surer_than_the_first_level_above_it() -> None:
    model = train_topics(own())
    assert model is not None
    topic = TopicModel(model).classify(["路灯"])
    assert topic["first_level"]["code"] == "03"
    assert 0 < topic["confidence"] < topic["first_level"]["confidence"] < 1


def test_the_only_second_level_below_a_first_level_is_as_sure_as_that() -> None:
    model = train_topics(own())
    assert model is not None
    topic = TopicModel(model).classify(["养老", "保险"])
    assert topic["code"] == "0801"
    assert topic["confidence"] == topic["first_level"]["confidence"]


def test_a_term_teaches_what_no_sentence_says() -> None:
    terms = [example("新农合", "0801", TERM), example("窨井", "0305", TERM)]
    model = train_topics([*own(), *terms, *terms])
    assert topic_of(model, "新农合 呢") == "0801"
    assert topic_of(model, "窨井 呢") == "0305"


def test_lines_that_say_only_the_first_level_move_the_first_level() -> None:
    lines = [example(f"绿道 {what}", "08", OUTSIDE) for what in ("长", "短", "远", "近")] * 3
    model = train_topics([*own(), *lines])
    assert model is not None
    assert TopicModel(model).classify(["绿道"])["first_level"]["code"] == "08"


def test_lines_outvote_our_own_sentences() -> None:
    ours = [example("绿道 长", "0306"), example("绿道 短", "0306")]
    lines = [example(f"绿道 {what}", "0801", OUTSIDE) for what in ("长", "短", "远", "近")] * 3
    assert topic_of(train_topics([*own(), *ours, *lines]), "绿道 长") == "0801"


def test_first_levels_alone_are_answered_with_the_first_level() -> None:
    lines = [example("路灯 坏", "03", OUTSIDE), example("医保 卡", "08", OUTSIDE)] * 2
    model = train_topics(lines)
    assert model is not None
    topic = TopicModel(model).classify(["路灯"])
    assert topic["code"] == topic["first_level"]["code"] == "03"


def test_third_level_codes_count_for_their_second_level() -> None:
    lines = [example("路灯 坏", "030501", OUTSIDE), example("医保 卡", "080102", OUTSIDE)] * 2
    assert topic_of(train_topics(lines), "路灯") == "0305"


def test_one_first_level_is_nothing_to_learn() -> None:
    assert train_topics([example("路灯 坏", "0305"), example("物业 坏", "0306")]) is None


def test_the_same_examples_make_the_same_weights() -> None:
    one, other = train_topics(own()), train_topics(own())
    assert one is not None
    assert other is not None
    np.testing.assert_array_equal(one.bias, other.bias)
    np.testing.assert_array_equal(one.weights, other.weights)


def test_a_text_without_its_stop_words_has_no_other_features() -> None:
    [(_, whole)] = topic_features(["小区", "的", "路灯", "坏", "了"])
    [(_, segmented)] = topic_features(["小区", " ", "路灯", " ", "坏"])
    assert set(segmented) < set(whole)


def test_house_numbers_look_alike() -> None:
    assert topic_features(["3号楼"]) == topic_features(["8号楼"])


def test_terms_are_read_with_their_codes(tmp_path: Path) -> None:
    file = tmp_path / "topics.yml"
    file.write_text(
        'terms:\n  "0305": 路灯 井盖\n  "0801": 医保\ndecisive: {}\nscenes: 学校\n',
        encoding="utf-8",
    )
    assert read_terms(file).examples() == [("路灯", "0305"), ("井盖", "0305"), ("医保", "0801")]


def test_a_decisive_term_is_learned_after_scenes_of_all_kinds() -> None:
    scenes = [f"地点{number}" for number in range(100)]
    read = Terms([], [("扰民", "0402"), ("欠薪", "0805")], scenes)
    assert {code for _, code in read.examples()} == {"0402", "0805"}
    noisy = [text.removesuffix("扰民") for text, code in read.examples() if code == "0402"]
    unpaid = [text.removesuffix("欠薪") for text, code in read.examples() if code == "0805"]
    assert len(set(noisy)) == len(noisy) > 2
    assert set(noisy) | set(unpaid) <= set(scenes)
    assert not set(noisy) & set(unpaid), "the next term is met at other scenes"


def test_what_is_wrong_decides_and_not_where() -> None:
    read = Terms([], [("扰民", "0402"), ("欠薪", "0805")], ["物业", "路灯", "门口", "保安"])
    taught = [example(f"{text[:2]} {text[2:]}", code, TERM) for text, code in read.examples()]
    model = train_topics([*own(), *taught])
    assert topic_of(model, "物业 保安 扰民") == "0402"
    assert topic_of(model, "物业 路灯 欠薪") == "0805"
    assert topic_of(model, "物业 收费") == "0306"


@pytest.mark.parametrize(
    "content",
    [
        "- 路灯",
        "words: {}",
        "terms: [",
        "terms: {'0305': 路灯}",
        "terms: {'0305': 路灯}\ndecisive: 扰民\nscenes: 学校",
        "terms: {'0305': 路灯}\ndecisive: {'0402': 5}\nscenes: 学校",
    ],
)
def test_a_file_without_terms_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "topics.yml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(BadExamples, match=r"topics\.yml"):
        read_terms(file)


def test_faults_of_the_terms_are_named(tmp_path: Path) -> None:
    file = tmp_path / "topics.yml"
    file.write_text(
        'terms:\n  "0305": 路灯 井盖\n  "3333": 路灯\ndecisive:\n  "0402": 扰民 井盖\n  "4444": 臭\n'
        "scenes: 学校\n",
        encoding="utf-8",
    )
    unknown, twice, unknown_decisive, contradiction = term_faults(file, {"0305", "0402"})
    assert "3333" in unknown
    assert "路灯" in twice
    assert "4444" in unknown_decisive
    assert "井盖" in contradiction


def test_the_beginning_of_a_message_weighs_more_than_its_end() -> None:
    light, insurance = ["路灯", "坏", "了"] * 10, ["医保", "报销", "断缴"] * 10
    model = train_topics(own())
    assert model is not None
    begun_with_light = TopicModel(model).classify(light + insurance)["first_level"]
    begun_with_insurance = TopicModel(model).classify(insurance + light)["first_level"]
    assert begun_with_light["code"] == "03"
    assert begun_with_insurance != begun_with_light
    assert (
        begun_with_insurance["code"] == "08"
        or begun_with_insurance["confidence"] < begun_with_light["confidence"]
    )
