"""What a resident may do with their tickets in the chat: look, urge, add, withdraw, rate."""

from __future__ import annotations

import re
from datetime import timedelta

from actions.intake import Ask, Draft
from actions.intake.words import has_matter
from actions.outcome import Outcome, Services
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
_NOT_SOLVED = re.compile(
    r"没(有)?(解决|处理|修|弄|搞)|未解决|不满意|差评|还是(老样子|没)|根本没|敷衍|一星|不行"
)
# After that an “好的” or a picture no longer belongs to the ticket just opened.
RECENT = timedelta(hours=24)


async def progress(services: Services, said: Understanding) -> Outcome:
    """The state of the named ticket, or of the resident's newest ones."""
    city = services.world.city
    if said.numbers:
        ticket = await _named(services, said)
        if ticket is None:
            return _say(services, "progress.unknown")
        async with services.world.db.transaction() as session:
            steps = await timeline(session, ticket)
        lines = [
            city.say(
                "progress.step",
                at=f"{step.at.astimezone(city.zone):%m-%d %H:%M}",
                status=city.lifecycle.states[step.to_state].label,
                note=f"：{step.note}" if step.note and step.told else "",
            )
            for step in steps
        ]
        head = city.say("progress.head", number=ticket.number, words=ticket.description[:30])
        return Outcome([Outbound("\n".join([head, *lines]))])
    async with services.world.db.transaction() as session:
        own = await tickets_of(session, said.conversation_id)
    if not own:
        return _say(services, "progress.none")
    lines = [
        city.say(
            "progress.line",
            number=t.number,
            status=city.lifecycle.states[t.state].label,
            words=" ".join(t.description.split())[:20],
        )
        for t in own
    ]
    return Outcome([Outbound("\n".join([city.say("progress.list"), *lines]))])


async def urge(services: Services, said: Understanding) -> Outcome:
    """催办: the department sees that the resident asks."""
    return await _step(services, said, "urge", "urged", note=said.text)


async def supplement(services: Services, said: Understanding) -> Outcome:
    """补充: further words for the open ticket; asks for them when there are none yet."""
    ticket = await _named(services, said) or await _newest_open(services, said)
    if ticket is None:
        return _say(services, "tickets.none_open")
    if not has_matter(
        re.sub(r"补充|材料|信息|内容|再|点|工单|诉求|上次|那个|YS\d+", "", said.text)
    ):
        draft = Draft(type="other", ask=Ask.SUPPLEMENT, held=said, touched=said.at)
        return Outcome(
            [Outbound(services.world.city.say("supplement.ask", number=ticket.number))], draft
        )
    return await _step(services, said, "supplement", "supplement.done", note=said.text)


async def attach(services: Services, said: Understanding) -> Outcome | None:
    """A picture that comes soon after a ticket belongs to it. None when there is no such ticket."""
    ticket = await _newest_open(services, said)
    if ticket is None or now() - ticket.updated_at > RECENT:
        return None
    return await _step(services, said, "supplement", "supplement.picture", note="图片")


async def ask_withdraw(services: Services, said: Understanding) -> Outcome:
    """撤回 is asked back first: one word misread must not end a matter."""
    ticket = await _named(services, said) or await _newest_open(services, said)
    if ticket is None:
        return _say(services, "tickets.none_open")
    held = said.model_copy(update={"numbers": [ticket.number]})
    draft = Draft(type="other", ask=Ask.WITHDRAW, held=held, touched=said.at)
    text = services.world.city.say(
        "withdraw.ask", number=ticket.number, words=" ".join(ticket.description.split())[:30]
    )
    return Outcome([Outbound(text, (Button("确认撤回"), Button("不撤了")))], draft)


async def withdraw(services: Services, said: Understanding, asked: Understanding) -> Outcome:
    """Withdraws the ticket that was asked about. It stays on record."""
    named = said.model_copy(update={"numbers": asked.numbers})
    return await _step(services, named, "request_withdrawal", "withdraw.done", note=asked.text)


async def rate(services: Services, said: Understanding) -> Outcome:
    """The resident's word on a resolved ticket. “没解决” sends it back to be done again."""
    city = services.world.city
    async with services.world.db.transaction() as session:
        own = await tickets_of(session, said.conversation_id)
    done = next((t for t in own if city.lifecycle.after(t.state, "review", Role.RESIDENT)), None)
    if done is None:
        return _say(services, "rate.none" if own else "rate.thanks")
    named = said.model_copy(update={"numbers": [done.number]})
    if _NOT_SOLVED.search(said.text):
        return await _step(services, named, "redo", "rate.redo", note=said.text, actor=ON_BEHALF)
    return await _step(services, named, "review", "rate.done", note=said.text)


async def just_opened(services: Services, said: Understanding) -> Ticket | None:
    """The ticket opened within the last ten minutes, for a confirmation said twice."""
    async with services.world.db.transaction() as session:
        own = await tickets_of(session, said.conversation_id, limit=1)
    fresh = own and now() - own[0].created_at < timedelta(minutes=10)
    return own[0] if fresh else None


async def _step(
    services: Services,
    said: Understanding,
    action: str,
    done: str,
    *,
    note: str,
    actor: Actor = RESIDENT,
) -> Outcome:
    ticket = await _named(services, said) or await _newest_open(services, said)
    if ticket is None:
        unknown = "progress.unknown" if said.numbers else "tickets.none_open"
        return _say(services, unknown)
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
        return _say(services, "tickets.not_now", number=ticket.number, status=status)
    return _say(services, done, number=ticket.number)


async def _named(services: Services, said: Understanding) -> Ticket | None:
    """The resident's own ticket among the numbers in the message."""
    async with services.world.db.transaction() as session:
        for written in said.numbers:
            number = parse_ticket_number(written)
            if number and (ticket := await ticket_of(session, said.conversation_id, number)):
                return ticket
    return None


async def _newest_open(services: Services, said: Understanding) -> Ticket | None:
    if said.numbers:
        return None
    lifecycle = services.world.city.lifecycle
    async with services.world.db.transaction() as session:
        own = await tickets_of(session, said.conversation_id)
    return next((t for t in own if not lifecycle.states[t.state].ended), None)


def _say(services: Services, key: str, **values: str) -> Outcome:
    return Outcome([Outbound(services.world.city.say(key, **values))])
