"""What the steps of a ticket do to its deadlines, by hand, with the rules of both packs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.city import Calendar, City, StageCode, Unit
from desk.city.deadlines import Overrides, Pack, combine
from desk.city.files import checked, read_mapping
from desk.city.loading import PACKS
from desk.tickets.deadlines import advance, begin, day_words, due_words, replay
from desk.tickets.reckoning import Reckoning
from desk.tickets.tables import TicketDeadline, TicketEvent

ZONE = ZoneInfo("Asia/Shanghai")


def with_pack(city: City, name: str) -> City:
    """The demo city with nothing but a pack's rules."""
    file = PACKS / f"{name}.yml"
    pack = checked(file, "", Pack, read_mapping(file))
    return city.model_copy(update={"deadlines": combine(pack, Overrides(pack=name, version=1))})


def at(text: str) -> datetime:
    """`2026-11-25 17:50`, in the city's zone; 24:00 is the end of the day."""
    day, clock = text.split()
    if clock == "24:00":
        return datetime.combine(
            date.fromisoformat(day) + timedelta(days=1), datetime.min.time(), ZONE
        )
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZONE)


def rule_end(city: City, stage: str, start: str, **ticket: object) -> tuple[str, datetime]:
    given = {"urgency": "normal", "request_type": "complaint", "topic": "0306", "again": False}
    rule = city.deadlines.rule(StageCode(stage), **{**given, **ticket})  # type: ignore[arg-type]
    assert rule is not None
    return rule.code, Reckoning.of(city).after(
        at(start), rule.amount, rule.unit, same_day=rule.same_day
    )


@pytest.mark.parametrize(
    ("stage", "ticket", "code", "end"),
    [
        # DB11/T 2021—2022, created on Friday 2026-11-27 at 17:50.
        ("dispatch", {"urgency": "critical"}, "dispatch_sudden", "2026-11-27 18:50"),
        ("dispatch", {"urgency": "urgent"}, "dispatch_livelihood", "2026-11-27 19:50"),
        ("dispatch", {"topic": "090403"}, "dispatch_utilities", "2026-11-27 19:50"),
        ("dispatch", {}, "dispatch_general", "2026-11-28 17:50"),
        ("resolve", {"urgency": "critical"}, "resolve_sudden", "2026-11-27 19:50"),
        ("resolve", {"urgency": "urgent"}, "resolve_livelihood", "2026-11-28 17:50"),
        ("resolve", {"topic": "090403"}, "resolve_utilities", "2026-11-28 17:50"),
        ("resolve", {}, "resolve_general", "2026-12-04 24:00"),
    ],
)
def test_db11_t_2021_2022(
    city: City, stage: str, ticket: dict[str, object], code: str, end: str
) -> None:
    beijing = with_pack(city, "db11_2021")
    assert rule_end(beijing, stage, "2026-11-27 17:50", **ticket) == (code, at(end))


@pytest.mark.parametrize(
    ("request_type", "start", "end"),
    [
        ("consultation", "2026-11-27 17:50", "2026-12-02 24:00"),
        ("help", "2026-11-27 23:59:59", "2026-12-02 24:00"),
        ("incident", "2026-04-03 17:50", "2026-04-09 24:00"),  # Monday the 6th is 清明节
        ("complaint", "2026-11-27 17:50", "2026-12-16 24:00"),
        ("suggestion", "2025-09-30 08:00", "2025-10-24 24:00"),  # 国庆节, 11 October worked
        ("violation", "2026-12-30 09:00", "2027-01-18 24:00"),  # 2027 by its weekends
    ],
)
def test_three_or_thirteen_working_days(
    city: City, request_type: str, start: str, end: str
) -> None:
    other = with_pack(city, "three_thirteen")
    assert rule_end(other, "resolve", start, request_type=request_type)[1] == at(end)


def step(seq: int, moment: str, action: str, state: str, until: str | None = None) -> TicketEvent:
    return TicketEvent(
        ticket_id=1,
        seq=seq,
        action=action,
        to_state=state,
        at=at(moment),
        actor="x",
        role="department",
        until=at(until) if until else None,
    )


def running(amount: int = 3, unit: Unit = Unit.WORKING_DAYS) -> TicketDeadline:
    return TicketDeadline(ticket_id=1, stage="resolve", amount=amount, unit=unit, longest=15)


def begun(city: City, moment: str, amount: int = 3) -> TicketDeadline:
    deadline = running(amount)
    begin(city, deadline, step(1, moment, "open", "accepted"))
    return deadline


def test_the_yellow_card_comes_on_the_last_day_of_three(city: City) -> None:
    deadline = begun(city, "2026-11-25 09:00")
    assert deadline.due_at == at("2026-11-30 24:00")
    assert deadline.warn_at == deadline.mark_at == at("2026-11-27 24:00")


def test_the_clock_stands_while_words_are_awaited(city: City) -> None:
    stage = city.deadlines.stages[StageCode.RESOLVE]
    deadline = begun(city, "2026-11-25 09:00")
    advance(city, deadline, stage, step(2, "2026-11-27 16:00", "await_info", "awaiting_info"))
    assert deadline.paused_at == at("2026-11-27 16:00")
    assert deadline.mark_at is None, "no card while nobody has to act"
    advance(city, deadline, stage, step(3, "2026-11-29 10:00", "urge", "awaiting_info"))
    advance(city, deadline, stage, step(4, "2026-12-01 08:00", "supplement", "accepted"))
    assert deadline.due_at == at("2026-12-02 24:00"), "Monday was left; it goes on on Tuesday"
    assert deadline.paused_at is None


def test_granted_time_and_a_pause_after_it(city: City) -> None:
    stage = city.deadlines.stages[StageCode.RESOLVE]
    deadline = begun(city, "2026-11-25 09:00")
    asked = step(2, "2026-11-26 09:00", "request_extension", "in_progress", "2026-12-04 18:00")
    advance(city, deadline, stage, asked)
    assert (deadline.due_at, deadline.requested_at) == (at("2026-11-30 24:00"), asked.at)
    granted = step(3, "2026-11-27 09:00", "extend", "in_progress", "2026-12-04 18:00")
    advance(city, deadline, stage, granted)
    assert (deadline.due_at, deadline.requested_at) == (at("2026-12-04 18:00"), None)
    assert deadline.reckoned_at == at("2026-11-30 24:00")
    advance(city, deadline, stage, step(4, "2026-12-01 09:00", "suspend", "suspended"))
    advance(city, deadline, stage, step(5, "2026-12-03 09:00", "resume", "in_progress"))
    assert deadline.due_at == at("2026-12-08 18:00"), "three working days were left"


def test_new_holidays_move_a_deadline_that_was_provisional(city: City) -> None:
    first = step(1, "2026-12-30 09:00", "open", "accepted")
    deadline = running()
    begin(city, deadline, first)
    assert deadline.provisional
    assert deadline.due_at == at("2027-01-04 24:00")
    notice = city.calendar.notices[2026].model_copy(
        update={
            "year": 2027,
            "holidays": (
                city.calendar.notices[2026]
                .holidays[0]
                .model_copy(update={"first": date(2027, 1, 1), "last": date(2027, 1, 3)}),
            ),
            "workdays": (),
        }
    )
    calendar = Calendar(notices={**city.calendar.notices, 2027: notice})
    replay(city.model_copy(update={"calendar": calendar}), deadline, [first])
    assert not deadline.provisional
    assert deadline.due_at == at("2027-01-05 24:00")


STEPS = st.lists(
    st.tuples(
        st.timedeltas(timedelta(minutes=1), timedelta(days=5)),
        st.sampled_from(["accepted", "in_progress", "awaiting_info", "suspended"]),
    ),
    max_size=12,
)


@given(STEPS, st.sampled_from(Unit), st.integers(1, 20))
def test_no_course_of_steps_shortens_a_term_and_replaying_it_gives_the_same(
    city: City, course: list[tuple[timedelta, str]], unit: Unit, amount: int
) -> None:
    stage = city.deadlines.stages[StageCode.RESOLVE]
    events = [step(1, "2026-09-25 17:50", "open", "accepted")]
    deadline = running(amount, unit)
    begin(city, deadline, events[0])
    for wait, state in course:
        event = step(len(events) + 1, "2026-09-25 17:50", "report", state)
        event.at = events[-1].at + wait
        events.append(event)
        before, late = deadline.due_at, deadline.due_at < event.at and not deadline.paused_at
        advance(city, deadline, stage, event)
        assert deadline.due_at >= before
        assert not late or deadline.due_at == before, "what is late stays late"
        assert deadline.warn_at <= deadline.due_at
        assert (deadline.paused_at is None) == city.lifecycle.states[state].clock
    again = running(amount, unit)
    begin(city, again, events[0])
    replay(city, again, events)
    assert again.model_dump() == deadline.model_dump()


def test_a_promise_is_said_as_people_say_days(city: City) -> None:
    said = at("2026-11-27 17:50")
    assert due_words(city, at("2026-12-02 24:00"), said) == "最晚12月2日"
    assert due_words(city, at("2026-11-28 17:50"), said) == "最晚11月28日17:50"
    assert due_words(city, at("2027-01-04 24:00"), said) == "最晚2027年1月4日"
    assert due_words(city, None, said) == "会尽快"
    assert due_words(city, at("2026-11-26 24:00"), said) == "会尽快", "a promise that was broken"
    assert day_words(city, at("2026-12-31 24:00"), said) == "12月31日"
