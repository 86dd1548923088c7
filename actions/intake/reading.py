"""What a message means as the answer to the question that is open."""

from __future__ import annotations

import re

from actions.intake.beginning import Step, ask_next, hide, more
from actions.intake.corrections import correct, wrong_part
from actions.intake.draft import Ask, Draft
from actions.intake.questions import question
from actions.intake.substance import best_place, has_matter, rest_of, whole_place
from actions.intake.words import (
    asks,
    asks_how,
    corrects_nothing_yet,
    knows_no_place,
    meaning,
    names_a_place,
    takes_up_earlier,
)
from actions.understanding import Understanding
from connectors import Outbound
from desk.city import City

# So many answers without a place, and the matter goes on without one.
PLACE_MISSES = 3
# Answered on their own; then the open question is put once more.
ASIDES = (
    "consultation",
    "ask_progress",
    "urge",
    "add_to_ticket",
    "withdraw",
    "rate",
    "ask_identity",
    "ask_privacy",
    "my_data",
)
# They act on a ticket; in the middle of a draft only when they speak of an earlier one.
_ON_TICKETS = ("urge", "add_to_ticket", "withdraw", "rate")
_SMALLTALK = ("greet", "thank", "goodbye", "out_of_scope")
# What answers “what happened?” is no small talk from this length on, whatever the model says.
_CHAT = 10
# An answer to “where?” that the model does not see as one is a place up to this length.
_LONGEST_PLACE = 30
_SHORTEST_STORY = 12
# Who has said no more than this has named a thing, and not yet what is the matter with it.
_THING = 4
_FACT = re.compile(r"\d{3}")  # the number of a plate, of an order: no small talk
_WORDS = re.compile(r"[\u3400-\u9fff\d]{2}")
_AFRAID = re.compile(r"保密|别.{0,4}(公开|透露|说出去)|(?<!不)怕")
_NAMED = re.compile(r"实名|不(用|要|需要|必|想)?匿名|可以联系我|不怕")
_NO_PLACE = "不清楚地点"


def read(city: City, draft: Draft, said: Understanding, intent: str) -> Step:
    """The answer to the open question. `intent`: what the words mean to it."""
    match draft.ask:
        case Ask.MATTER:
            return _matter(city, draft, said, intent)
        case Ask.PLACE:
            return _place(city, draft, said, intent)
        case Ask.ANONYMITY:
            return _anonymity(city, draft, said, intent)
        case Ask.PHONE:
            return _phone(city, draft, said, intent)
        case Ask.CHANGE:
            if said.intent in ASIDES and asks(said.text):
                return _otherwise(city, draft, said, intent)
            return change(city, draft, said)
        case _:
            return _confirmation(city, draft, said, intent)


def change(city: City, draft: Draft, said: Understanding) -> Step:
    """A correction: of what is known, of a part that is named, or words that go along."""
    word = meaning(said.text)
    if word == "deny":  # “不对”, “修改”, and nothing more
        return _ask(city, draft.with_(ask=Ask.CHANGE))
    if draft.ask is Ask.CHANGE and word in ("affirm", "none", "skip"):
        return ask_next(city, draft)
    if changed := correct(city, draft, said):
        return ask_next(city, changed.and_message(said), [Outbound(city.say("changed"))])
    if corrects_nothing_yet(said.text):
        return _ask(city, draft.with_(ask=wrong_part(said.text) or Ask.CHANGE))
    # Nothing that we can place, so the words themselves go along: nothing said is lost.
    told = city.say("changed")
    if draft.ask is Ask.PLACE:
        return _missed(city, more(draft, said), told)
    return ask_next(city, more(draft, said), [Outbound(told)])


def _matter(city: City, draft: Draft, said: Understanding, intent: str) -> Step:
    if said.matters:
        said, *rest = said.matters
        draft = draft.with_(rest=[*rest, *draft.rest])
    told = has_matter(said.text, said.known)
    alone = not (draft.words or draft.rest or draft.paused or draft.attached or draft.place)
    if told and draft.type == "consultation" and alone:
        # It may have an answer already.
        request = said.likely_request or "consultation"
        if draft.held:  # asked before what it was about (“周末上班吗”)
            said = said.model_copy(update={"text": f"{said.text}\n{draft.held.text}"})
        return Step(None, aside=said.as_(request))
    if said.intent == "consultation" and asks(said.text) and draft.type != "other":
        return _otherwise(city, draft, said, intent)
    chat = intent in _SMALLTALK and not (told and len(said.text) >= _CHAT)
    if chat or (intent in ASIDES and intent != "consultation"):
        return _otherwise(city, draft, said, intent)
    grown = more(draft, said)
    if not told and grown.place and not draft.place:
        return Step(grown, [Outbound(city.say("place_first"))])
    if draft.type == "other" and (request := said.likely_request):
        if request == "consultation" and alone:
            return Step(None, aside=said.as_(request))
        grown = grown.with_(type=request)
    if grown.words == draft.words and grown.place == draft.place:
        return _otherwise(city, draft, said, intent)
    return ask_next(city, grown)


def _place(city: City, draft: Draft, said: Understanding, intent: str) -> Step:
    if meaning(said.text) == "none" and "了" in said.text and len(draft.description) <= _THING:
        return _missed(city, more(draft, said), "")  # “井盖”, “没了”
    if intent == "skip" or knows_no_place(said.text):
        if draft.misses or _NO_PLACE in said.text:
            return ask_next(city, draft.with_(place_unknown=True))
        return _ask(city, draft.with_(misses=1))
    named = whole_place(said.text, said.places)
    if asks(said.text) or (intent in ASIDES and not (named and intent == "consultation")):
        return _otherwise(city, draft, said, intent)
    if named := named or _named_in_words(draft, said, intent):
        answer = draft.with_(place=named, point=None, place_unknown=False).and_message(said)
        # An answer that is more than the address is also part of the story.
        story = has_matter(said.text, [*said.known, named])
        return ask_next(
            city, more(answer.with_(messages=draft.messages), said) if story else answer
        )
    return _otherwise(city, draft, said, intent)


def _named_in_words(draft: Draft, said: Understanding, intent: str) -> str | None:
    """A place that the model does not see in the answer. Asked a second time, whatever is said is
    where it is."""
    text = said.text.strip()
    if said.phones or intent in (*_SMALLTALK, "affirm", "deny", "none") or not _WORDS.search(text):
        return None
    told = intent in ("inform", "nlu_fallback")
    if len(text) > (_LONGEST_PLACE if told else _SHORTEST_STORY):
        return None
    if names_a_place(text) or intent == "inform" or (told and draft.misses):
        return best_place([text])
    return None


def _anonymity(city: City, draft: Draft, said: Understanding, intent: str) -> Step:
    if asks(said.text) or (intent in ASIDES and meaning(said.text) is None):
        return _otherwise(city, draft, said, intent)
    if said.phones:
        return ask_next(city, draft.with_(anonymous=False, phone=said.phones[-1]))
    if intent in ("named", "deny") or _NAMED.search(said.text):
        return ask_next(city, draft.with_(anonymous=False))
    if intent in ("anonymous", "affirm", "skip") or _AFRAID.search(said.text):
        return ask_next(city, draft.with_(anonymous=True, phone=None))
    if "匿名" in said.text:
        return ask_next(city, hide(draft, said.text))
    return _otherwise(city, draft, said, intent)


def _phone(city: City, draft: Draft, said: Understanding, intent: str) -> Step:
    if said.phones:
        answer = draft.with_(phone=said.phones[-1], phone_declined=False)
        story = has_matter(said.text, said.known)
        return ask_next(city, more(answer, said) if story else answer)
    if intent in ("skip", "deny"):
        return ask_next(city, draft.with_(phone_declined=True))
    if intent == "affirm":
        return Step(draft, [Outbound(city.say("phone_please"))])
    digits = re.sub(r"\D", "", said.text)
    number = 5 <= len(digits) <= 20 and len(digits) * 2 > len(said.text.strip())
    if number and not (said.numbers or has_matter(re.sub(r"\d", " ", said.text))):
        return Step(draft, [Outbound(city.say("phone_wrong"))])
    return _otherwise(city, draft, said, intent)


def _confirmation(city: City, draft: Draft, said: Understanding, intent: str) -> Step:
    if intent == "affirm":
        return Step(None, submit=draft)
    if intent == "deny":
        return _ask(city, draft.with_(ask=Ask.CHANGE))
    if intent == "skip" and draft.phone:
        return ask_next(city, draft.with_(phone=None, phone_declined=True))
    bare = corrects_nothing_yet(rest_of(said.text, said.known))
    if said.known and bare and (changed := correct(city, draft, said)):
        return ask_next(city, changed, [Outbound(city.say("changed"))])
    return _otherwise(city, draft, said, intent)


def _otherwise(city: City, draft: Draft, said: Understanding, intent: str) -> Step:
    """A message that does not answer the question: answered on its own, kept as a part of the story,
    or met with the question again."""
    if intent in _ON_TICKETS and not (said.numbers or takes_up_earlier(said.text)):
        if intent == "urge":
            return _ask(city, draft, city.say("midway.urge"))
        intent = "inform"
    if intent == "consultation" and not (asks(said.text) or asks_how(said.text)):
        intent = "inform"  # “现在在医院”
    if intent in ASIDES:
        return _ask(city, draft, aside=said.as_(intent))
    if intent == "nlu_fallback" and said.guesses and said.guesses[0] in _SMALLTALK:
        intent = said.guesses[0]
    if intent in _SMALLTALK and not _FACT.search(said.text):
        return _missed(city, draft, city.say(f"midway.{intent}"))
    if intent == "nlu_fallback" and asks(said.text):
        earlier = takes_up_earlier(said.text)
        return _ask(city, draft, aside=said.as_("ask_progress" if earlier else "consultation"))
    if intent in ("affirm", "deny", "skip", "none") or not _WORDS.search(said.text):
        return _missed(city, draft, city.say("midway.unclear"))
    grown = more(draft, said)
    told = city.say("got.words")
    if (said.phones or best_place(said.places)) and not has_matter(said.text, said.known):
        # A number or an address, and nothing to tell: perhaps another one than is known.
        grown = correct(city, draft, said) or draft
        was = (draft.phone or grown.phone, draft.place or grown.place)
        told = told if was == (grown.phone, grown.place) else city.say("changed")
    if grown.place is None and draft.ask is Ask.PLACE:
        return _missed(city, grown, told)
    return ask_next(city, grown, [Outbound(told)])


def _missed(city: City, draft: Draft, told: str) -> Step:
    missed = draft.with_(misses=draft.misses + 1)
    if missed.ask is Ask.PLACE and missed.misses >= PLACE_MISSES:
        return ask_next(city, missed.with_(place_unknown=True))
    return _ask(city, missed, told)


def _ask(city: City, draft: Draft, told: str = "", aside: Understanding | None = None) -> Step:
    """The open question, after a word on what was said."""
    before = [Outbound(told)] if told else []
    return Step(draft, [*before, question(draft, city)], aside=aside)
