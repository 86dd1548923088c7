"""A matter begins, grows by further words, and makes room for the next one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from actions.intake.draft import Ask, Draft
from actions.intake.questions import needs_place, next_question, question, short
from actions.intake.substance import announces_only, best_place, own_phones, within
from actions.intake.words import announced_type
from actions.understanding import Understanding
from connectors import Outbound
from desk.city import City, Refusal, find_refusal

SHOWN_NEXT = 40
# A shorter text that asks for nothing (a sigh, an advertisement) is not yet a matter.
_STORY = 40
_ANONYMOUS = re.compile(r"匿名")
_NAMED = re.compile(r"实名|不(用|要|需要|必|想)?匿名")


@dataclass(frozen=True, slots=True)
class Step:
    """What a message leads to. `draft`: what stays open (None: nothing). `aside`: a message to be
    answered on its own before `replies`. `submit`: a draft to hand in, which the resident confirmed
    or (with `refusal`) the city does not accept."""

    draft: Draft | None
    replies: list[Outbound] = field(default_factory=list)
    aside: Understanding | None = None
    submit: Draft | None = None
    refusal: Refusal | None = None


def begin(city: City, said: Understanding, rest: Sequence[Understanding] = ()) -> Step:
    """A new matter, with others that wait for it."""
    draft = Draft(
        type=_begun_as(said),
        rest=list(rest),
        touched=said.at,
    )
    heard: list[Outbound] = []
    if rest:
        words = short(said.text, SHOWN_NEXT)
        heard = [Outbound(city.say("several", count=len(rest) + 1, words=words))]
    begun = more(draft, said)
    if begun.type == "other" and not (begun.place or begun.point or begun.urgent or _tells(said)):
        asked = begun.with_(ask=Ask.MATTER)
        return Step(asked, [*heard, question(asked, city)])
    return ask_next(city, begun, heard)


def offer(city: City, said: Understanding) -> Step:
    """A consultation without an answer: whether it shall become a ticket."""
    draft = Draft(type="consultation", ask=Ask.OFFER, held=said, touched=said.at)
    return Step(draft, [question(draft, city)])


def more(draft: Draft, said: Understanding) -> Draft:
    """The draft with a message more: its words, and what they tell besides. What is known stays."""
    place = best_place(said.places) or (said.point.label if said.point else None)
    phones = own_phones(said.text, said.phones)
    blank = not said.text.strip() or announces_only(said.text) or said.text in draft.words
    settles = draft.type == "other" and not blank and said.is_request
    told = draft.and_message(said).with_(
        type=_begun_as(said) if settles else draft.type,
        words=draft.words if blank else [*draft.words, said.text],
        topic=draft.topic or ("" if blank else said.topic),
        place=within(draft.place, said.text) if draft.place else place or None,
        point=draft.point or said.point,
        phone=draft.phone or (phones[-1] if phones else None),
        urgent=draft.urgent or said.danger is not None,
    )
    return hide(told, said.text)


def _begun_as(said: Understanding) -> str:
    """The type of a matter by its first message. Who only announces one (“我要反应个事”) has not said
    which, unless in so many words (“我要投诉”)."""
    if announces_only(said.text) and said.intent != "consultation" and said.kind == "text":
        return announced_type(said.text) or "other"
    return said.intent if said.is_request else "other"


def _tells(said: Understanding) -> bool:
    """Whether a message that asks for nothing is told at such length, or with such a picture, that there
    is a matter all the same."""
    return len(said.text) >= _STORY or said.kind != "text"


def hide(draft: Draft, text: str) -> Draft:
    """The draft with what a text says of anonymity. Who is anonymous leaves no number."""
    if _NAMED.search(text):
        return draft.with_(anonymous=False)
    if _ANONYMOUS.search(text):
        return draft.with_(anonymous=True, phone=None)
    return draft.with_(phone=None) if draft.anonymous else draft


def ask_next(city: City, draft: Draft, before: Sequence[Outbound] = ()) -> Step:
    """The next question of a draft that has just changed; or, once it says what is the matter, the
    city's refusal of it (不予受理). Danger to life is never met with “not ours”."""
    asked = draft.with_(ask=next_question(draft, city), misses=0)
    if asked.ask is not Ask.MATTER and not asked.examined:
        asked = asked.with_(examined=True)
        refusal = find_refusal(city, draft.description, draft.topic)
        if refusal and not asked.urgent:
            return Step(None, list(before), submit=asked, refusal=refusal)
    return Step(asked, [*before, question(asked, city)])


def close(city: City, draft: Draft, said: Understanding, before: Sequence[Outbound] = ()) -> Step:
    """After a matter is handed in or given up: the next one of the same resident, or the draft that
    was put aside for it."""
    if draft.rest:
        return _following(city, draft, said, before)
    if draft.paused:
        paused = draft.paused.with_(touched=said.at)
        return Step(paused, [*before, question(paused, city)])
    return Step(None, list(before))


def _following(city: City, draft: Draft, said: Understanding, before: Sequence[Outbound]) -> Step:
    first, *rest = draft.rest
    opened = more(
        Draft(
            type=first.intent if first.is_request else "other",
            rest=rest,
            matter=draft.matter + 1,
            paused=draft.paused,
            touched=said.at,
            phone_declined=draft.phone_declined,
        ),
        first,
    )
    if not opened.anonymous:
        opened = opened.with_(phone=opened.phone or draft.phone)
    placed = opened.place or opened.point
    if first.message_id in draft.messages and needs_place(opened, city) and not placed:
        # One breath, one place, unless the second matter names its own. The summary shows it.
        opened = opened.with_(place=draft.place, point=draft.point)
    head = Outbound(city.say("following", words=short(first.text, SHOWN_NEXT)))
    return ask_next(city, opened, [*before, head])
