"""The way of a ticket: what the demo city's lifecycle asks, and which ones are refused at start-up."""

from __future__ import annotations

from typing import Any

import pytest

from desk.city import City, Lifecycle, Needed, Role, State, Transition
from desk.city.drawing import draw
from desk.city.lifecycle import BUILT_IN, lifecycle_problem
from desk.settings import ROOT

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


def told(transition: Transition, note: str = "已换灯泡") -> str:
    return transition.tell(
        number="YS261125000017",
        department="市照明管理所",
        status="办理中",
        due="最晚12月2日",
        note=note,
    )


def test_the_main_line_leads_from_acceptance_to_the_archive(lifecycle: Lifecycle) -> None:
    state = lifecycle.initial
    for action, role, expected in MAIN_LINE:
        state = lifecycle.after(state, action, role) or f"{action} is not allowed in {state}"
        assert state == expected
    assert lifecycle.states[state].ended


def test_only_its_roles_may_do_a_thing(lifecycle: Lifecycle) -> None:
    assert lifecycle.after("in_progress", "resolve", Role.RESIDENT) is None
    assert lifecycle.after("accepted", "decline", Role.SYSTEM) is None
    assert lifecycle.after("accepted", "no_such_act", Role.AGENT) is None


def test_nothing_leads_out_of_an_end(lifecycle: Lifecycle) -> None:
    for code, state in lifecycle.states.items():
        moves = [t for role in Role for t in lifecycle.allowed(code, role)]
        assert bool(moves) is not state.ended, code


def test_side_steps_keep_the_state(lifecycle: Lifecycle) -> None:
    for action in ("urge", "supervise", "extend", "request_extension", "reject_extension", "grade"):
        assert lifecycle.after("assigned", action, Role.SUPERVISOR) in ("assigned", None)
    assert lifecycle.after("in_progress", "urge", Role.RESIDENT) == "in_progress"
    assert lifecycle.after("assigned", "extend", Role.SUPERVISOR) == "assigned"


def test_what_was_interrupted_goes_on_where_it_was(lifecycle: Lifecycle) -> None:
    after = lifecycle.after
    assert after("awaiting_info", "supplement", Role.RESIDENT, before="assigned") == "assigned"
    assert after("suspended", "resume", Role.DEPARTMENT, before="in_progress") == "in_progress"
    assert after("returned", "reject_return", Role.DISPATCHER, before="acknowledged") == (
        "acknowledged"
    )
    assert after("merged", "unmerge", Role.AGENT, before="accepted") == "accepted"
    # A supplement to any other ticket moves nothing.
    assert after("in_progress", "supplement", Role.RESIDENT, before="acknowledged") == "in_progress"


def test_every_open_ticket_can_be_urged_and_withdrawn_by_its_resident(lifecycle: Lifecycle) -> None:
    for code, state in lifecycle.states.items():
        if state.clock:
            assert lifecycle.after(code, "urge", Role.RESIDENT) == code
            assert lifecycle.after(code, "request_withdrawal", Role.RESIDENT) == code


def test_a_resident_moves_a_ticket_only_by_rating_it_or_by_what_was_asked_for(
    lifecycle: Lifecycle,
) -> None:
    moving = {
        transition.action
        for transition in lifecycle.transitions.values()
        if Role.RESIDENT in transition.roles and (transition.to or transition.back)
    }
    assert moving == {"review", "supplement"}
    assert lifecycle.transitions["supplement"].back == ("awaiting_info",)


def test_the_clock_stands_still_only_when_nobody_has_to_act(lifecycle: Lifecycle) -> None:
    standing = {code for code, state in lifecycle.states.items() if not state.clock}
    ends = {code for code, state in lifecycle.states.items() if state.ended}
    assert standing - ends == {
        "suspended",
        "awaiting_info",
        "merged",
        "resolved",
        "unrated",
        "reviewed",
    }


def test_what_the_resident_hears_names_the_ticket_and_reads_well(lifecycle: Lifecycle) -> None:
    for transition in lifecycle.transitions.values():
        words = told(transition)
        if not words:
            continue
        assert "YS261125000017" in words
        assert "{" not in words
        assert words == words.strip()
        if "{note}" in (transition.told or ""):
            assert Needed.NOTE in transition.needs, (
                f"{transition.action} tells a note that may lack"
            )
            assert told(transition, note="{x}") == words.replace("已换灯泡", "{x}")
    assert not told(lifecycle.transitions["return"])


def test_what_goes_against_the_resident_is_explained_to_them(lifecycle: Lifecycle) -> None:
    for action in ("decline", "extend", "suspend", "await_info"):
        transition = lifecycle.transitions[action]
        assert Needed.NOTE in transition.needs
        assert transition.told
        assert "{note}" in transition.told


def test_the_drawing_in_the_guides_is_of_this_lifecycle(lifecycle: Lifecycle) -> None:
    drawn = (ROOT / "docs" / "lifecycle.md").read_text(encoding="utf-8")
    assert drawn == draw(lifecycle), "yingsheng lifecycle > docs/lifecycle.md"
    for transition in lifecycle.transitions.values():
        assert f"`{transition.action}`" in drawn
    assert "accepted --> assigned: 派单" in drawn
    assert "awaiting_info --> in_progress: 恢复办理、补充" in drawn
    assert "closed --> [*]" in drawn


# A lifecycle as small as one can be.
STATES = {
    "new": State(label="新", clock=True),
    "away": State(label="歇", clock=False),
    "done": State(label="完", clock=False, ended=True),
}


def step(action: str, **more: Any) -> Transition:
    system = {"from": ["new"], "roles": ["system"]}
    return Transition.model_validate({"action": action, "label": action, **system, **more})


def small(*steps: Transition, without: str = "", **more: State) -> tuple[str, str] | None:
    ends = [step("finish", to="done")] if without != "finish" else []
    own = [
        step(action, roles=[role])
        for role, actions in BUILT_IN.items()
        for action in actions
        if action != without
    ]
    rest = [step("rest", to="away"), step("wake", **{"from": ["away"]}, back=["away"])]
    kept = [one for one in rest if one.action != without]
    transitions = {one.action: one for one in (*ends, *own, *kept, *steps)}
    return lifecycle_problem(
        Lifecycle(initial="new", states={**STATES, **more}, transitions=transitions)
    )


def test_a_sound_lifecycle_has_no_problem() -> None:
    assert small() is None


@pytest.mark.parametrize(
    ("problem", "entry", "why"),
    [
        (small(without="rest"), "away", "cannot be reached"),
        (small(without="finish"), "done", "cannot be reached"),
        (small(without="wake"), "away", "no way to an end"),
        (small(without="recount"), "recount", "is missing"),
        (small(step("fly", to="moon")), "fly", "unknown state"),
        (small(step("again", **{"from": ["done"]}, to="new")), "again", "is an end"),
        (small(step("undo", back=["away"])), "undo", "not one of its own"),
        (small(step("tell", told="{salary}")), "tell", "unknown variable {salary}"),
        (small(step("tell", told="{number")), "tell", "told:"),
        (small(other=State(label="别", clock=True)), "other", "cannot be reached"),
    ],
)
def test_an_unsound_lifecycle_is_refused_by_name(
    problem: tuple[str, str] | None, entry: str, why: str
) -> None:
    assert problem is not None
    assert problem[0] == entry
    assert why in problem[1]


def test_an_unknown_requirement_is_refused() -> None:
    with pytest.raises(ValueError, match="needs"):
        step("pay", needs=["money"])
