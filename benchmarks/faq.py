"""Finding answers: our index and BM25 side by side on questions and answers that nobody here wrote.

Three tasks over ../shared/data. Both sides get the same texts and rank all entries; a question
scores by the place of the one entry that holds its answer. Texts that are equal are one entry.

* `policy, by answer`: the 2,500 policy questions of ncp-qa. An entry is all answers out of one
  source document, without any question. The answers are extracts, half of them under 35 characters
  (“绿色通道”), and often share no word with their question.
* `policy, by entry`: the way our entries are made. An entry is a source document with its answers
  and the questions asked about it, but for the first of several, which is what is asked here.
* `official replies`: 1,400 messages of taidi, title and body, each to find its official reply.

BM25 is the plain one (k1 = 1.5, b = 0.75, jieba words, the questions and the answer of an entry as
one text). Both rank every entry, so the milliseconds are more than those of a search for three.
Prints a table, then one JSON line; exit code 1 when our mean reciprocal rank (MRR), averaged over
the tasks, is less than 5 points better.
"""

from __future__ import annotations

import csv
import json
import math
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

import jieba
from rich.console import Console
from rich.progress import track
from rich.table import Table

from desk.knowledge import Entry, Index
from desk.settings import ROOT

DATA = ROOT.parent / "shared" / "data"
REQUIRED_GAIN = 0.05

#: Gives the positions of entries for a question, best first; those not given are not found.
Search = Callable[[str], Iterable[int]]


@dataclass(frozen=True)
class Task:
    """Entries, and questions with the position of the entry that answers."""

    name: str
    entries: list[Entry]
    questions: list[tuple[str, int]]


@dataclass(frozen=True)
class Score:
    """Shares of the questions with their entry first or among three; mean reciprocal rank; time."""

    hit_1: float
    hit_3: float
    mrr: float
    ms: float


class Bm25:
    """Okapi BM25 over jieba words, with the idf that is never negative (as in Lucene)."""

    K1 = 1.5
    B = 0.75

    def __init__(self, texts: Sequence[str]) -> None:
        self._jieba = jieba.Tokenizer()
        counts = [Counter(self._words(text)) for text in texts]
        usual = sum(c.total() for c in counts) / len(counts)
        seen = Counter(word for c in counts for word in c)
        self._postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for position, count in enumerate(counts):
            held_back = self.K1 * (1 - self.B + self.B * count.total() / usual)
            for word, n in count.items():
                idf = math.log(1 + (len(texts) - seen[word] + 0.5) / (seen[word] + 0.5))
                weight = idf * n * (self.K1 + 1) / (n + held_back)
                self._postings[word].append((position, weight))

    def search(self, question: str) -> list[int]:
        """The positions of all texts that share a word with the question, best first."""
        scores: defaultdict[int, float] = defaultdict(float)
        for word in self._words(question):
            for position, weight in self._postings.get(word, ()):
                scores[position] += weight
        return sorted(scores, key=lambda position: (-scores[position], position))

    def _words(self, text: str) -> list[str]:
        return [word for word in self._jieba.cut(text.lower()) if any(map(str.isalnum, word))]


def measure(task: Task, search: Search, label: str) -> Score:
    """Asks all questions of a task."""
    ranks: list[float] = []
    started = time.perf_counter()
    for question, wanted in track(task.questions, description=f"{task.name}, {label}"):
        found = enumerate(search(question), 1)
        ranks.append(next((rank for rank, entry in found if entry == wanted), math.inf))
    count = len(ranks)
    return Score(
        sum(rank <= 1 for rank in ranks) / count,
        sum(rank <= 3 for rank in ranks) / count,
        sum(1 / rank for rank in ranks) / count,
        1000 * (time.perf_counter() - started) / count,
    )


def compare(task: Task) -> dict[str, Score]:
    """Both sides on one task."""
    index = Index(task.entries)
    everything = len(task.entries)
    texts = ["\n".join([e.question, *e.variants, e.answer]) for e in task.entries]
    return {
        "bm25": measure(task, Bm25(texts).search, "BM25"),
        "ours": measure(
            task, lambda text: (int(hit.entry.id) for hit in index.search(text, everything)), "ours"
        ),
    }


def rows(name: str) -> list[dict[str, str]]:
    """A file of comma-separated values as dictionaries."""
    with (DATA / name).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def policy_by_answer() -> Task:
    known = [(row["docid"], "", row["answer"]) for row in rows("ncp-qa/dev.csv")]
    asked = [(row["question"], row["docid"]) for row in rows("ncp-qa/dev.csv")]
    return task_of("policy, by answer", known, asked)


def policy_by_entry() -> Task:
    all_rows = rows("ncp-qa/dev.csv")
    several = Counter(row["docid"] for row in all_rows)
    held_out: dict[str, str] = {}
    known: list[tuple[str, str, str]] = []
    for row in all_rows:
        document, question = row["docid"], row["question"]
        if several[document] > 1 and document not in held_out:
            held_out[document] = question
            question = ""
        known.append((document, question, row["answer"]))
    asked = [(question, document) for document, question in held_out.items()]
    return task_of("policy, by entry", known, asked)


def official_replies() -> Task:
    messages = rows("taidi/replies_dev.csv")
    known = [(row["答复意见"], "", row["答复意见"]) for row in messages]
    asked = [(f"{row['留言主题']}\n{row['留言详情']}", row["答复意见"]) for row in messages]
    return task_of("official replies", known, asked)


def task_of(
    name: str, known: Sequence[tuple[str, str, str]], asked: Sequence[tuple[str, str]]
) -> Task:
    """A task out of (key, question or "", answer) and (question, key); a key is an entry."""
    questions: defaultdict[str, list[str]] = defaultdict(list)
    answers: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for key, question, answer in known:
        answers[key][answer] = None
        if question:
            questions[key].append(question)
    entries: list[Entry] = []
    position_of: dict[tuple[str, ...], int] = {}
    position: dict[str, int] = {}
    for key, texts in answers.items():
        content = (*questions[key], "\n".join(texts))
        if content not in position_of:
            position_of[content] = len(entries)
            first, *variants = questions[key] or [""]
            number = str(len(entries))
            entries.append(Entry(number, "", first, tuple(variants), content[-1], "", ""))
        position[key] = position_of[content]
    return Task(name, entries, [(question, position[key]) for question, key in asked])


def main() -> int:
    """Runs the comparison. Gives the exit code."""
    if not DATA.is_dir():
        print(f"faq: skipped, there is no {DATA}")
        return 0
    table = Table("task", "questions", "entries", "", "hit@1", "hit@3", "MRR", "ms")
    figures: dict[str, object] = {}
    gains: list[float] = []
    for task in (policy_by_answer(), policy_by_entry(), official_replies()):
        sides = compare(task)
        for side, score in sides.items():
            table.add_row(
                *(task.name, str(len(task.questions)), str(len(task.entries)), side),
                *(f"{share:.3f}" for share in (score.hit_1, score.hit_3, score.mrr)),
                f"{score.ms:.2f}",
            )
        gains.append(sides["ours"].mrr - sides["bm25"].mrr)
        figures[task.name] = {
            "questions": len(task.questions),
            "entries": len(task.entries),
            **{side: asdict(score) for side, score in sides.items()},
            "mrr_gain": gains[-1],
        }
    gain = sum(gains) / len(gains)
    met = gain >= REQUIRED_GAIN
    summary = {"what": "faq", "mrr_gain": gain, "required": REQUIRED_GAIN, "met": met}
    Console(width=100).print(table)
    print(json.dumps({**summary, **figures}))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
