"""The dialogue of the intake: a draft and a message give the next draft and what is said.

Pure: opening the ticket, answering a question in the middle and calling a person are named in the
step and done by the caller.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from actions.directory import number_asked
from actions.intake.beginning import Step, ask_next, begin, close, more
from actions.intake.corrections import correct, type_wanted
from actions.intake.draft import Ask, Draft
from actions.intake.questions import next_question, question, told
from actions.intake.reading import ASIDES, change, read
from actions.intake.substance import best_place, has_matter
from actions.intake.words import (
    adds_to_it,
    announced_type,
    another_matter,
    asks,
    asks_why,
    corrects,
    keeps_apart,
    meaning,
    process_question,
    takes_back_number,
)
from actions.understanding import REQUESTS, Understanding
from connectors import Outbound
from desk.city import City, find_refusal

# After this a draft is offered again instead of taking the message for an answer to its question.
REST = timedelta(hours=2)
# Longer messages are stories, whatever the model takes them for.
_SHORT = 24
_WANTS = re.compile(r"登记|^\W*[嗯那我]?需?要")
_CONTINUES = ("inform", "correct", "skip", "add_to_ticket")


def advance(city: City, draft: Draft, said: Understanding, *, parted: bool = False) -> Step:
    """What a message means for the open question. `parted`: people had the conversation since."""
    word = meaning(said.text, draft.ask)
    intent = _by_length(said, word)
    if intent == "ask_human" and not (draft.ask is Ask.PHONE and said.phones):
        return Step(draft, aside=said.as_("ask_human"))
    rested = parted or said.at - draft.touched > REST
    if rested and not (draft.held or draft.words or draft.place or draft.messages):
        return Step(None, aside=said)
    if said.danger and (rested or draft.ask is Ask.RESUME):
        return _put_aside(city, draft, said.as_(said.urgent_request))
    match draft.ask:
        case Ask.OFFER | Ask.ANSWERED:
            return _offered(city, draft, said, intent)
        case Ask.REFUSED if rested:
            return Step(None, aside=said)
        case Ask.REFUSED:
            return _refused(city, draft, said, intent)
        case Ask.RESUME:
            return _resumed(city, draft, said, intent)
        case _:
            pass
    if intent == "cancel":
        return close(city, draft, said, [Outbound(city.say("cancelled"))])
    if rested:
        return _left(city, draft, said, intent, parted=parted)
    if draft.ask is Ask.REPEAT:
        return _repeated(city, draft.with_(touched=said.at), said, intent)
    return _under_way(city, draft.with_(touched=said.at), said, word, intent)


def _repeated(city: City, draft: Draft, said: Understanding, intent: str) -> Step:
    """The answer to “add it to the earlier one?”. Only a yes adds to it; what else comes belongs to
    the matter, which gets a ticket of its own."""
    if intent == "affirm" or adds_to_it(said.text):
        return Step(None, submit=draft)
    alone = draft.with_(earlier=None)
    alone = alone.with_(ask=next_question(alone, city))
    if intent in ("deny", "none") or keeps_apart(said.text):
        return Step(alone, [question(alone, city)])
    return advance(city, alone, said)


def _under_way(
    city: City, draft: Draft, said: Understanding, word: str | None, intent: str
) -> Step:
    """A message that comes while the draft is being written."""
    if said.intent.startswith("share_"):
        return _shared(city, draft, said)
    if said.danger:
        return ask_next(city, more(draft, said))
    if aside := _to_look_up(city, draft, said):
        return Step(draft, [question(draft, city)], aside=aside)
    if said.kind == "image":
        draft = draft.and_message(said)
    if draft.ask is not Ask.MATTER and word is None and (wanted := type_wanted(said.text)):
        typed = draft.with_(type=wanted)
        return ask_next(
            city, typed, [Outbound(city.say("changed"))] if wanted != draft.type else []
        )
    if draft.ask is not Ask.MATTER and _changes(draft, said, word):
        return change(city, draft, said)
    if word is None and intent in ("affirm", "deny", "skip") and asks(said.text):
        return Step(draft, [question(draft, city)], aside=said.as_("consultation"))
    if another_matter(said.text) and has_matter(said.text, said.known):
        return _another(city, draft, said, intent)
    return read(city, draft, said, intent)


def _changes(draft: Draft, said: Understanding, word: str | None) -> bool:
    """Whether a message changes what is known rather than answers the question."""
    if word in ("anonymous", "named"):
        return draft.ask is not Ask.ANONYMITY
    return word is None and (said.intent == "correct" or corrects(said.text))


def _to_look_up(city: City, draft: Draft, said: Understanding) -> Understanding | None:
    """A question for a number, about the handling of the draft, or what the open question is for."""
    if number_asked(city, said.text) or process_question(said.text):
        return said.as_("consultation")
    if draft.ask in (Ask.PHONE, Ask.ANONYMITY) and asks_why(said.text):
        return said.as_("ask_privacy")
    return None


def _by_length(said: Understanding, word: str | None) -> str:
    """The intent of a message. A long one neither cancels, agrees nor calls for a person by the
    model's word alone."""
    if word and not (word == "cancel" and takes_back_number(said.text)):
        return word
    if said.intent == "cancel" and takes_back_number(said.text):
        return "correct"
    if said.intent in ("cancel", "ask_human", "affirm", "deny") and len(said.text) > _SHORT:
        return "inform"
    return said.intent


def _another(city: City, draft: Draft, said: Understanding, intent: str) -> Step:
    """“另外…”: a matter of its own when it is announced as one or about something else."""
    request = announced_type(said.text) or said.likely_request
    elsewhere = bool(said.topic) and said.topic[:4] != draft.topic[:4]
    other = announced_type(said.text) or (said.is_request and elsewhere)
    if request in (None, "consultation") or not other or draft.ask is Ask.MATTER:
        return read(city, draft, said, intent)
    said = said.as_(said.intent if said.is_request else request)
    if find_refusal(city, said.text, said.topic):
        return Step(draft, [question(draft, city)], aside=said)
    noted = draft.with_(rest=[*draft.rest, said])
    return Step(noted, [Outbound(city.say("noted_for_later")), question(noted, city)])


def _offered(city: City, draft: Draft, said: Understanding, intent: str) -> Step:
    """After an answer only “登记” opens a ticket: “好的” may be no more than thanks for it."""
    wanted = draft.ask is Ask.OFFER or _WANTS.search(said.text)
    if intent == "affirm" and wanted and draft.held:
        return begin(city, draft.held.model_copy(update={"at": said.at}), draft.rest)
    if intent in ("deny", "correct") and draft.ask is Ask.ANSWERED:
        offered = draft.with_(ask=Ask.OFFER)
        return Step(offered, [question(offered, city)])
    if intent in ("affirm", "deny", "cancel", "skip", "thank"):
        return close(city, draft, said, [Outbound(city.say("smalltalk.thank"))])
    return Step(None, aside=said)


def _refused(city: City, draft: Draft, said: Understanding, intent: str) -> Step:
    """The told way may have an “unless”: what comes now can bring the matter within bounds."""
    tells = said.intent in _CONTINUES or corrects(said.text) or said.intent.startswith("share_")
    if intent == "affirm" or tells:
        fresh = draft.with_(touched=said.at)
        if intent != "affirm":
            fresh = more(correct(city, fresh, said) or fresh, said)
        return ask_next(city, fresh)
    return Step(None, aside=said)


def _left(city: City, draft: Draft, said: Understanding, intent: str, *, parted: bool) -> Step:
    """A draft was left for hours, or for people: offered again with its content."""
    fresh = draft.with_(touched=said.at)
    if intent == "affirm" and not parted:
        return _take_up(city, fresh)
    answers = (
        (draft.ask is Ask.PLACE and _says_where(said))
        or (draft.ask is Ask.PHONE and (bool(said.phones) or intent == "skip"))
        or intent in ("anonymous", "named")
    )
    if answers:
        step = advance(city, fresh, said)
        head = Outbound(city.say("resumed", words=told(draft)))
        return Step(step.draft, [head, *step.replies], step.aside, step.submit, step.refusal)
    waiting = draft.with_(ask=Ask.RESUME, held=said if _worth_holding(said) else None)
    aside = said if said.intent in ASIDES else None
    return Step(waiting, [question(waiting, city)], aside=aside)


def _says_where(said: Understanding) -> bool:
    """Whether a message is an address and no more."""
    if said.point:
        return True
    return bool(best_place(said.places)) and not has_matter(said.text, said.known)


def _worth_holding(said: Understanding) -> bool:
    request = said.is_request and said.intent != "consultation"
    return request or said.intent in _CONTINUES or said.intent.startswith("share_")


def _take_up(city: City, draft: Draft) -> Step:
    """The draft's question again; what came in between is kept too."""
    held, draft = draft.held, draft.with_(held=None)
    draft = draft.with_(ask=next_question(draft, city))
    if held is None:
        return Step(draft, [question(draft, city)])
    if held.is_request:
        noted = draft.with_(rest=[*draft.rest, held])
        return Step(noted, [Outbound(city.say("noted_for_later")), question(noted, city)])
    return advance(city, draft, held.model_copy(update={"at": draft.touched}))


def _resumed(city: City, draft: Draft, said: Understanding, intent: str) -> Step:
    """The answer to “go on?”. Anything else but yes and no leaves the old draft for later."""
    fresh = draft.with_(touched=said.at)
    held = draft.held if draft.held and draft.held.is_request else None
    if intent == "affirm":
        return _take_up(city, fresh)
    if intent in ("deny", "cancel"):
        gone = [Outbound(city.say("discarded"))]
        left = draft.with_(rest=[*([held] if held else []), *draft.rest])
        return close(city, left, said, gone)
    if said.intent in ("thank", "goodbye"):
        return Step(draft, [Outbound(city.say("kept_for_later"))])
    if held and said.intent in (*_CONTINUES, *REQUESTS[1:]):
        step = _put_aside(city, draft, held)
        return advance(city, step.draft, said) if step.draft else step
    if said.is_request and said.intent != "consultation":
        return _put_aside(city, draft, said)
    if said.intent in _CONTINUES or said.intent.startswith("share_"):
        return advance(city, fresh.with_(ask=next_question(fresh, city), held=None), said)
    aside = said if said.intent in ASIDES else None
    return Step(draft, [question(draft, city)], aside=aside)


def _put_aside(city: City, draft: Draft, said: Understanding) -> Step:
    """Another matter first; the draft is offered again after it."""
    later = draft.with_(ask=Ask.RESUME, held=None)
    step = begin(city, said)
    head = Outbound(city.say("put_aside", words=told(draft)))
    if step.submit:
        return replace(step, replies=[head], submit=step.submit.with_(paused=later))
    opened = step.draft.with_(paused=later) if step.draft else later
    return Step(opened, [head, *step.replies])


def _shared(city: City, draft: Draft, said: Understanding) -> Step:
    if said.intent == "share_voice":
        kept = draft.and_message(said)
        return Step(kept, [Outbound(city.say("voice_unclear")), question(kept, city)])
    if said.intent == "share_location" and said.point:
        # A place in words is kept beside the point, unless it is the place that is being changed.
        words = None if draft.ask in (Ask.CHANGE, Ask.PLACE) else draft.place
        place = words or said.point.label or draft.place
        moved = draft.and_message(said).with_(point=said.point, place=place, place_unknown=False)
        return ask_next(city, moved, [Outbound(city.say("got.location"))])
    if said.intent == "share_link":
        return ask_next(city, more(draft, said), [Outbound(city.say("got.words"))])
    kept = draft.and_message(said)
    return Step(kept, [Outbound(city.say("got.image")), question(kept, city)])
