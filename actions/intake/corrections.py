"""Changing what is already known, in plain words: “不对，是21号”, “电话换成…”, “不是投诉，是咨询”."""

from __future__ import annotations

import re

from actions.intake.draft import Ask, Draft
from actions.intake.substance import announces_only, best_place, digits_joined
from actions.intake.words import TYPES, takes_back_number
from actions.understanding import Understanding
from desk.city import City, category_of

# A number of a place: no part of a longer one, and no day of a month.
_NUMBER = r"(?<![0-9一二三四五六七八九十百月])([0-9０-９]+|[一二三四五六七八九十百]+)"
_UNIT = r"(号楼|号院|单元|号|栋|幢|楼|层|室|弄|巷|组|队)"
_NUMBER_PART = re.compile(rf"{_NUMBER}\s*{_UNIT}")
# What is denied, wherever it stands: “不是12号”, “21号不是12号”, “别写成投诉”.
_DENIED = re.compile(r"(?:(?:并|而)?不是|(?:别|不要)(?:写|算)成?|不算)\s*[^，。,；;！!是\s]*")
_INSTEAD = (
    re.compile(
        r"不是(?P<old>[^，。,；;！!是]{1,20})[，, ]*(?:而|应该|我说的)?是(?P<new>[^，。,；;！!]{1,20})"
    ),
    re.compile(
        r"是?(?P<new>[^，。,；;！!是]{1,20})[，, ]*(?:而)?不是(?P<old>[^，。,；;！!是]{1,20})"
    ),
    re.compile(r"把(?P<old>[^，。,；;！!]{1,20})(?:改|换)(?:成|为)(?P<new>[^，。,；;！!]{1,20})"),
)
_TYPE = re.compile(
    r"(?:是|改|成|为|算|按|属于|类型[:：]?|我[想要])(?:我?(?:要|想|来|在|提|个|条|一个|一条|匿名|实名))*"
    rf"(?P<type>{'|'.join(TYPES)})(?!电话|热线|信|人|的(?:人|电话))"
)
_TOPIC_WRONG = re.compile(r"事项|分类|类别|归类")
_WORDS_ANEW = re.compile(
    r"(?:内容|描述|情况)(?:改成|改为|换成|写成)[:：，, ]*(?P<words>.{2,})", re.DOTALL
)
_NAMED = re.compile(r"实名|不(用|要|需要|必|想)?匿名")
_PART_WRONG = (
    (Ask.PLACE, re.compile(r"地址|地点|位置|地方|定位")),
    (Ask.PHONE, re.compile(r"电话|号码|手机|联系方式")),
)


def correct(city: City, draft: Draft, said: Understanding) -> Draft | None:
    """The draft with what the message changes in it; None when it changes nothing that we know.
    What is denied (“不是12号”) is never taken for the new value."""
    wanted = _DENIED.sub("", said.text)
    changes = {
        **_type(wanted),
        **_topic(city, draft, said, wanted),
        **_anonymity(said, wanted),
        **_phone(said, wanted),
        **_place(draft, said),
    }
    if anew := _WORDS_ANEW.search(said.text):
        changes["words"] = [anew["words"].strip()]
    return draft.with_(**changes) if changes else None


def type_wanted(text: str) -> str | None:
    """The type that a text without anything else asks for (“可以帮我投诉他吗”), as an intent."""
    found = [intent for name, intent in TYPES.items() if name in text]
    return found[0] if len(found) == 1 and announces_only(text) else None


def wrong_part(text: str) -> Ask | None:
    """Which question to put again when a text says only what is wrong (“地址写错了”)."""
    return next((ask for ask, part in _PART_WRONG if part.search(text)), None)


def corrected_place(known: str | None, text: str, places: list[str]) -> str | None:
    """The new place: a whole one when it is named, else the known one with its parts replaced
    (人民路12号 + 是21号 → 人民路21号; 不是南门是北门). None when no place is meant."""
    wanted = _DENIED.sub("", text)
    whole = best_place(
        place for place in places if place in wanted and _NUMBER_PART.sub("", place).strip()
    )
    if known and (paired := _paired(known, text)):
        return paired
    if whole and whole not in (known or ""):
        return whole
    parts = _NUMBER_PART.findall(wanted)
    if not parts:
        return None
    if known is None:
        return "".join(number + unit for number, unit in parts)
    result = known
    for number, unit in parts:
        replaced, count = re.subn(
            rf"{_NUMBER}(\s*){unit}(?![楼院])",
            lambda match, n=number, u=unit: f"{n}{match[2]}{u}",
            result,
            count=1,
        )
        result = replaced if count else result + number + unit
    return result


def _paired(known: str, text: str) -> str | None:
    """The known place after “不是…是…”; None when what is denied is no part of it."""
    for pattern in _INSTEAD:
        pair = pattern.search(text)
        if pair is None or not _stands_in(pair["old"], known):
            continue
        new = pair["new"].rstrip("的啊呀吧了 ")
        numbered = _NUMBER_PART.search(new) and _NUMBER_PART.sub("", new).strip()
        inside = not known.startswith(pair["old"])
        whole = numbered or (inside and new[:2] == known[:2])
        return new if whole else known.replace(pair["old"], new, 1)
    return None


def _stands_in(part: str, known: str) -> bool:
    """Whether a part is in the known place, and not within a longer number (1号 in 21号)."""
    start = known.find(part)
    return start == 0 or (start > 0 and not (part[0].isdigit() and known[start - 1].isdigit()))


def _type(wanted: str) -> dict[str, object]:
    found = _TYPE.search(wanted)
    return {"type": TYPES[found["type"]]} if found else {}


def _topic(city: City, draft: Draft, said: Understanding, wanted: str) -> dict[str, object]:
    """Another topic: by the name of a category, else as the model reads the words. When it is only
    said to be wrong, staff will find the right one."""
    named = [code for code, category in city.categories.items() if category.name in wanted]
    if named:
        return {"topic": named[0]}
    if not _TOPIC_WRONG.search(said.text):
        return {}
    other = said.topic if said.topic[:4] != draft.topic[:4] else ""
    return {"topic": other if category_of(city, other) else ""}


def _anonymity(said: Understanding, wanted: str) -> dict[str, object]:
    after_change = wanted.rpartition("成")[2]
    if _NAMED.search(after_change):
        return {"anonymous": False}
    if "匿名" in after_change and not said.phones:
        return {"anonymous": True, "phone": None}
    return {}


def _phone(said: Understanding, wanted: str) -> dict[str, object]:
    digits = digits_joined(wanted)
    phones = [phone for phone in said.phones if digits_joined(phone) in digits]
    if phones:
        return {"phone": phones[-1], "phone_declined": False, "anonymous": False}
    if takes_back_number(said.text):
        return {"phone": None, "phone_declined": True}
    return {}


def _place(draft: Draft, said: Understanding) -> dict[str, object]:
    if said.point is not None:
        return {"point": said.point, "place": said.point.label or None, "place_unknown": False}
    place = corrected_place(draft.place, said.text, said.places)
    if place is None or place == draft.place:
        return {}
    changes: dict[str, object] = {"place": place, "point": None, "place_unknown": False}
    if draft.place:
        # The words keep their own, but must not name two places.
        changes["words"] = [line.replace(draft.place, place) for line in draft.words]
    return changes
