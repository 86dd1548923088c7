"""A history is kept short, and leads to the same state."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.history import KEPT_EVENTS, MAXIMUM_EVENTS, shorten

LISTEN = {"event": "action", "name": "action_listen", "timestamp": 1.0}


def slot(name: str, value: Any) -> dict[str, Any]:
    return {"event": "slot", "name": name, "value": value, "timestamp": 1.0}


def loop(name: str | None) -> dict[str, Any]:
    return {"event": "active_loop", "name": name, "timestamp": 1.0}


def turn(*events: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"event": "user", "text": "…", "timestamp": 1.0}, *events, LISTEN]


def state(events: list[dict[str, Any]]) -> tuple[dict[str, Any], str | None]:
    """Slots and active loop after `events`."""
    slots: dict[str, Any] = {}
    active = None
    for event in events:
        if event["event"] == "restart":
            slots, active = {}, None
        elif event["event"] == "reset_slots":
            slots = {}
        elif event["event"] == "slot":
            slots[event["name"]] = event["value"]
        elif event["event"] == "active_loop":
            active = event["name"]
    return slots, active


EVENTS = st.one_of(
    st.builds(slot, st.sampled_from("abc"), st.integers(0, 9) | st.none()),
    st.builds(loop, st.sampled_from(["intake_form", None])),
    st.just({"event": "restart", "timestamp": 1.0}),
    st.just({"event": "reset_slots", "timestamp": 1.0}),
)
HISTORIES = st.lists(st.lists(EVENTS, max_size=4).map(lambda events: turn(*events)), max_size=60)


@given(HISTORIES)
def test_a_cut_history_leads_to_the_same_state(turns: list[list[dict[str, Any]]]) -> None:
    events = [event for one in turns for event in one]
    assert state(shorten(events)) == state(events)


@given(HISTORIES)
def test_the_latest_events_stay_as_they_were(turns: list[list[dict[str, Any]]]) -> None:
    events = [event for one in turns for event in one]
    assert shorten(events)[-KEPT_EVENTS + 1 :] == events[-KEPT_EVENTS + 1 :]


def test_a_short_history_is_not_touched() -> None:
    events = turn(slot("a", 1))
    assert shorten(events) is events


def test_a_long_conversation_stays_short() -> None:
    events: list[dict[str, Any]] = []
    for number in range(500):
        events = shorten(events + turn(slot("a", number)))
        assert len(events) <= MAXIMUM_EVENTS


def test_a_form_that_was_left_does_not_come_back() -> None:
    events = [*turn(loop("intake_form")), *turn(loop(None)), *turn() * MAXIMUM_EVENTS]
    assert not any(event["event"] == "active_loop" for event in shorten(events))


def test_a_single_turn_too_long_is_kept_whole() -> None:
    events = turn(*[slot("a", number) for number in range(2 * MAXIMUM_EVENTS)])
    assert shorten(events) == events
