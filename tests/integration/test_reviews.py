"""Reviews: what follows from them, silence, and answers that come late."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.city import City, Role
from desk.conversations.receive import Received
from desk.database import Database, now
from desk.tickets import Actor, Matter, TicketError, act, open_ticket
from desk.tickets.duplicates.joining import join
from desk.tickets.reviews.answer import Answer, Follows
from desk.tickets.reviews.giving import Reviewed, give_review
from desk.tickets.reviews.silence import end_unanswered
from desk.tickets.tables import Ticket
from tests.harness.letters import put, rows

BOSS = Actor("班长", Role.SUPERVISOR)
CREW = Actor("照明所", Role.DEPARTMENT)
RESIDENT = Actor("resident", Role.RESIDENT)


async def handled(db: Database, city: City, ticket: Ticket) -> None:
    for action, actor in (("acknowledge", CREW), ("resolve", CREW)):
        await act(db, city, ticket.number, action, actor, note="已换灯泡")


async def sent(db: Database, city: City) -> Ticket:
    source = await put(db)
    ticket = await open_ticket(
        db,
        city,
        Matter(type="incident", topic="0305", description="路灯坏了", messages=[source.message_id]),
        conversation_id=source.conversation_id,
        source_message_id=source.message_id,
    )
    return await act(db, city, ticket.number, "assign", BOSS)


async def resolved(db: Database, city: City) -> Ticket:
    ticket = await sent(db, city)
    await handled(db, city, ticket)
    return ticket


async def answered(
    db: Database, city: City, ticket: Ticket, answer: Answer, source: Received | None = None
) -> Reviewed:
    source = source or await put(db, answer.comment or "满意")
    return await give_review(
        db,
        city,
        ticket.number,
        answer,
        RESIDENT,
        source="chat",
        message_id=source.message_id,
    )


async def steps(db: Database, ticket: Ticket) -> list[str]:
    found = await rows(
        db, "SELECT action FROM ticket_event WHERE ticket_id = :id ORDER BY seq", id=ticket.id
    )
    return [row["action"] for row in found][4:]


async def state(db: Database, ticket: Ticket) -> str:
    [row] = await rows(db, "SELECT state FROM ticket WHERE id = :id", id=ticket.id)
    return row["state"]


async def reviews(db: Database, ticket: Ticket) -> list[tuple[object, ...]]:
    found = await rows(
        db,
        "SELECT round, contacted, solved, satisfaction, comment FROM ticket_review "
        "WHERE ticket_id = :id ORDER BY round",
        id=ticket.id,
    )
    return [tuple(row.values()) for row in found]


async def days_pass(db: Database, city: City, days: int) -> None:
    await end_unanswered(db, city, now() + timedelta(days=days))


async def told(db: Database) -> list[str]:
    found = await rows(db, "SELECT text FROM message WHERE author = 'system' ORDER BY seq")
    return [row["text"] for row in found]


async def test_when_it_is_resolved_the_five_levels_are_offered(db: Database, city: City) -> None:
    await resolved(db, city)
    found = await rows(db, "SELECT payload FROM message WHERE author = 'system' ORDER BY seq")
    offered = [row["payload"].get("buttons") for row in found]
    assert offered[-1] == ["非常满意", "满意", "基本满意", "不满意", "非常不满意"]
    assert not any(offered[:-1])


async def test_a_good_word_is_taken_down_and_what_is_said_later_added(
    db: Database, city: City
) -> None:
    ticket = await resolved(db, city)
    first = await answered(db, city, ticket, Answer(satisfaction=5, comment="很快"))
    then = await answered(db, city, ticket, Answer(solved=True))
    assert first.follows is then.follows is Follows.NOTHING
    assert await reviews(db, ticket) == [(1, None, True, 5, "很快")]
    assert await state(db, ticket) == "reviewed"
    assert await steps(db, ticket) == ["review", "review"]


async def test_discontent_sends_it_back_once_by_itself_then_to_a_person(
    db: Database, city: City
) -> None:
    ticket = await resolved(db, city)
    first = await answered(db, city, ticket, Answer(solved=False, comment="灯还是不亮"))
    assert first.follows is Follows.REDO
    assert await state(db, ticket) == "assigned"
    [redo] = await rows(db, "SELECT note, role FROM ticket_event WHERE action = 'redo'")
    assert redo == {"note": "未解决：灯还是不亮", "role": "system"}
    assert await rows(db, "SELECT 1 FROM alert") == []

    await handled(db, city, ticket)
    second = await answered(db, city, ticket, Answer(satisfaction=1, comment="太差了"))
    assert second.follows is Follows.PERSON
    assert await state(db, ticket) == "reviewed", "no loop"
    [alert] = await rows(db, "SELECT kind, detail FROM alert")
    assert alert == {"kind": "dissatisfied", "detail": {"ticket": ticket.number}}
    assert await reviews(db, ticket) == [
        (1, None, False, None, "灯还是不亮"),
        (2, None, None, 1, "太差了"),
    ]
    assert await steps(db, ticket) == [
        "review",
        "redo",
        "acknowledge",
        "resolve",
        "review",
        "supervise",
    ]


@pytest.mark.parametrize("answer", [Answer(satisfaction=2), Answer(satisfaction=4)])
async def test_a_turn_that_is_tried_again_reviews_once(
    db: Database, city: City, answer: Answer
) -> None:
    ticket = await resolved(db, city)
    source = await put(db, "…")
    first = await answered(db, city, ticket, answer, source)
    again = await answered(db, city, ticket, answer, source)
    assert first.follows is again.follows
    assert first.answer == again.answer
    assert len(await reviews(db, ticket)) == 1
    assert (await steps(db, ticket)).count("review") == 1


async def test_a_joined_matter_is_done_again_by_itself(db: Database, city: City) -> None:
    main, joined = await sent(db, city), await sent(db, city)
    await join(db, city, joined.number, main.number, BOSS)
    await handled(db, city, main)
    assert await state(db, joined) == "resolved"
    answer = Answer(solved=False, comment="我家门口的还是不亮")
    assert (await answered(db, city, joined, answer)).follows is Follows.REDO
    found = await rows(db, "SELECT state, main_id FROM ticket ORDER BY id")
    assert [(row["state"], row["main_id"]) for row in found] == [
        ("resolved", None),
        ("assigned", None),
    ]


async def test_a_change_of_mind_counts_and_is_done_again(db: Database, city: City) -> None:
    ticket = await resolved(db, city)
    await answered(db, city, ticket, Answer(satisfaction=4))
    changed = await answered(db, city, ticket, Answer(solved=False, comment="又坏了"))
    assert changed.follows is Follows.REDO
    assert await reviews(db, ticket) == [(1, None, False, None, "又坏了")]


async def test_before_it_is_resolved_there_is_nothing_to_review(db: Database, city: City) -> None:
    ticket = await resolved(db, city)
    await answered(db, city, ticket, Answer(solved=False, comment="没修"))
    with pytest.raises(TicketError, match="不能回访"):
        await answered(db, city, ticket, Answer(satisfaction=1))
    assert len(await reviews(db, ticket)) == 1


async def test_staff_write_down_what_they_heard_and_the_resident_is_told_what_follows(
    db: Database, city: City
) -> None:
    ticket = await resolved(db, city)
    before = len(await told(db))
    said = Answer(contacted=True, solved=False, satisfaction=2, comment="电话回访：没修好")
    await give_review(db, city, ticket.number, said, Actor("坐席01", Role.AGENT), source="staff")
    [text] = (await told(db))[before:]
    assert "重新办理" in text
    [row] = await rows(db, "SELECT given_by, source, department FROM ticket_review")
    assert row == {"given_by": "坐席01", "source": "staff", "department": ticket.department}


async def test_silence_ends_as_not_reviewed_and_never_as_satisfied(
    db: Database, city: City
) -> None:
    ticket = await resolved(db, city)
    before = len(await told(db))
    await days_pass(db, city, city.profile.review.days - 1)
    assert await state(db, ticket) == "resolved"
    for _ in range(2):
        await days_pass(db, city, city.profile.review.days)
        assert await state(db, ticket) == "unrated"
    [text] = (await told(db))[before:]
    assert "未评价" in text
    assert ticket.number in text
    assert await reviews(db, ticket) == []


@pytest.mark.parametrize(
    ("answer", "becomes"),
    [(Answer(satisfaction=4), "reviewed"), (Answer(solved=False, comment="没修"), "assigned")],
)
async def test_a_late_answer_counts(db: Database, city: City, answer: Answer, becomes: str) -> None:
    ticket = await resolved(db, city)
    await days_pass(db, city, city.profile.review.days)
    await days_pass(db, city, city.profile.review.late_days - 1)
    await answered(db, city, ticket, answer)
    assert await state(db, ticket) == becomes
    assert len(await reviews(db, ticket)) == 1


async def test_after_the_late_days_it_is_archived_and_nobody_is_told(
    db: Database, city: City
) -> None:
    ticket = await resolved(db, city)
    await days_pass(db, city, city.profile.review.days)
    before = await told(db)
    await days_pass(db, city, city.profile.review.late_days)
    assert await state(db, ticket) == "closed"
    assert await told(db) == before
    with pytest.raises(TicketError):
        await answered(db, city, ticket, Answer(satisfaction=5))


async def test_what_a_person_looks_after_is_not_archived_by_itself(
    db: Database, city: City
) -> None:
    ticket = await resolved(db, city)
    await answered(db, city, ticket, Answer(satisfaction=1))
    await handled(db, city, ticket)
    await answered(db, city, ticket, Answer(satisfaction=1))
    content = await resolved(db, city)
    await answered(db, city, content, Answer(satisfaction=4, solved=True))
    await days_pass(db, city, 100)
    assert await state(db, ticket) == "reviewed"
    assert await state(db, content) == "closed"
