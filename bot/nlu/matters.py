"""Several requests in one message: where to cut, and whether to.

A person often adds a second matter (“另外，公积金怎么提取？”). A story about one matter also has several
sentences, so cutting is the exception: only at words that announce something else, only if every part
is by itself a request that is understood, and only if the parts are about different things.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot.labelled import TYPE_OF_INTENT

#: A part must surely be a request, of a type and a topic that are at least likely: a wrong cut makes two
#: tickets of one matter.
MINIMUM_REQUEST_CONFIDENCE = 0.7
MINIMUM_INTENT_CONFIDENCE = 0.35
MINIMUM_TOPIC_CONFIDENCE = 0.4

#: A longer message tells a story; what is numbered in it are its points, not other matters. Of real letters
#: to governments (200 characters and more) one in forty would be cut, always wrongly.
MAXIMUM_LENGTH = 160

#: Letters that a part must have to say what is the matter.
MINIMUM_LENGTH = 4

_ANNOUNCED = re.compile(
    r"(?:^|[。！？!?；;，,\n\s])\s*"
    r"((?:另外|此外|还有(?:就是|一?[件个]?[事问]题?)?|顺便|对了|其次|再[问说]一?[下个件]|再反映|再咨询"
    r"|还想|还要|也想(?=[问反咨])|另一[件个]|(?:第[二三四五]|其[二三])(?![次回天年月期])[个件点条]?是?|[2-52-5二三四五][、.．:：)）]))"
)
#: What a numbered point begins with; without a first point, “2” or “第二” is no second one.
_NUMERALS = frozenset("第其2345二三四五")

_NUMBERED_FIRST = re.compile(
    r"(?:^|[。！？!?；;，,：:\n\s])\s*(?:(?:第一|其一)(?![次回天年月期])[个件点条]?是?|[11一][、.．:：)）])"
)


def candidate_spans(text: str) -> list[tuple[int, int]]:
    """Parts of a message that announce themselves as separate matters, without the words that announce
    them (“另外”, “2、”); empty when none do."""
    if len(text) > MAXIMUM_LENGTH:
        return []
    found = [match for match in _ANNOUNCED.finditer(text) if match.start(1) > 0]
    first = _NUMBERED_FIRST.search(text)
    if first is None:
        found = [match for match in found if text[match.start(1)] not in _NUMERALS]
    begins = [first.end() if first and first.start() == 0 else 0]
    begins += [match.end(1) for match in found]
    ends = [*(match.start(1) for match in found), len(text)]
    spans = [_strip(text, start, end) for start, end in zip(begins, ends, strict=True)]
    return spans if len(spans) > 1 else []


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text[start] in "，,；;：:、就是"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in "，,；;"):
        end -= 1
    return start, end


def separate_matters(
    text: str, spans: Sequence[tuple[int, int]], parses: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The matters of a message, from its candidate parts and what each was understood as.

    A part that is no request of its own, or of the same topic as the one before it, belongs to the one
    before it. Fewer than two matters: an empty list.
    """
    groups: list[tuple[int, int, dict[str, Any]]] = []
    for (start, end), parse in zip(spans, parses, strict=False):
        if groups and not (_is_request(parse) and _differs(groups[-1][2], parse)):
            first_start, _, first_parse = groups[-1]
            groups[-1] = (first_start, end, first_parse)
        else:
            groups.append((start, end, parse))
    if len(groups) < 2 or not _is_request(groups[0][2]):
        return []
    return [
        {
            "text": text[start:end],
            "start": start,
            "end": end,
            "intent": parse["intent"],
            "topic": parse["topic"],
            "entities": parse["entities"],
        }
        for start, end, parse in groups
    ]


def _is_request(parse: dict[str, Any]) -> bool:
    letters = sum(1 for character in parse["text"] if character.isalnum())
    request = sum(
        one["confidence"] for one in parse["intent_ranking"] if one["name"] in TYPE_OF_INTENT
    )
    return (
        letters >= MINIMUM_LENGTH
        and parse["intent"]["name"] in TYPE_OF_INTENT
        and parse["intent"]["name"] != "other"
        and request >= MINIMUM_REQUEST_CONFIDENCE
        and parse["intent"]["confidence"] >= MINIMUM_INTENT_CONFIDENCE
        and _first_level(parse)["confidence"] >= MINIMUM_TOPIC_CONFIDENCE
    )


def _differs(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two requests are about different things: other places, or other first-level topics, or, of
    the same, other second-level topics and one asks for information while the other does not."""
    if _first_level(one)["code"] != _first_level(other)["code"]:
        return True
    if _places(one) and _places(other) and not _places(one) & _places(other):
        return True
    asks = [parse["intent"]["name"] == "consultation" for parse in (one, other)]
    return one["topic"]["code"] != other["topic"]["code"] and asks[0] != asks[1]


def _places(parse: dict[str, Any]) -> set[str]:
    return {entity["value"] for entity in parse["entities"] if entity["entity"] == "place"}


def _first_level(parse: dict[str, Any]) -> dict[str, Any]:
    return parse["topic"].get("first_level") or {"code": "", "confidence": 0.0}
