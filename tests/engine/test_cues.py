"""Cues: other words for the same thing are the same cue, and what is absent counts too."""

from __future__ import annotations

import pytest

from bot.nlu.cues import cues


@pytest.mark.parametrize(
    ("text", "other"),
    [("物业推诿", "开发商敷衍"), ("路灯坏了", "水管裂了"), ("恳请安装", "盼望维修")],
)
def test_other_words_for_the_same_are_the_same_cues(text: str, other: str) -> None:
    assert cues(text) == cues(other)


def test_a_broken_thing_is_another_matter_when_somebody_is_to_blame() -> None:
    assert "defect without party" in cues("电梯坏了")
    blamed = cues("电梯坏了,物业不修")
    assert "defect without party" not in blamed
    assert "defect with party" in blamed


def test_the_wish_at_the_end_of_a_story_is_told_from_one_at_its_beginning() -> None:
    assert "last provision" in cues("天黑看不见,请安装路灯。")
    assert "last provision" not in cues("请安装路灯,天黑看不见。")


@pytest.mark.parametrize("text", ["", "。。。", " "])
def test_a_text_without_words_has_no_cues(text: str) -> None:
    assert cues(text) == []
