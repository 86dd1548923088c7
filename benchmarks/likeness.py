"""The score of duplicates, held against 4,326 letters to a city and pairs of them that people compared.

* Exact: letters published twice or more (`exact_duplicates.csv`).
* Near-exact: pairs whose bodies share half of their runs of five characters (Jaccard). Some are one
  letter about two places, which is two matters; they count as missed all the same.
* Judged: 150 pairs on both sides of the border, read one by one for this benchmark
  (`compared_letters.csv`: two numbers of letters, and 1 when the matter is the same).

Recall is the share of the exact and near-exact pairs that are taken for one matter. Precision is
counted over all pairs that are: right are those of the two groups above and of the three hot topics
that two of three teams agree on (`hot_topics_consensus.csv`); of the rest the share that was judged
right. Topics of the catalogue are unknown here, so the score goes by words, places and days.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path

from rich.progress import track
from rich.table import Table

from desk.city import City
from desk.settings import ROOT
from desk.tickets.duplicates.score import Told, compare, told
from desk.tickets.duplicates.search import NEWEST, SCORED
from desk.tickets.duplicates.terms import filed_under, looked_up

DATA = ROOT.parent / "shared" / "data" / "taidi"
COMPARED = Path(__file__).with_name("compared_letters.csv")
REQUIRED = 0.9
_RUN = 5
_NEAR = 0.5
# A run of characters in more letters than this is a phrase of all letters.
_USUAL = 60

Pair = tuple[int, int]


@dataclass(frozen=True)
class Agreement:
    """Shares of 1 but for the counts of pairs."""

    exact: int
    exact_found: float
    near: int
    near_found: float
    taken_for_one: int
    judged: int
    judged_right: float
    precision: float

    @property
    def missed(self) -> list[str]:
        """Which targets are missed."""
        reached = {
            "recall of exact": self.exact_found,
            "recall of near-exact": self.near_found,
            "precision": self.precision,
        }
        return [name for name, share in reached.items() if share < REQUIRED]

    def as_json(self) -> dict[str, float]:
        """The figures, rounded."""
        return {key: round(value, 3) for key, value in asdict(self).items()}


def measure(city: City) -> Agreement | None:
    """None when the letters are absent."""
    if not DATA.exists():
        return None
    letters = _read("hotspots.csv")
    place = {letter["留言编号"]: number for number, letter in enumerate(letters)}
    known = [_told(city, letter) for letter in letters]
    points = {pair: compare(city, known[pair[0]], known[pair[1]]) for pair in _candidates(known)}
    one = {pair for pair, likeness in points.items() if likeness.same}
    exact = set(_within(_read("exact_duplicates.csv"), place, "留言主题"))
    hot = set(_within(_read("hot_topics_consensus.csv"), place, "topic"))
    near = set(_near(letters))
    with COMPARED.open(encoding="utf-8") as file:
        judged = {
            _pair(place[row["one"]], place[row["other"]]): row["same"] == "1"
            for row in csv.DictReader(file)
        }
    rest = one - exact - near - hot
    asked = [judged[pair] for pair in rest if pair in judged]
    right = sum(asked) / len(asked)
    return Agreement(
        exact=len(exact),
        exact_found=len(exact & one) / len(exact),
        near=len(near),
        near_found=len(near & one) / len(near),
        taken_for_one=len(one),
        judged=len(asked),
        judged_right=right,
        precision=(len(one) - len(rest) * (1 - right)) / len(one),
    )


def shown(agreement: Agreement) -> Table:
    """The figures for people."""
    table = Table("letters of taidi", "pairs", "share")
    table.add_row("exact: found", str(agreement.exact), f"{agreement.exact_found:.3f}")
    table.add_row("near-exact: found", str(agreement.near), f"{agreement.near_found:.3f}")
    table.add_row("judged: right", str(agreement.judged), f"{agreement.judged_right:.3f}")
    table.add_row(
        "taken for one: right", str(agreement.taken_for_one), f"{agreement.precision:.3f}"
    )
    return table


def _read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _told(city: City, letter: dict[str, str]) -> Told:
    day, _, clock = letter["留言时间"].partition(" ")
    parts = [int(part) for part in re.split(r"[/:-]", f"{day}:{clock or '0:0:0'}")]
    said = f"{letter['留言主题'].strip()}\n{letter['留言详情'].strip()}"
    at = datetime(*parts, tzinfo=city.zone)  # pyright: ignore[reportArgumentType]
    return told(city, description=said, place=None, topic="", at=at)


def _candidates(known: list[Told]) -> set[Pair]:
    """The pairs that the search would score (`desk/tickets/duplicates/search.py`), all letters being
    open tickets."""
    filed: defaultdict[int, list[int]] = defaultdict(list)
    for number, one in enumerate(known):
        for term in filed_under(one):
            filed[term].append(number)
    found: set[Pair] = set()
    for number, one in enumerate(track(known, "letters", transient=True)):
        shared: Counter[int] = Counter()
        for term, weight in looked_up(one).items():
            for other in filed[term][-NEWEST:]:
                shared[other] += weight
        del shared[number]
        found |= {_pair(number, other) for other, _ in shared.most_common(SCORED)}
    return found


def _within(rows: list[dict[str, str]], place: dict[str, int], key: str) -> Iterator[Pair]:
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for row in rows:
        groups[row[key]].append(place[row["留言编号"]])
    for group in groups.values():
        yield from (_pair(one, other) for one, other in combinations(group, 2))


def _near(letters: list[dict[str, str]]) -> Iterator[Pair]:
    runs = [set(_runs(letter["留言详情"])) for letter in letters]
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for number, own in enumerate(runs):
        for run in own:
            holders[run].append(number)
    shared = Counter(
        pair
        for numbers in holders.values()
        if 1 < len(numbers) <= _USUAL
        for pair in combinations(numbers, 2)
    )
    for (one, other), count in shared.items():
        if count / (len(runs[one]) + len(runs[other]) - count) >= _NEAR:
            yield _pair(one, other)


def _runs(text: str) -> Iterable[str]:
    text = re.sub(r"\W", "", text)
    return (text[at : at + _RUN] for at in range(max(1, len(text) - _RUN + 1)))


def _pair(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)
