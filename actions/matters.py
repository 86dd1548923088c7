"""Handing matters in: what a step of the intake asks for is done here, and the next one begins."""

from __future__ import annotations

from actions import repeats
from actions.intake import Ask, Draft, Step, close, question
from actions.outcome import Outcome, Services
from actions.understanding import Understanding
from connectors import Outbound
from desk.tickets import Matter, open_ticket
from desk.tickets.deadlines import due_words, promised
from desk.tickets.tables import Ticket


async def carry_out(services: Services, step: Step, said: Understanding) -> Outcome:
    """Opens the tickets that a step hands in, one after the other, until a question is open again or
    nothing is left. One that the city does not accept is on record (不予受理) with the reason."""
    city = services.world.city
    replies: list[Outbound] = []
    while step.submit is not None:
        draft = step.submit
        replies += step.replies
        if step.refusal:
            await _open(services, draft, said, state="declined", note=step.refusal.name)
            replies.append(Outbound(step.refusal.told))
            if not (draft.rest or draft.paused):
                return Outcome(replies, draft.with_(ask=Ask.REFUSED, matter=draft.matter + 1))
        elif added := await repeats.add(services, draft, said):
            replies.append(added)
        else:
            ticket = await _open(services, draft, said)
            async with services.world.db.transaction() as session:
                due = due_words(city, await promised(session, ticket), ticket.created_at)
            key = "submitted_anonymous" if draft.anonymous else "submitted"
            replies.append(Outbound(city.say(key, number=ticket.number, due=due)))
        step = close(city, draft, said)
    if step.draft and (offered := await repeats.offered(services, step.draft, said)):
        # Instead of the next question.
        return Outcome([*replies, *step.replies[:-1], question(offered, city)], offered)
    return Outcome([*replies, *step.replies], step.draft)


async def _open(
    services: Services,
    draft: Draft,
    said: Understanding,
    *,
    state: str | None = None,
    note: str = "",
) -> Ticket:
    matter = Matter(
        type=draft.type,
        topic=draft.topic,
        description=draft.description,
        messages=draft.messages,
        place=draft.place,
        latitude=draft.point.latitude if draft.point else None,
        longitude=draft.point.longitude if draft.point else None,
        datum=draft.point.system if draft.point else None,
        phone=draft.phone,
        anonymous=bool(draft.anonymous),
    )
    return await open_ticket(
        services.world.db,
        services.world.city,
        matter,
        conversation_id=said.conversation_id,
        source_message_id=said.message_id,
        ordinal=draft.matter,
        state=state,
        note=note,
        backend=services.world.backend,
    )
