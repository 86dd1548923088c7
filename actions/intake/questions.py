"""Which question comes next, and how it is put."""

from __future__ import annotations

from actions.intake.draft import Ask, Draft
from actions.intake.substance import has_matter
from connectors import Button, Outbound
from desk.city import City, category_of

# The types whose matter lies somewhere; a question or thanks needs no place.
_LOCATED = ("complaint", "violation", "incident", "help")
# The types that are about somebody, who has to be found though the topic asks for no place.
_AGAINST = ("complaint", "violation")
# Without a topic only these are surely somewhere.
_ALWAYS_LOCATED = ("incident", "violation")
SHOWN = 160
SHOWN_AGAIN = 40


def next_question(draft: Draft, city: City) -> Ask:
    """The first thing that is still missing. What was said already is never asked again."""
    known = [draft.place] if draft.place else []
    if not (has_matter(draft.description, known) or (draft.words and draft.urgent)):
        return Ask.MATTER
    if needs_place(draft, city) and not (draft.place or draft.point or draft.place_unknown):
        return Ask.PLACE
    if draft.type == "violation" and draft.anonymous is None:
        return Ask.ANONYMITY
    if not (draft.phone or draft.phone_declined or draft.anonymous):
        return Ask.PHONE
    return Ask.CONFIRMATION


def needs_place(draft: Draft, city: City) -> bool:
    """Whether the matter is somewhere: by its type and what the city's categories say of its topic."""
    if draft.urgent:
        return True
    if draft.type not in _LOCATED:
        return False
    category = category_of(city, draft.topic)
    return category.needs_place if category else draft.type in _ALWAYS_LOCATED


def question(draft: Draft, city: City) -> Outbound:
    """The open question, with the choices it has."""
    match draft.ask:
        case Ask.MATTER:
            return Outbound(city.say(f"ask.matter.{draft.type}"))
        case Ask.PLACE if draft.misses:
            return Outbound(city.say("ask.place_again"), _buttons("不清楚地点", "人工"))
        case Ask.PLACE:
            return Outbound(city.say("ask.place"))
        case Ask.ANONYMITY:
            return Outbound(city.say("ask.anonymity"), _buttons("匿名", "实名"))
        case Ask.PHONE:
            return Outbound(city.say("ask.phone"), _buttons("跳过"))
        case Ask.CHANGE:
            return Outbound(city.say("ask.change"))
        case Ask.RESUME:
            return Outbound(city.say("ask.resume", words=told(draft)), _buttons("继续", "不用了"))
        case Ask.OFFER:
            return Outbound(city.say("ask.offer"), _buttons("登记", "人工"))
        case Ask.REPEAT if draft.earlier:
            text = city.say("ask.repeat", **draft.earlier.model_dump())
            return Outbound(text, _buttons("补充到那一件", "另外登记"))
        case _:
            return Outbound(summary(draft, city), _buttons("确认提交", "修改", "取消"))


def summary(draft: Draft, city: City) -> str:
    """What will be handed in, for the resident to check."""
    category = category_of(city, draft.topic)
    lines = [
        city.say("summary.head"),
        city.say("summary.type", type=city.say(f"type.{draft.type}")),
    ]
    if category:
        lines.append(city.say("summary.topic", topic=category.name))
    if draft.place or draft.point:
        lines.append(city.say("summary.place", place=_where(draft, city)))
    elif draft.type in _AGAINST and not draft.place_unknown:
        lines.append(city.say("summary.no_place"))
    lines.append(city.say("summary.words", words=short(draft.description, SHOWN)))
    if draft.attached:
        lines.append(city.say("summary.attached", count=draft.attached))
    if draft.anonymous:
        lines.append(city.say("summary.anonymous"))
    elif draft.phone:
        lines.append(city.say("summary.phone", phone=masked(draft.phone)))
    else:
        lines.append(city.say("summary.no_phone"))
    if draft.type == "violation":
        lines.append(city.say("summary.confidential"))
    lines.append(city.say("summary.tail"))
    return "\n".join(lines)


def told(draft: Draft) -> str:
    """What was told so far, in a few words: to recognise it by."""
    place = draft.place if draft.place and draft.place not in draft.description else ""
    return " ".join(part for part in (place, short(draft.description, SHOWN_AGAIN)) if part)


def masked(phone: str) -> str:
    """A phone number as it is shown: the middle hidden."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else f"{phone[:-4]}****"


def short(text: str, limit: int) -> str:
    """A text in one line of at most `limit` characters."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def _where(draft: Draft, city: City) -> str:
    shared = city.say("summary.shared_point")
    if draft.place and draft.point and draft.place != draft.point.label:
        return f"{draft.place}（{shared}）"
    return draft.place or shared


def _buttons(*texts: str) -> tuple[Button, ...]:
    return tuple(Button(text) for text in texts)
