"""The way of a ticket in the demo city."""

from __future__ import annotations

from desk.city import City, Role


def test_the_main_way_leads_from_acceptance_to_the_archive(city: City) -> None:
    way = [
        ("assign", Role.DISPATCHER),
        ("acknowledge", Role.DEPARTMENT),
        ("start", Role.DEPARTMENT),
        ("resolve", Role.DEPARTMENT),
        ("review", Role.RESIDENT),
        ("close", Role.SYSTEM),
    ]
    state = city.lifecycle.initial
    for action, role in way:
        after = city.lifecycle.after(state, action, role)
        assert after is not None, (state, action)
        state = after
    assert city.lifecycle.states[state].ended


def test_only_its_roles_may_do_a_thing(city: City) -> None:
    assert city.lifecycle.after("in_progress", "resolve", Role.RESIDENT) is None
    assert city.lifecycle.after("accepted", "decline", Role.SYSTEM) is None
    assert city.lifecycle.after("accepted", "no_such_act", Role.AGENT) is None


def test_nothing_leads_out_of_an_end(city: City) -> None:
    for code, state in city.lifecycle.states.items():
        moves = [t for role in Role for t in city.lifecycle.allowed(code, role)]
        assert bool(moves) is not state.ended, code


def test_every_state_can_be_reached(city: City) -> None:
    reached = {city.lifecycle.initial}
    for _ in city.lifecycle.states:
        for transition in city.lifecycle.transitions.values():
            if transition.to and reached & set(transition.sources):
                reached.add(transition.to)
    assert reached == set(city.lifecycle.states)


def test_side_acts_keep_the_state(city: City) -> None:
    assert city.lifecycle.after("in_progress", "urge", Role.RESIDENT) == "in_progress"
    assert city.lifecycle.after("assigned", "extend", Role.SUPERVISOR) == "assigned"


def test_the_resident_is_told_with_the_number(city: City) -> None:
    for transition in city.lifecycle.transitions.values():
        told = transition.tell(
            number="YS261125000017",
            department="市照明管理所",
            status="办理中",
            note="已换新灯。{x}",
        )
        if told is not None:
            assert "YS261125000017" in told
            assert not told.endswith("\n")
            assert (
                not transition.needs_note or "note" not in (transition.told or "") or "{x}" in told
            )
    assert city.lifecycle.transitions["return"].tell(number="", department="", status="") is None
