"""Words are cut by a dictionary of one's own."""

from __future__ import annotations

from pathlib import Path

import jieba
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.segmentation import Segmenter, read_words

NAME = "锦绣云天"
TEXT = f"{NAME}漏水"

PLAIN = Segmenter()


def words(segmenter: Segmenter) -> list[str]:
    return [word for word, _, _ in segmenter.cut(TEXT)]


def test_a_word_of_the_dictionary_is_kept_whole() -> None:
    assert NAME in words(Segmenter([NAME]))


def test_two_dictionaries_do_not_influence_each_other() -> None:
    before = words(PLAIN)
    Segmenter([NAME])
    assert words(PLAIN) == before
    assert NAME not in before


def test_the_dictionary_of_the_process_is_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jieba.dt, "tmp_dir", str(tmp_path))
    Segmenter([NAME])
    assert NAME not in jieba.lcut(TEXT)


@given(st.text(alphabet="人民路12号 ab，。漏水👌𠮷", max_size=30))
def test_words_cover_the_text_without_gap(text: str) -> None:
    tokens = PLAIN.cut(text)
    assert "".join(word for word, _, _ in tokens) == text
    assert all(text[start:end] == word for word, start, end in tokens)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_word_list_of_any_editor_is_read(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "words.txt"
    file.write_text("# 小区\n锦绣云天 100 n\n\n公积金  # 钱\n", encoding=encoding)
    assert read_words(file) == ["锦绣云天", "公积金"]


def test_a_word_list_in_no_known_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_bytes(b"gjj\n\xff\xff\n")
    with pytest.raises(ValueError, match=r"words\.txt, line 2"):
        read_words(file)
