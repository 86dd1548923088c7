"""States of a ticket and who may move it between them: data of the city."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from string import Formatter

from pydantic import BaseModel, ConfigDict, Field

TOLD_VARIABLES = frozenset({"number", "note", "department", "status", "due"})


class Role(StrEnum):
    """Who acts on a ticket."""

    AGENT = "agent"
    DISPATCHER = "dispatcher"
    DEPARTMENT = "department"
    SUPERVISOR = "supervisor"
    SYSTEM = "system"
    RESIDENT = "resident"

    @property
    def label(self) -> str:
        """What staff read."""
        return _ROLE_LABELS[self]


_ROLE_LABELS = {
    Role.AGENT: "坐席",
    Role.DISPATCHER: "派单员",
    Role.DEPARTMENT: "承办单位",
    Role.SUPERVISOR: "班长",
    Role.SYSTEM: "系统",
    Role.RESIDENT: "居民",
}


#: The first entry of every timeline; no transition, since there was no state before.
OPENED = "open"

# What the system does by itself, and residents in the chat; every lifecycle has these steps.
BUILT_IN = {
    Role.SYSTEM: (
        "merge",
        "unmerge",
        "follow",
        "resolve_joined",
        "supervise",
        "recount",
        "redo",
        "lapse",
        "close",
    ),
    Role.RESIDENT: ("supplement", "correct", "urge", "agree", "request_withdrawal", "review"),
}


class Needed(StrEnum):
    """What must be given with a step. `department`: the ticket has a body that handles it, given now
    or before; `other_department`: another one than before; `until`: a point in time."""

    NOTE = "note"
    DEPARTMENT = "department"
    OTHER_DEPARTMENT = "other_department"
    UNTIL = "until"
    URGENCY = "urgency"


class State(BaseModel):
    """Where a ticket stands. `clock` tells whether its deadlines are running."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    clock: bool
    ended: bool = False


class Transition(BaseModel):
    """One thing that may be done to a ticket.

    `to` is None when the state stays as it is; from a state of `back` the ticket returns to where it
    was before that state. `told` is what the resident hears, or None; one who did the act in the chat
    is answered there instead. `most`: how often it may be done to one ticket.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: str = Field(pattern=r"^[a-z_]+$")
    label: str
    sources: tuple[str, ...] = Field(alias="from", min_length=1)
    to: str | None = None
    back: tuple[str, ...] = ()
    roles: tuple[Role, ...] = Field(min_length=1)
    needs: tuple[Needed, ...] = ()
    most: int | None = Field(default=None, ge=1)
    told: str | None = None

    def tell(self, *, number: str, department: str, status: str, due: str, note: str = "") -> str:
        """What the resident hears, or nothing. `status` is the label of the state after the act, `due`
        by when the matter is to be answered."""
        return (
            (self.told or "")
            .format(number=number, department=department, status=status, due=due, note=note)
            .strip()
        )


class Lifecycle(BaseModel):
    """All states by code and all transitions by action; `initial` is where a ticket begins."""

    model_config = ConfigDict(frozen=True)

    initial: str
    states: dict[str, State]
    transitions: dict[str, Transition]

    def label(self, action: str) -> str:
        """What staff read for a step in a timeline, which may be older than this lifecycle."""
        if action == OPENED:
            return "登记"
        transition = self.transitions.get(action)
        return transition.label if transition else action

    def after(
        self, state: str, action: str, role: Role, *, before: str | None = None
    ) -> str | None:
        """The state that `action` by `role` leads to from `state`; None when it is not allowed.

        `before`: the state that the ticket was in before this one; where a step leads back, a ticket
        that was nowhere before stays.
        """
        transition = self.transitions.get(action)
        if transition is None or state not in transition.sources or role not in transition.roles:
            return None
        if state in transition.back:
            return before or state
        return transition.to or state

    def allowed(self, state: str, role: Role) -> list[Transition]:
        """What `role` may do to a ticket in `state`, in the order of the file."""
        return [t for t in self.transitions.values() if self.after(state, t.action, role)]

    def entered_from(self, state: str) -> set[str]:
        """The states from which a step enters this one: where one that leads back returns to."""
        return {
            source
            for t in self.transitions.values()
            if t.to == state
            for source in t.sources
            if source not in t.back
        }

    def leads_to(self, state: str) -> set[str]:
        """The other states that one step by anyone may lead to."""
        found: set[str] = set()
        for transition in self.transitions.values():
            if state in transition.back:
                found |= self.entered_from(state)
            elif state in transition.sources and transition.to:
                found.add(transition.to)
        return found - {state}


def lifecycle_problem(lifecycle: Lifecycle) -> tuple[str, str] | None:
    """The entry that is wrong and what is wrong with it, or None when the lifecycle is sound: every
    state can be reached, and from every state there is a way to an end."""
    if lifecycle.initial not in lifecycle.states:
        return "initial", f"unknown state {lifecycle.initial!r}"
    for transition in lifecycle.transitions.values():
        if problem := _transition_problem(transition, lifecycle.states):
            return transition.action, problem
    for role, actions in BUILT_IN.items():
        for action in actions:
            transition = lifecycle.transitions.get(action)
            if transition is None or role not in transition.roles:
                return action, f"is missing, or not for the role {role}"
    ways = {state: lifecycle.leads_to(state) for state in lifecycle.states}
    reached = _closure({lifecycle.initial}, lambda state: ways[state])
    for state in lifecycle.states:
        if state not in reached:
            return state, "cannot be reached from the initial state"
    ends = {code for code, state in lifecycle.states.items() if state.ended}
    ending = _closure(ends, lambda end: [state for state in ways if end in ways[state]])
    for state in lifecycle.states:
        if state not in ending:
            return state, "has no way to an end"
    return None


def _closure(start: set[str], further: Callable[[str], Iterable[str]]) -> set[str]:
    found, fresh = set(start), set(start)
    while fresh:
        fresh = {other for state in fresh for other in further(state)} - found
        found |= fresh
    return found


def _transition_problem(transition: Transition, states: Mapping[str, State]) -> str | None:
    for state in (*transition.sources, *((transition.to,) if transition.to else ())):
        if state not in states:
            return f"unknown state {state!r}"
    for state in transition.sources:
        if states[state].ended:
            return f"leads out of {state!r}, which is an end"
    for state in transition.back:
        if state not in transition.sources:
            return f"leads back from {state!r}, which is not one of its own"
    try:
        fields = [field for _, field, _, _ in Formatter().parse(transition.told or "")]
    except ValueError as error:
        return f"told: {error}"
    for field in fields:
        if field is not None and field not in TOLD_VARIABLES:
            known = ", ".join(sorted(TOLD_VARIABLES))
            return f"told: unknown variable {{{field}}}, known are {known}"
    return None
