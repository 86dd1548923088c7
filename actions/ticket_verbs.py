"""What a resident may do with their tickets in the chat: look, urge, add, withdraw, rate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from actions.intake import REST, Ask, Draft
from actions.intake.questions import short
from actions.intake.substance import has_matter
from actions.intake.words import asks, meaning
from actions.outcome import Outcome, Services, say
from actions.understanding import Understanding
from connectors import Button, Outbound
from desk.city import Role
from desk.database import now
from desk.tickets import (
    Actor,
    TicketError,
    act,
    parse_ticket_number,
    ticket_of,
    tickets_of,
    timeline,
)
from desk.tickets.tables import Ticket

RESIDENT = Actor("resident", Role.RESIDENT)
# The lifecycle lets the system send a ticket back; here it does so on the resident's word.
ON_BEHALF = Actor("resident", Role.SYSTEM)
# After that a correction or a picture no longer belongs to the ticket just opened.
RECENT = timedelta(hours=24)
# So many of a resident's newest tickets are looked through for the one that is meant.
LOOKED_THROUGH = 50
LISTED = 5
SHOWN = 20
_NOT_SOLVED = re.compile(
    r"没(有)?(解决|处理|修|弄|搞)|未解决|不满意|不认可|差评|还是(老样子|没|那样)|根本没|敷衍|糊弄|重办|重新处理|"
    r"[一1]颗?星|[01零]分|不行|👎"
)
_KEEPS = re.compile(r"(不|别|先别|不要|不想|暂时不)(用|要)?撤|继续办|留着")
_TAIL = re.compile(r"(?:尾号|后[四五六4-6]位)\D{0,3}(\d{4,6})(?!\d)")
# “补充一下” and the like, without anything to add yet.
_ADDS = re.compile(
    r"补充?|追加|添加?|加|材料|信息|内容|说明|几?句|再|点|工单|单子|诉求|投诉|举报|反映|上次|刚才|刚|之前|那个|"
    r"那件|提交|原来|给|往|进去|进|还|到|YS\d+",
    re.IGNORECASE,
)


async def progress(services: Services, said: Understanding) -> Outcome:
    """The state of the named ticket, or of the resident's newest ones."""
    own = await _own(services, said)
    if said.numbers:
        ticket = await _named(services, said)
        return await _steps(services, ticket) if ticket else say(services, "progress.unknown")
    if tail := _TAIL.search(said.text):
        own = [t for t in own if t.number.endswith(tail[1]) or (t.phone or "").endswith(tail[1])]
        if not own:
            return say(services, "progress.unknown")
    if not own:
        return say(services, "progress.none")
    if len(own) == 1:
        return await _steps(services, own[0])
    city = services.world.city
    lines = [
        city.say(
            "progress.line",
            number=ticket.number,
            status=city.lifecycle.states[ticket.state].label,
            words=_words(ticket),
        )
        for ticket in own[:LISTED]
    ]
    return Outcome([Outbound("\n".join([city.say("progress.list"), *lines]))])


async def urge(services: Services, said: Understanding) -> Outcome:
    """催办: the department sees that the resident asks."""
    return await _step(services, said, "urge", "urged", note=said.text)


async def supplement(services: Services, said: Understanding) -> Outcome:
    """补充: further words for the open ticket; asks for them when there are none yet."""
    ticket = await _meant(services, said)
    if ticket is None:
        return _no_ticket(services, said)
    added = has_matter(_ADDS.sub("", said.text), said.numbers) and not asks(said.text)
    if added:
        return await _step(services, said, "supplement", "supplement.done", note=said.text)
    held = said.model_copy(update={"numbers": [ticket.number]})
    draft = Draft(type="other", ask=Ask.SUPPLEMENT, held=held, touched=said.at)
    asked = say(services, "supplement.ask", number=ticket.number, words=_words(ticket))
    return Outcome(asked.replies, draft)


async def attach(services: Services, said: Understanding) -> Outcome | None:
    """A picture, link or location that comes soon after a ticket belongs to it. None when there is
    no such ticket."""
    if await recent(services, said) is None:
        return None
    what = services.world.city.say(f"attached.{said.intent}")
    label = said.point.label if said.point else said.text
    note = f"{what}：{label}" if label else what
    return await _step(services, said, "supplement", "supplement.attached", note=note, what=what)


async def ask_withdraw(services: Services, said: Understanding) -> Outcome:
    """撤回 is asked back first: one word misread must not end a matter."""
    ticket = await _meant(services, said)
    if ticket is None:
        return _no_ticket(services, said)
    held = said.model_copy(update={"numbers": [ticket.number]})
    draft = Draft(type="other", ask=Ask.WITHDRAW, held=held, touched=said.at)
    text = services.world.city.say("withdraw.ask", number=ticket.number, words=_words(ticket))
    return Outcome([Outbound(text, (Button("确认撤回"), Button("不撤了")))], draft)


async def asked_back(services: Services, draft: Draft, said: Understanding) -> Outcome | None:
    """The answer to what a verb asked back; None when the message is about something else."""
    asked = draft.held
    word = meaning(said.text, draft.ask) or said.intent
    if asked is None or said.danger or said.at - draft.touched > REST:
        return None
    if word in ("ask_human", "ask_progress", "ask_privacy", "ask_identity"):
        return None
    ticket = said.model_copy(update={"numbers": said.numbers or asked.numbers})
    if draft.ask is Ask.WITHDRAW:
        if word in ("deny", "cancel") or _KEEPS.search(said.text):
            return say(services, "withdraw.kept")
        if word in ("affirm", "withdraw") or "确认" in said.text:
            return await _step(
                services, ticket, "request_withdrawal", "withdraw.done", note=asked.text
            )
        return None
    if word in ("cancel", "deny"):
        return say(services, "supplement.none")
    if said.intent == "consultation" or not (said.text.strip() or said.kind != "text"):
        return None
    what = services.world.city.say(f"attached.{said.intent}") if not said.text.strip() else ""
    return await _step(
        services, ticket, "supplement", "supplement.done", note=said.text.strip() or what
    )


async def rate(services: Services, said: Understanding) -> Outcome:
    """The resident's word on a resolved ticket. “没解决” sends it back to be done again."""
    lifecycle = services.world.city.lifecycle
    own = await _own(services, said)
    done = [t for t in own if lifecycle.after(t.state, "review", Role.RESIDENT)]
    if not done:
        return say(services, "rate.none" if own else "rate.thanks")
    ticket = await _named(services, said) or _likeliest(done, said.text)
    named = said.model_copy(update={"numbers": [ticket.number]})
    if _NOT_SOLVED.search(said.text):
        return await _step(services, named, "redo", "rate.redo", note=said.text, actor=ON_BEHALF)
    return await _step(services, named, "review", "rate.done", note=said.text)


async def recent(services: Services, said: Understanding) -> Ticket | None:
    """The resident's newest ticket, when it is open and was touched a short while ago."""
    own = await _own(services, said)
    fresh = own and not _ended(services, own[0]) and now() - own[0].updated_at < RECENT
    return own[0] if fresh else None


async def _step(
    services: Services,
    said: Understanding,
    action: str,
    done: str,
    *,
    note: str,
    actor: Actor = RESIDENT,
    **values: str,
) -> Outcome:
    ticket = await _meant(services, said)
    if ticket is None:
        return _no_ticket(services, said)
    world = services.world
    try:
        await act(
            world.db,
            world.city,
            ticket.number,
            action,
            actor,
            note=note,
            key=f"{action}:{said.message_id}",
            message_id=said.message_id,
            tell=False,
        )
    except TicketError:
        status = world.city.lifecycle.states[ticket.state].label
        return say(services, "tickets.not_now", number=ticket.number, status=status)
    return say(services, done, number=ticket.number, words=_words(ticket), **values)


async def _steps(services: Services, ticket: Ticket) -> Outcome:
    city = services.world.city
    async with services.world.db.transaction() as session:
        steps = await timeline(session, ticket)
    lines = [
        city.say(
            "progress.step",
            at=f"{step.at.astimezone(city.zone):%m-%d %H:%M}",
            status=city.lifecycle.transitions[step.action].label
            if step.action in city.lifecycle.transitions
            else city.lifecycle.states[step.to_state].label,
            note=f"：{step.note}" if step.note and step.told else "",
        )
        for step in steps
    ]
    status = city.lifecycle.states[ticket.state].label
    head = city.say("progress.head", number=ticket.number, words=_words(ticket), status=status)
    return Outcome([Outbound("\n".join([head, *lines]))])


async def _own(services: Services, said: Understanding) -> list[Ticket]:
    async with services.world.db.transaction() as session:
        return await tickets_of(session, said.conversation_id, limit=LOOKED_THROUGH)


async def _named(services: Services, said: Understanding) -> Ticket | None:
    """The resident's own ticket among the numbers in the message."""
    async with services.world.db.transaction() as session:
        for written in said.numbers:
            number = parse_ticket_number(written)
            if number and (ticket := await ticket_of(session, said.conversation_id, number)):
                return ticket
    return None


async def _meant(services: Services, said: Understanding) -> Ticket | None:
    """The ticket that a message is about: the one it names; without a number the open one whose
    words are likest, else the newest."""
    if said.numbers:
        return await _named(services, said)
    still_open = [t for t in await _own(services, said) if not _ended(services, t)]
    return _likeliest(still_open, said.text) if still_open else None


def _likeliest(tickets: Sequence[Ticket], text: str) -> Ticket:
    """The ticket that shares most pairs of characters with a text; the newest of equals."""
    pairs = {text[i : i + 2] for i in range(len(text) - 1)}
    return max(tickets, key=lambda ticket: sum(pair in ticket.description for pair in pairs))


def _ended(services: Services, ticket: Ticket) -> bool:
    return services.world.city.lifecycle.states[ticket.state].ended


def _words(ticket: Ticket) -> str:
    return short(ticket.description, SHOWN)


def _no_ticket(services: Services, said: Understanding) -> Outcome:
    return say(services, "progress.unknown" if said.numbers else "tickets.none_open")
