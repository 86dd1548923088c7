"""`python -m bot.validate`: what is wrong with the sentences in `nlu_data`, before anyone trains on them.

One line on standard output for each fault, with file and block; exit code 1 when there is one.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path

import yaml

from bot.train import make_rasa_light

ROOT = Path(__file__).resolve().parent.parent

#: Fewer examples than this teach no class. Request types need more, they are what the product is for.
MINIMUM_EXAMPLES = 25
MINIMUM_REQUEST_EXAMPLES = 60

#: A border of a span between these cuts a token. Inside Chinese words borders are free: the tagger of places
#: reads characters, and jieba glues names to what follows them (“月亮湖应”).
_CUT = re.compile(r"[0-9]{2}|[A-Za-z]{2}")

#: Two examples of a class more alike than this are one example written twice.
NEAR_DUPLICATE = 0.92


def main() -> int:
    """Run the command; give the exit code."""
    make_rasa_light()
    faults = list(find_faults(ROOT / "nlu_data" / "nlu", ROOT / "domain.yml", _catalogue()))
    faults += term_faults(ROOT / "nlu_data" / "lookups" / "topics.yml", _catalogue())
    faults += danger_faults(ROOT / "nlu_data" / "dangers", _dangers())
    print("\n".join([*faults, f"nlu_data: {len(faults)} faults"]))
    return 1 if faults else 0


def find_faults(folder: Path, domain: Path, topics: set[str]) -> Iterator[str]:
    """All faults of the examples below `folder`: unreadable files, intents and entities that the domain
    does not have, topics that the catalogue does not have, annotations that begin or end with a blank or
    inside a number, duplicates, near duplicates, classes too small."""
    from rasa.shared.core.domain import Domain

    from bot.labelled import TYPE_OF_INTENT
    from bot.nlu.intent import labelled_topic
    from bot.nlu.normalise import normalise
    from bot.nlu_files import BadExamples, read_examples

    known = Domain.from_file(str(domain))
    try:
        examples = read_examples(folder)
    except BadExamples as error:
        yield str(error)
        return
    sizes: Counter[str] = Counter()
    seen: dict[str, tuple[str, str]] = {}
    texts: dict[str, list[str]] = {}
    for example in examples:
        intent, text, topic = example.get("intent"), example.get("text"), labelled_topic(example)
        sizes[intent] += 1
        plain = normalise(text).text
        if intent not in known.intents:
            yield f"{intent}: not an intent of the domain: {text}"
        if topic is not None and topic not in topics:
            yield f"{intent}: topic {topic} is not in the catalogue: {text}"
        # The same words in other characters (確認) are a variant; in another class they contradict it.
        if plain in seen and (seen[plain][0] != intent or seen[plain][1] == text):
            yield f"{intent}: also an example of {seen[plain][0]}: {text}"
        seen[plain] = intent, text
        texts.setdefault(f"{intent} {topic}", []).append(plain)
        for entity in example.get("entities", []):
            if entity["entity"] not in known.entities:
                yield f"{intent}: not an entity of the domain: {entity['entity']}: {text}"
            if entity["value"] != entity["value"].strip(" ，。！？、"):
                yield f"{intent}: the span begins or ends outside of the name: {text}"
            borders = (entity["start"], entity["end"])
            if any(border and _CUT.match(text, border - 1) for border in borders):
                yield f"{intent}: the span begins or ends inside a number or a Latin word: {text}"
    for intent, size in sizes.items():
        needed = MINIMUM_REQUEST_EXAMPLES if intent in TYPE_OF_INTENT else MINIMUM_EXAMPLES
        if size < needed:
            yield f"{intent}: {size} examples, {needed} are needed"
    for alike in texts.values():
        yield from _near_duplicates(alike)


def term_faults(path: Path, topics: set[str]) -> Iterator[str]:
    """All faults of the list of topic terms: unreadable, codes that the catalogue does not have, a term
    given twice (in two topics it tells nothing), a decisive one that is a term of another topic."""
    from bot.nlu_files import BadExamples, read_terms

    try:
        read = read_terms(path)
    except BadExamples as error:
        yield str(error)
        return
    for terms in (read.terms, read.decisive):
        yield from (
            f"{path.name}: topic {code} is not in the catalogue: {term}"
            for term, code in terms
            if code not in topics
        )
        counts = Counter(term for term, _ in terms)
        yield from (
            f"{path.name}: {term} stands there {n} times" for term, n in counts.items() if n > 1
        )
    codes = dict(read.terms)
    yield from (
        f"{path.name}: {term} decides for {code} and is a term of {codes[term]}"
        for term, code in read.decisive
        if codes.get(term, code) != code
    )


def danger_faults(folder: Path, codes: set[str]) -> Iterator[str]:
    """All faults of the sentences about danger: unreadable files, a file named by no danger of the city, a
    sentence given twice (as two dangers it contradicts itself)."""
    from bot.labelled import NO_DANGER
    from bot.nlu.normalise import normalise
    from bot.nlu_files import BadExamples, read_dangers

    try:
        sentences = read_dangers(folder)
    except BadExamples as error:
        yield str(error)
        return
    yield from (
        f"{code}.txt: the city has no such danger"
        for code in sorted({code for _, code in sentences} - codes - {NO_DANGER})
    )
    seen: dict[str, str] = {}
    for text, code in sentences:
        plain = normalise(text).text
        if plain in seen:
            yield f"{code}: also a sentence of {seen[plain]}: {text}"
        seen[plain] = code


def _near_duplicates(texts: list[str]) -> Iterator[str]:
    """Neighbours in alphabetical order that hardly differ; a copied sentence begins like its model."""
    for one, other in pairwise(sorted(texts)):
        if len(one) < 8 or one == other:
            continue
        matcher = SequenceMatcher(None, one, other, autojunk=False)
        if matcher.real_quick_ratio() > NEAR_DUPLICATE and matcher.ratio() > NEAR_DUPLICATE:
            yield f"nearly the same: {one} / {other}"


def _dangers() -> set[str]:
    """Codes of the dangers that the demo city warns of."""
    content = yaml.safe_load((ROOT / "cities" / "demo" / "dangers.yml").read_text(encoding="utf-8"))
    return {danger["code"] for danger in content["dangers"]}


def _catalogue() -> set[str]:
    """Codes of the catalogue at every level."""
    with (ROOT / "cities" / "demo" / "catalogue.csv").open(encoding="utf-8-sig") as file:
        return {row["code"] for row in csv.DictReader(file)}


if __name__ == "__main__":
    sys.exit(main())
