"""The dialogue of the intake: a draft and a message give the next draft and what is said.

Pure: opening the ticket, answering a question in the middle and calling a person are named in the
step and done by the caller.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta

from actions.intake.corrections import correct
from actions.intake.draft import Ask, Draft
from actions.intake.questions import next_question, question
from actions.intake.words import another_matter, asks, corrects, has_matter, meaning, names_a_place
from actions.understanding import Understanding
from connectors import Outbound
from desk.city import City

# After this a draft is offered again instead of taking the message for an answer to its question.
REST = timedelta(hours=2)
# So many answers without a place, and the matter goes on without one.
PLACE_MISSES = 3
_ASIDES = (
    "consultation",
    "ask_progress",
    "urge",
    "withdraw",
    "rate",
    "ask_identity",
    "ask_privacy",
    "my_data",
)
_SMALLTALK = ("greet", "thank", "goodbye", "out_of_scope", "nlu_fallback", "affirm", "deny", "skip")


@dataclass(frozen=True, slots=True)
class Step:
    """What a message leads to. `draft`: what stays open (None: nothing). `aside`: a message to be
    answered on its own before `replies`. `submit`: a draft the resident confirmed."""

    draft: Draft | None
    replies: list[Outbound] = field(default_factory=list)
    aside: Understanding | None = None
    submit: Draft | None = None


def begin(city: City, said: Understanding) -> Step:
    """A new matter, or the first of several in one message."""
    first, *rest = said.matters or [said]
    place = max(first.places, key=len, default=None)
    bare = not said.text.strip() or said.intent in ("share_image", "share_location")
    draft = Draft(
        type=first.intent if first.is_request else "other",
        topic=first.topic,
        words=[] if bare else [first.text],
        messages=[said.message_id],
        place=place,
        point=first.point,
        phone=first.phones[-1] if first.phones else None,
        rest=rest,
        touched=said.at,
    )
    if draft.point and not draft.place:
        draft = draft.with_(place=draft.point.label or None)
    heard = [Outbound(city.say("several", count=len(rest) + 1))] if rest else []
    return _ask(city, draft, heard)


def offer(city: City, said: Understanding) -> Step:
    """A consultation without an answer: whether it shall become a ticket."""
    draft = Draft(type="consultation", ask=Ask.OFFER, held=said, touched=said.at)
    return Step(draft, [question(draft, city)])


def following(city: City, draft: Draft, said: Understanding) -> Step:
    """The next matter of the same message, after one was handed in or given up."""
    first, *rest = draft.rest
    step = begin(city, first)
    assert step.draft is not None  # noqa: S101 - a new matter always asks something
    opened = step.draft.with_(
        rest=rest,
        matter=draft.matter + 1,
        touched=said.at,
        phone=step.draft.phone or draft.phone,
        phone_declined=draft.phone_declined,
    )
    opened = opened.with_(ask=next_question(opened, city))
    head = city.say("following", words=first.text[:40])
    return Step(opened, [Outbound(head), question(opened, city)])


def advance(city: City, draft: Draft, said: Understanding) -> Step:
    """What a message means for the open question."""
    word = meaning(said.text, draft.ask)
    intent = word or said.intent
    if intent == "ask_human":
        return Step(draft, aside=said.model_copy(update={"intent": "ask_human"}))
    if draft.ask is Ask.OFFER:
        return _offered(city, draft, said, intent)
    if draft.ask is Ask.RESUME:
        return _resumed(city, draft, said, intent)
    if intent == "cancel":
        return _cancelled(city, draft, said)
    if said.at - draft.touched > REST:
        waiting = draft.with_(ask=Ask.RESUME, held=said)
        aside = said if said.intent in _ASIDES else None
        return Step(waiting, [question(waiting, city)], aside=aside)
    draft = draft.with_(touched=said.at)
    if said.intent.startswith("share_"):
        return _shared(city, draft, said)
    if draft.ask is Ask.CHANGE or (
        word is None and (said.intent == "correct" or corrects(said.text))
    ):
        return _changed(city, draft, said)
    if another_matter(said.text) and said.is_request and has_matter(said.text):
        noted = draft.with_(rest=[*draft.rest, said])
        return Step(noted, [Outbound(city.say("noted_for_later")), question(noted, city)])
    match draft.ask:
        case Ask.MATTER:
            return _matter(city, draft, said, intent)
        case Ask.PLACE:
            return _place(city, draft, said, intent)
        case Ask.ANONYMITY:
            return _anonymity(city, draft, said, intent)
        case Ask.PHONE:
            return _phone(city, draft, said, intent)
        case _:
            return _confirmation(city, draft, said, intent)


def _ask(city: City, draft: Draft, before: list[Outbound] | None = None) -> Step:
    """The next question of a draft that has just changed."""
    asked = draft.with_(ask=next_question(draft, city), misses=0)
    return Step(asked, [*(before or []), question(asked, city)])


def _cancelled(city: City, draft: Draft, said: Understanding) -> Step:
    told = Outbound(city.say("cancelled"))
    if not draft.rest:
        return Step(None, [told])
    step = following(city, draft, said)
    return Step(step.draft, [told, *step.replies])


def _offered(city: City, draft: Draft, said: Understanding, intent: str) -> Step:
    if intent == "affirm" and draft.held:
        step = begin(city, draft.held)
        assert step.draft is not None  # noqa: S101
        return Step(step.draft.with_(touched=said.at), step.replies)
    if intent in ("deny", "cancel", "skip", "thank"):
        return Step(None, [Outbound(city.say("smalltalk.thank"))])
    return Step(None, aside=said)


def _resumed(city: City, draft: Draft, said: Understanding, intent: str) -> Step:
    if intent in ("deny", "cancel"):
        told = Outbound(city.say("discarded"))
        if draft.held and draft.held.is_request and draft.held.intent != "consultation":
            step = begin(city, draft.held)
            return Step(step.draft, [told, *step.replies])
        return Step(None, [told])
    fresh = draft.with_(touched=said.at, held=None, ask=next_question(draft, city))
    if intent == "affirm":
        return Step(fresh, [question(fresh, city)])
    if intent in ("inform", "correct", "skip") or said.intent.startswith("share_"):
        return advance(city, fresh, said)
    if said.is_request and said.intent != "consultation":
        step = begin(city, said)
        return Step(step.draft, [Outbound(city.say("discarded")), *step.replies])
    aside = said if said.intent in _ASIDES else None
    return Step(draft, [question(draft, city)], aside=aside)


def _shared(city: City, draft: Draft, said: Understanding) -> Step:
    if said.intent == "share_location" and said.point:
        moved = draft.with_(
            point=said.point, place=said.point.label or draft.place, place_unknown=False
        )
        return _ask(city, moved, [Outbound(city.say("got.location"))])
    if said.intent == "share_voice":
        return Step(draft, [Outbound(city.say("voice_unclear")), question(draft, city)])
    added = draft.with_(messages=[*draft.messages, said.message_id])
    if said.intent == "share_link":
        added = added.with_(words=[*draft.words, said.text])
        return _ask(city, added)
    return Step(added, [Outbound(city.say("got.image")), question(added, city)])


def _changed(city: City, draft: Draft, said: Understanding) -> Step:
    if meaning(said.text) in ("deny", "affirm"):  # “不对”, and nothing more
        change = draft.with_(ask=Ask.CHANGE)
        return Step(change, [question(change, city)])
    changed = correct(draft, said)
    if changed is None:
        # Nothing we can place, so the words themselves go along: nothing said is lost.
        changed = _more(draft, said)
    return _ask(city, changed, [Outbound(city.say("changed"))])


def _more(draft: Draft, said: Understanding) -> Draft:
    """The draft with further words of the resident, and what they tell besides."""
    place = max(said.places, key=len, default=None)
    return draft.with_(
        words=[*draft.words, said.text],
        messages=[*draft.messages, said.message_id],
        place=draft.place or place,
        phone=draft.phone or (said.phones[-1] if said.phones and not draft.anonymous else None),
        topic=draft.topic or said.topic,
    )


def _matter(city: City, draft: Draft, said: Understanding, intent: str) -> Step:
    if has_matter(said.text) and intent not in (*_SMALLTALK[:3], *_ASIDES[1:]):
        told = _more(draft, said).with_(topic=said.topic or draft.topic)
        if said.is_request and draft.type == "other":
            told = told.with_(type=said.intent)
        return _ask(city, told)
    return _otherwise(city, draft, said, intent)


def _place(city: City, draft: Draft, said: Understanding, intent: str) -> Step:
    question_asked = asks(said.text)
    if intent == "skip" or re.search(r"不清楚|不知道|说不(清|上)|没有具体|不好说", said.text):
        return _ask(city, draft.with_(place_unknown=True))
    if not question_asked and said.places:
        place = max(said.places, key=len)
        # An answer that is more than the address itself is also part of the story.
        story = said.is_request and len(said.text) - len(place) > 8
        return _ask(city, (_more(draft, said) if story else draft).with_(place=place))
    if not question_asked and intent == "inform" and names_a_place(said.text):
        return _ask(city, draft.with_(place=said.text.strip()))
    return _otherwise(city, draft, said, intent)


def _anonymity(city: City, draft: Draft, said: Understanding, intent: str) -> Step:
    text = said.text
    if intent in ("named", "deny") or re.search(r"不(用|需要|必|要)?匿名|实名|可以联系我", text):
        return _ask(city, draft.with_(anonymous=False))
    if said.phones:
        return _ask(city, draft.with_(anonymous=False, phone=said.phones[-1]))
    if intent in ("anonymous", "affirm", "skip") or re.search(
        r"匿名|保密|别.{0,4}(公开|透露)|怕", text
    ):
        return _ask(city, draft.with_(anonymous=True, phone=None))
    return _otherwise(city, draft, said, intent)


def _phone(city: City, draft: Draft, said: Understanding, intent: str) -> Step:
    if said.phones:
        return _ask(city, draft.with_(phone=said.phones[-1]))
    if intent == "skip" or (said.intent == "deny" and not asks(said.text)):
        return _ask(city, draft.with_(phone_declined=True))
    digits = re.sub(r"\D", "", said.text)
    if 5 <= len(digits) <= 20 and len(digits) * 2 > len(said.text.strip()):
        return Step(draft, [Outbound(city.say("phone_wrong")), question(draft, city)])
    return _otherwise(city, draft, said, intent)


def _confirmation(city: City, draft: Draft, said: Understanding, intent: str) -> Step:
    if intent == "affirm":
        return Step(None, submit=draft)
    if intent == "deny":
        change = draft.with_(ask=Ask.CHANGE)
        return Step(change, [question(change, city)])
    if intent in ("thank", "goodbye", "greet"):
        return Step(draft, [Outbound(city.say("not_yet_submitted")), question(draft, city)])
    if intent == "inform" and (changed := correct(draft, said)):
        return _ask(city, changed, [Outbound(city.say("changed"))])
    return _otherwise(city, draft, said, intent)


def _otherwise(city: City, draft: Draft, said: Understanding, intent: str) -> Step:
    """A message that does not answer the question: answered on its own, kept as a part of the story,
    or met with the question again."""
    if intent in _ASIDES:
        return Step(draft, [question(draft, city)], aside=said)
    if intent in _SMALLTALK and said.intent in _SMALLTALK:
        missed = draft.with_(misses=draft.misses + 1)
        if missed.ask is Ask.PLACE and missed.misses >= PLACE_MISSES:
            return _ask(city, missed.with_(place_unknown=True))
        return Step(missed, [Outbound(city.say("nudge")), question(missed, city)])
    return _ask(city, _more(draft, said), [Outbound(city.say("got.words"))])
