"""Changing what is already known, in plain words: “不对，是21号”, “电话换成…”, “不是投诉，是咨询”."""

from __future__ import annotations

import re

from actions.intake.draft import Draft
from actions.understanding import Understanding

_NUMBER_PART = re.compile(
    r"([0-9０-９]+|[一二三四五六七八九十百]+)\s*(号楼|号院|单元|号|栋|幢|楼|层|室|弄|巷|组|队)"
)
_DENIED = re.compile(r"(?:并|而)?不是[^，。,；;！!是]*")
_TYPES = {
    "咨询": "consultation",
    "投诉": "complaint",
    "举报": "violation",
    "求助": "help",
    "建议": "suggestion",
    "表扬": "praise",
    "报修": "incident",
    "报事": "incident",
}
_TYPE = re.compile(rf"(?:是|改成|改为|换成|算)(?:要|想|来)?({'|'.join(_TYPES)})")
_WITHDRAWN_NUMBER = re.compile(r"(不留|删掉|去掉|别留|不要)(我的)?(电话|号码|手机)")


def correct(draft: Draft, said: Understanding) -> Draft | None:
    """The draft with what the message changes in it; None when the message names nothing we can
    place. What is denied (“不是12号”) is never taken for the new value."""
    wanted = _DENIED.sub("", said.text)
    changes: dict[str, object] = {}
    if found := _TYPE.search(wanted):
        changes["type"] = _TYPES[found[1]]
    phones = [phone for phone in said.phones if phone in _digits(wanted)]
    if phones:
        changes.update(phone=phones[-1], phone_declined=False, anonymous=False)
    elif _WITHDRAWN_NUMBER.search(said.text):
        changes.update(phone=None, phone_declined=True)
    if said.point is not None:
        changes.update(point=said.point, place=said.point.label or draft.place)
    elif place := corrected_place(draft.place, wanted, said.places):
        changes.update(place=place, point=None, place_unknown=False)
    return draft.with_(**changes) if changes else None


def corrected_place(known: str | None, wanted: str, places: list[str]) -> str | None:
    """The new place: a whole one when it is named, else the known one with its number parts replaced
    (人民路12号 + 是21号 → 人民路21号). None when no place is meant."""
    named = [place for place in places if place in wanted]
    whole = [place for place in named if _NUMBER_PART.sub("", place).strip()]
    if whole:
        return max(whole, key=len)
    parts = _NUMBER_PART.findall(wanted)
    if not parts:
        return None
    if known is None:
        return "".join(number + unit for number, unit in parts)
    result = known
    for number, unit in parts:
        replaced, count = re.subn(
            rf"([0-9０-９]+|[一二三四五六七八九十百]+)(\s*){unit}",
            lambda match, n=number, u=unit: f"{n}{match[2]}{u}",
            result,
            count=1,
        )
        result = replaced if count else result + number + unit
    return result


def _digits(text: str) -> str:
    """A text with the blanks and dashes inside numbers gone, as phones are normalised."""
    return re.sub(r"(?<=\d)[\s-]+(?=\d)", "", text)
