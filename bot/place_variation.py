"""More training for the tagger of places: the examples' sentences with other places in them.

Residents of any city write; the examples name the places that their authors thought of. What a place is
called should not matter, so sentences get names put together from parts, areas from the list of the
country's divisions or made anonymous (A市, B3县), and firms, which are no places. Same examples, same
variations.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.nlu.segmentation import read_words

Span = tuple[int, int]


@dataclass(frozen=True)
class Marked:
    """A text and the spans of the places in it."""

    text: str
    spans: tuple[Span, ...] = ()


#: Clauses are varied, not whole messages: what tells a place from its surroundings stands near it.
_CLAUSE = re.compile(r"[^,，。!！?？;；\n]+[,，。!！?？;；\n]*")
_LONGEST_CLAUSE = 60

#: A title may put the area that it is about after these words, or at its very beginning.
_OPENING = re.compile(
    r"(?:关于|咨询|请问|反映|反应|建议|建言|希望|投诉|举报|要求|请求|恳请|询问|问问|对|在|我是|我在"
    r"|质疑|呼吁|再次|了解)+"
)
_FIRM_OPENINGS = ("", "", "投诉", "举报", "我在", "关于", "反映")

#: Of the clauses with a place so many get another one, of those without so many get an area; for so many
#: examples there is one firm.
_SHARE_REPLACED = 0.7
_SHARE_WITH_AREA = 0.15
_EXAMPLES_PER_FIRM = 20

_SHARE_OF_REAL_AREAS = 0.5
_SHARE_BEHIND_AN_AREA = 0.45
_SHARE_BEHIND_A_TOWN = 0.2
_SHARE_NARROWED = 0.35

#: What a composed place is, in hundredths.
_KINDS = {"crossing": 12, "line": 5, "road": 16, "road_estate": 7, "estate": 35, "spot": 15}
_KINDS["village"] = 100 - sum(_KINDS.values())

_SEED = 1


class Variation:
    """Puts new places into sentences. `areas` are names of divisions (余杭区, 杭州), `parts` what names and
    addresses are put together from."""

    def __init__(self, areas: Sequence[str], parts: dict[str, Any]) -> None:
        self._areas = areas
        self._heads = parts["heads"]
        self._parts = {name: str(words).split() for name, words in parts.items()}
        self._random = random.Random(_SEED)  # noqa: S311 - training data, no secrets

    def vary(self, examples: Sequence[Marked]) -> Iterator[Marked]:
        """One variation of most clauses with a place, and of a part of those without."""
        for example in examples:
            for clause in _clauses(example):
                if clause.spans:
                    if self._random.random() < _SHARE_REPLACED:
                        yield self._replaced(clause)
                elif not example.spans and self._random.random() < _SHARE_WITH_AREA:
                    yield self._with_area(clause)
        for _ in range(len(examples) // _EXAMPLES_PER_FIRM):
            yield self._firm()

    def _replaced(self, clause: Marked) -> Marked:
        text, spans, position = "", [], 0
        for start, end in clause.spans:
            text += clause.text[position:start]
            place = self.place()
            spans.append((len(text), len(text) + len(place)))
            text += place
            position = end
        return Marked(text + clause.text[position:], tuple(spans))

    def _with_area(self, clause: Marked) -> Marked:
        opening = _OPENING.match(clause.text)
        start = opening.end() if opening else 0
        area = self.area()
        text = clause.text[:start] + area + clause.text[start:]
        return Marked(text, ((start, start + len(area)),))

    def _firm(self) -> Marked:
        area = self._random.choice(("", self.area(), self.area()))
        words = [self._part(name) for name in ("trades", "firms", "charges")]
        opening = self._random.choice(_FIRM_OPENINGS)
        return Marked("".join((opening, area, self._head(), *words)))

    def area(self) -> str:
        """A province, city, district or county, real or made anonymous."""
        pick = self._random
        if pick.random() < _SHARE_OF_REAL_AREAS:
            return pick.choice(self._areas)
        letter, number = pick.choice("ABCDEFGHJKLM"), pick.randint(1, 12)
        city, county = f"{letter}市", f"{letter}{number}{pick.choice('区区县市')}"
        return pick.choice((city, city, county, county, city + county, "西地省", f"西地省{city}"))

    def place(self) -> str:
        """An address or name, from a bare road to city, town, estate and building."""
        pick = self._random
        before = self.area() if pick.random() < _SHARE_BEHIND_AN_AREA else ""
        if pick.random() < _SHARE_BEHIND_A_TOWN:
            before += self._head() + self._part("areas")
        kind = pick.choices(list(_KINDS), list(_KINDS.values()))[0]
        name = before + self._name(kind)
        if kind in ("crossing", "line", "village") or pick.random() >= _SHARE_NARROWED:
            return name
        n, m, c = self._number(), self._number(), pick.choice("ABCDEFGMabc东南西北")
        return name + self._part("narrower").format(n=n, m=m, c=c)

    def _name(self, kind: str) -> str:
        pick = self._random
        if kind == "crossing":
            return self._road() + pick.choice("与和") + self._road() + self._part("crossings")
        if kind == "line":
            network = pick.choice(("地铁", "轨道交通", "", "公交"))
            return f"{network}{pick.randint(1, 19)}{pick.choice(('号线', '号线', '路'))}"
        if kind == "spot":
            return self._head() + self._part("spots")
        if kind == "village":
            group = pick.choice(("", "", self._head() + "组", self._number() + "组"))
            return self._head() + pick.choice(("镇", "乡", "街道")) + self._head() + "村" + group
        road = self._road() if kind != "estate" else ""
        if kind == "road":
            return road
        builder = pick.choice(("", "", self._part("builders")))
        return road + builder + self._head() + self._part("estates")

    def _head(self) -> str:
        return "".join(self._random.choices(self._heads, k=self._random.choice((2, 2, 2, 3))))

    def _road(self) -> str:
        return self._head() + self._part("roads")

    def _part(self, name: str) -> str:
        return self._random.choice(self._parts[name])

    def _number(self) -> str:
        figure = str(self._random.randint(1, 30))
        return self._random.choice((figure, figure, self._random.choice("一二三四五六七八"), "*"))


def read_variation(lookups: Path) -> Variation:
    """The variation with the divisions and parts of names in the folder `lookups`."""
    parts = yaml.load(
        (lookups / "place_parts.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
    )
    return Variation(read_words(lookups / "divisions.txt"), parts)


def _clauses(example: Marked) -> Iterator[Marked]:
    """The clauses of a text that are short enough and cut no place."""
    for match in _CLAUSE.finditer(example.text):
        start, end = match.span()
        cut = any(s < start < e or s < end < e for s, e in example.spans)
        if not cut and end - start <= _LONGEST_CLAUSE:
            spans = tuple((s - start, e - start) for s, e in example.spans if start <= s < end)
            yield Marked(match.group(), spans)
