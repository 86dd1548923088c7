"""States of a ticket and who may move it between them: data of the city."""

from __future__ import annotations

from enum import StrEnum
from string import Formatter

from pydantic import BaseModel, ConfigDict, Field

TOLD_VARIABLES = frozenset({"number", "note", "department", "status"})


class Role(StrEnum):
    """Who acts on a ticket."""

    AGENT = "agent"
    DISPATCHER = "dispatcher"
    DEPARTMENT = "department"
    SUPERVISOR = "supervisor"
    SYSTEM = "system"
    RESIDENT = "resident"


class State(BaseModel):
    """Where a ticket stands. `clock` tells whether its deadline is running."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    clock: bool
    ended: bool = False


class Transition(BaseModel):
    """One thing that may be done to a ticket.

    `to` is None when the state stays as it is. `told` is what the resident hears, or None; one who
    did the act in the chat is answered there instead.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: str = Field(pattern=r"^[a-z_]+$")
    label: str
    sources: tuple[str, ...] = Field(alias="from", min_length=1)
    to: str | None = None
    roles: tuple[Role, ...] = Field(min_length=1)
    needs_note: bool = False
    told: str | None = None

    def tell(self, *, number: str, department: str, status: str, note: str = "") -> str | None:
        """What the resident hears, or None. `status` is the label of the state after the act."""
        if self.told is None:
            return None
        return self.told.format(
            number=number, department=department, status=status, note=note
        ).strip()


class Lifecycle(BaseModel):
    """All states by code and all transitions by action; `initial` is where a ticket begins."""

    model_config = ConfigDict(frozen=True)

    initial: str
    states: dict[str, State]
    transitions: dict[str, Transition]

    def after(self, state: str, action: str, role: Role) -> str | None:
        """The state that `action` by `role` leads to from `state`; None when it is not allowed."""
        transition = self.transitions.get(action)
        if transition is None or state not in transition.sources or role not in transition.roles:
            return None
        return transition.to or state

    def allowed(self, state: str, role: Role) -> list[Transition]:
        """What `role` may do to a ticket in `state`, in the order of the file."""
        return [t for t in self.transitions.values() if self.after(state, t.action, role)]


def problem_of(transition: Transition, states: dict[str, State]) -> str | None:
    """What is wrong with a transition among these states, or None."""
    for state in (*transition.sources, *((transition.to,) if transition.to else ())):
        if state not in states:
            return f"unknown state {state!r}"
    for state in transition.sources:
        if states[state].ended:
            return f"leads out of {state!r}, which is an end"
    try:
        fields = [field for _, field, _, _ in Formatter().parse(transition.told or "")]
    except ValueError as error:
        return f"told: {error}"
    for field in fields:
        if field is not None and field not in TOLD_VARIABLES:
            known = ", ".join(sorted(TOLD_VARIABLES))
            return f"told: unknown variable {{{field}}}, known are {known}"
    return None
