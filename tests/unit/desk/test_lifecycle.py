"""The demo city's lifecycle: sound as a whole, and what the rules of the hotline ask of it."""

from __future__ import annotations

import pytest

from desk.city import City, Role
from desk.city.lifecycle import Lifecycle

# What a summary of the hotline's rules (GB/T 33358) names as steps of a ticket.
MAIN_LINE = [
    ("assign", Role.DISPATCHER, "assigned"),
    ("acknowledge", Role.DEPARTMENT, "acknowledged"),
    ("start", Role.DEPARTMENT, "in_progress"),
    ("resolve", Role.DEPARTMENT, "resolved"),
    ("review", Role.AGENT, "reviewed"),
    ("close", Role.AGENT, "closed"),
]


@pytest.fixture(scope="module")
def lifecycle(city: City) -> Lifecycle:
    return city.lifecycle


def test_the_main_line_leads_from_acceptance_to_the_archive(lifecycle: Lifecycle) -> None:
    state = lifecycle.initial
    for action, role, expected in MAIN_LINE:
        state = lifecycle.after(state, action, role) or f"{action} is not allowed in {state}"
        assert state == expected
    assert lifecycle.states[state].ended


def test_every_state_can_be_reached_and_left_unless_it_is_an_end(lifecycle: Lifecycle) -> None:
    reached = {lifecycle.initial}
    while True:
        further = {
            transition.to or source
            for transition in lifecycle.transitions.values()
            for source in transition.sources
            if source in reached
        }
        if further <= reached:
            break
        reached |= further
    assert reached == set(lifecycle.states)
    leads_on = {
        source
        for transition in lifecycle.transitions.values()
        for source in transition.sources
        if transition.to and transition.to != source
    }
    ends = {code for code, state in lifecycle.states.items() if state.ended}
    assert set(lifecycle.states) - ends == leads_on


def test_every_open_ticket_can_be_urged_and_withdrawn_by_its_resident(lifecycle: Lifecycle) -> None:
    for code, state in lifecycle.states.items():
        if state.clock:
            assert lifecycle.after(code, "urge", Role.RESIDENT) == code
            assert lifecycle.after(code, "request_withdrawal", Role.RESIDENT) == code


def test_a_resident_moves_a_ticket_only_by_rating_it(lifecycle: Lifecycle) -> None:
    moving = {
        transition.action
        for transition in lifecycle.transitions.values()
        if Role.RESIDENT in transition.roles and transition.to
    }
    assert moving == {"review"}


def test_the_clock_stands_still_only_when_nobody_has_to_act(lifecycle: Lifecycle) -> None:
    standing = {code for code, state in lifecycle.states.items() if not state.clock}
    ends = {code for code, state in lifecycle.states.items() if state.ended}
    assert standing - ends == {"suspended", "resolved", "reviewed"}


def test_what_the_resident_hears_names_the_ticket_and_reads_well(lifecycle: Lifecycle) -> None:
    for transition in lifecycle.transitions.values():
        told = transition.tell(
            number="YS261125000017", department="市照明管理所", status="办理中", note="已换灯泡"
        )
        if told is None:
            continue
        assert "YS261125000017" in told
        assert "{" not in told
        assert told == told.strip()
        if "{note}" in (transition.told or ""):
            empty = transition.tell(number="YS261125000017", department="X", status="Y")
            assert empty
            assert transition.needs_note, f"{transition.action} tells a note that may be missing"


def test_what_ends_a_matter_against_the_resident_is_explained_to_them(lifecycle: Lifecycle) -> None:
    for action in ("decline", "merge", "extend", "suspend"):
        transition = lifecycle.transitions[action]
        assert transition.needs_note
        assert transition.told
        assert "{note}" in transition.told
