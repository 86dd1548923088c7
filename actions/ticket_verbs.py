"""What a resident may do with their tickets in the chat: look, urge, add, withdraw."""

from __future__ import annotations

import re
from datetime import timedelta

from actions import amending, own_tickets
from actions.intake import REST, Ask, Draft
from actions.intake.substance import has_matter
from actions.intake.words import asks, meaning
from actions.outcome import Outcome, Services, say
from actions.understanding import Understanding
from connectors import Button, Outbound
from desk.database import now
from desk.tickets import TicketError, timeline, urging
from desk.tickets.deadlines import day_words, due_words, promised
from desk.tickets.tables import Ticket

# After that a correction or a picture no longer belongs to the ticket just opened.
RECENT = timedelta(hours=24)
LISTED = 5
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
    own = await own_tickets.own(services, said)
    if said.numbers:
        ticket = await own_tickets.named(services, said)
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
            words=own_tickets.words(ticket),
        )
        for ticket in own[:LISTED]
    ]
    return Outcome([Outbound("\n".join([city.say("progress.list"), *lines]))])


async def urge(services: Services, said: Understanding) -> Outcome:
    """催办: the department sees that the resident asks; so often a day."""
    ticket = await own_tickets.meant(services, said, "urge")
    if ticket is None:
        return own_tickets.no_ticket(services, said)
    world = services.world
    try:
        urged = await urging.urge(
            world.db,
            world.city,
            ticket.number,
            own_tickets.RESIDENT,
            note=said.text,
            message_id=said.message_id,
        )
    except TicketError:
        return own_tickets.not_now(services, ticket)
    async with world.db.transaction() as session:
        due = await promised(session, urged.ticket)
    about = {
        "number": ticket.number,
        "words": own_tickets.words(ticket),
        "status": world.city.lifecycle.states[urged.ticket.state].label,
        "due": due_words(world.city, due, now()),
    }
    if urged.done:
        return say(services, "urged", **about)
    return say(services, "urged.enough", "人工", count=str(urged.today), **about)


async def supplement(services: Services, said: Understanding) -> Outcome:
    """补充: further words for the open ticket; asks for them when there are none yet."""
    ticket = await own_tickets.meant(services, said)
    if ticket is None:
        return own_tickets.no_ticket(services, said)
    added = has_matter(_ADDS.sub("", said.text), said.numbers) and not asks(said.text)
    if added:
        return await own_tickets.step(
            services, said, "supplement", "supplement.done", note=said.text
        )
    held = said.model_copy(update={"numbers": [ticket.number]})
    draft = Draft(type="other", ask=Ask.SUPPLEMENT, held=held, touched=said.at)
    asked = say(services, "supplement.ask", number=ticket.number, words=own_tickets.words(ticket))
    return Outcome(asked.replies, draft)


async def attach(services: Services, said: Understanding) -> Outcome | None:
    """A picture, link or location that comes soon after a ticket belongs to it. None when there is
    no such ticket."""
    if await recent(services, said) is None:
        return None
    what = services.world.city.say(f"attached.{said.intent}")
    label = said.point.label if said.point else said.text
    note = f"{what}：{label}" if label else what
    return await own_tickets.step(
        services, said, "supplement", "supplement.attached", note=note, what=what
    )


async def ask_withdraw(services: Services, said: Understanding) -> Outcome:
    """撤回 is asked back first: one word misread must not end a matter."""
    ticket = await own_tickets.meant(services, said, "request_withdrawal")
    if ticket is None:
        return own_tickets.no_ticket(services, said)
    held = said.model_copy(update={"numbers": [ticket.number]})
    draft = Draft(type="other", ask=Ask.WITHDRAW, held=held, touched=said.at)
    text = services.world.city.say(
        "withdraw.ask", number=ticket.number, words=own_tickets.words(ticket)
    )
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
            return await own_tickets.step(
                services, ticket, "request_withdrawal", "withdraw.done", note=asked.text
            )
        return None
    if word in ("cancel", "deny"):
        return say(services, "amend.none" if draft.ask is Ask.AMEND else "supplement.none")
    if draft.ask is Ask.AMEND:
        return await amending.amended(services, asked, said)
    if said.intent == "consultation" or not (said.text.strip() or said.kind != "text"):
        return None
    what = services.world.city.say(f"attached.{said.intent}") if not said.text.strip() else ""
    return await own_tickets.step(
        services, ticket, "supplement", "supplement.done", note=said.text.strip() or what
    )


async def recent(services: Services, said: Understanding) -> Ticket | None:
    """The resident's newest ticket, when it is open and was touched a short while ago."""
    own = await own_tickets.own(services, said)
    fresh = own and not own_tickets.ended(services, own[0]) and now() - own[0].updated_at < RECENT
    return own[0] if fresh else None


async def _steps(services: Services, ticket: Ticket) -> Outcome:
    city = services.world.city
    async with services.world.db.transaction() as session:
        steps = await timeline(session, ticket)
        due = await promised(session, ticket)
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
    head = city.say(
        "progress.head", number=ticket.number, words=own_tickets.words(ticket), status=status
    )
    if due is not None and due <= now():
        lines.append(city.say("progress.late", due=day_words(city, due, now())))
    elif due is not None:
        lines.append(city.say("progress.due", due=due_words(city, due, now())))
    return Outcome([Outbound("\n".join([head, *lines]))])
