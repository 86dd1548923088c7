"""Cutting Chinese text into words, with a city's own words and without touching anyone else's.

jieba keeps one dictionary per process when used through its module functions, and `load_userdict`
cannot be undone (jieba#537, #547): two models in one process would share words. Each `Segmenter` here
owns a `jieba.Tokenizer`, and its dictionary never passes through jieba's cache file in the temporary
folder, which any user of the machine could write.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

import jieba

jieba.setLogLevel(logging.ERROR)

#: Encodings a dictionary may come in: what Windows editors write, beside plain UTF-8.
_ENCODINGS = ("utf-8-sig", "gb18030")


class Segmenter:
    """Cuts text into words. `words` are kept whole wherever they stand."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self.words = sorted({word for word in words if len(word) > 1})
        self._tokenizer = jieba.Tokenizer()
        frequencies, total = self._tokenizer.gen_pfdict(self._tokenizer.get_dict_file())
        self._tokenizer.FREQ, self._tokenizer.total = frequencies, total
        self._tokenizer.initialized = True
        for word in self.words:
            self._tokenizer.add_word(word)

    def cut(self, text: str) -> list[tuple[str, int, int]]:
        """Words with their spans, in order; together they cover the whole text."""
        tokens: list[tuple[str, int, int]] = []
        start = 0
        for word in self._tokenizer.cut(text):
            tokens.append((word, start, start + len(word)))
            start += len(word)
        return tokens


def read_words(path: Path) -> list[str]:
    """Read a word list: one word a line, anything after the first blank ignored, `#` comments.

    Raises:
        ValueError: the file is neither UTF-8 (with or without BOM) nor GB 18030; the message names the
            file and the line.

    """
    content = path.read_bytes()
    for encoding in _ENCODINGS:
        try:
            lines: Sequence[str] = content.decode(encoding).splitlines()
        except UnicodeDecodeError as error:
            bad_line = content.count(b"\n", 0, error.start) + 1
            continue
        fields = (line.split("#")[0].split() for line in lines)
        return [field[0] for field in fields if field]
    raise ValueError(f"{path}, line {bad_line}: neither UTF-8 nor GB 18030")
