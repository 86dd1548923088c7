"""Classes of words (verb, preposition, name of a place, …) as jieba's own dictionary has them."""

from __future__ import annotations

import sys
from functools import cache

import jieba

#: Nouns, names of people and sayings are two thirds of the dictionary. That a word is one of them says as
#: little as that nobody knows it.
_SILENT = frozenset(("n", "nr", "nrt", "nrfg", "i", "l"))


@cache
def word_classes() -> dict[str, str]:
    """The class of each word that has a telling one, in jieba's notation (ns, v, p, …). The same for every
    model: a city's own words have none."""
    with jieba.dt.get_dict_file() as file:
        entries = (line.decode("utf-8").split() for line in file)
        return {word: sys.intern(kind) for word, _, kind in entries if kind not in _SILENT}
