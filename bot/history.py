"""Keeping a conversation's history short without forgetting where it stands.

Rasa stores every event for ever and posts them all to the action server in each turn (rasa#11313: 23,242
events of one conversation). What a turn needs is the state and the last few turns.
"""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]

#: A history longer than this is cut ...
MAXIMUM_EVENTS = 60
#: ... to about this many of its last events, at the end of a turn.
KEPT_EVENTS = 30

_LISTEN = "action_listen"
_SESSION_START = "action_session_start"


def shorten(events: list[Event]) -> list[Event]:
    """Cut a history of serialised events; the state that it leads to stays the same."""
    if len(events) <= MAXIMUM_EVENTS:
        return events
    cut = _end_of_a_turn(events, len(events) - KEPT_EVENTS)
    if cut is None:
        return events
    return _state_after(events[: cut + 1]) + events[cut + 1 :]


def _end_of_a_turn(events: list[Event], latest: int) -> int | None:
    """Index of the last point, not after `latest`, at which the bot began to listen."""
    for index in range(latest, -1, -1):
        if _is_action(events[index], _LISTEN):
            return index
    return None


def _is_action(event: Event, name: str) -> bool:
    return event.get("event") == "action" and event.get("name") == name


def _state_after(events: list[Event]) -> list[Event]:
    """A session start that sets, all at once, what `events` set one after the other."""
    slots: dict[str, Event] = {}
    loop: Event | None = None
    for event in events:
        kind = event.get("event")
        if kind == "restart":
            slots, loop = {}, None
        elif kind == "reset_slots":
            slots = {}
        elif kind == "slot":
            slots[event["name"]] = event
        elif kind == "active_loop":
            loop = event if event.get("name") else None
    at = events[-1].get("timestamp")
    start: list[Event] = [
        {"event": "action", "name": _SESSION_START, "timestamp": at, "confidence": 1.0},
        {"event": "session_started", "timestamp": at},
        *slots.values(),
    ]
    if loop is not None:
        start.append(loop)
    return [*start, events[-1]]
