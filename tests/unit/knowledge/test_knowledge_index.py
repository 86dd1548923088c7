"""Finding the entry that answers a question."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desk.knowledge import NEAR, Entry, Index


def entry(name: str, question: str, *variants: str, answer: str = "到市民中心办理。") -> Entry:
    return Entry(name, "0801", question, variants, answer, "办事指南", "2026-01-01")


ENTRIES = [
    entry("passport", "护照怎么办", "第一次办护照去哪里", "护照到期换发"),
    entry("permit", "居住证怎么办", "外地人怎么弄居住证", "居住证需要什么材料"),
    entry("renewal", "居住证到期怎么签注", "居住证续签", "居住证过期了"),
    entry("library", "图书馆几点开门", "借书证要钱吗", answer="周一闭馆，自习室开到22时。"),
]


@pytest.fixture(scope="module")
def index() -> Index:
    return Index(ENTRIES)


def names(index: Index, question: str) -> list[str]:
    return [hit.entry.id for hit in index.search(question)]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("头一回办护照要到哪里", "passport"),
        ("居住证快过期了咋续签", "renewal"),
        ("俺是外地人，居住证咋弄", "permit"),
        ("我想借书，办借书证收钱不", "library"),
        ("居柱证需要啥材料", "permit"),
    ],
)
def test_other_words_for_the_same_question(index: Index, question: str, first: str) -> None:
    hits = index.search(question)
    assert hits[0].entry.id == first
    assert hits[0].score >= NEAR


@pytest.mark.parametrize("asked", ENTRIES, ids=lambda asked: asked.id)
def test_the_nearest_way_of_asking_wins(index: Index, asked: Entry) -> None:
    for way in (asked.question, *asked.variants):
        assert names(index, way)[0] == asked.id


def test_a_word_of_the_answer_counts_less_than_one_of_the_question() -> None:
    by_answer = entry("answer", "图书馆几点开门", answer="自习室开到22时。")
    by_question = entry("question", "自习室怎么预约", answer="扫码即可。")
    assert names(Index([by_answer, by_question]), "自习室") == ["question", "answer"]


def test_filler_changes_nothing(index: Index) -> None:
    plain = index.search("护照换发")
    polite = index.search("你好，请问一下，我想知道护照怎么换发呢？谢谢！")
    assert [hit.entry for hit in polite] == [hit.entry for hit in plain]
    assert [hit.score for hit in polite] == pytest.approx([hit.score for hit in plain], abs=0.06)


@pytest.mark.parametrize("question", ["", "  ", "？？", "请问一下", "🙂", "hello world"])
def test_a_question_without_matter_finds_nothing(index: Index, question: str) -> None:
    assert index.search(question) == []


def test_nothing_to_find() -> None:
    assert Index([]).search("护照") == []


def test_scores_are_shares_in_falling_order_and_limited(index: Index) -> None:
    hits = index.search("居住证怎么办理", limit=2)
    assert len(hits) == 2
    assert 1 >= hits[0].score >= hits[1].score > 0


def test_the_same_question_the_same_answer_and_order() -> None:
    twins = [entry(name, "居住证怎么办") for name in "cab"]
    first, second = (Index(twins).search("居住证怎么办") for _ in range(2))
    assert first == second
    assert [hit.entry.id for hit in first] == ["c", "a", "b"]


def test_an_edited_entry_is_found_by_its_new_words(index: Index) -> None:
    question = "数字人民币钱包怎么开通"
    assert index.search(question)[:1] == [] or index.search(question)[0].score < NEAR
    edited = replace(ENTRIES[0], variants=("数字人民币怎么开通",))
    hits = Index([edited, *ENTRIES[1:]]).search(question)
    assert hits[0].entry == edited
    assert hits[0].score >= NEAR
