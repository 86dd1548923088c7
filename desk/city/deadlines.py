"""Until when what has to be done: rules of the city, on the ground of a pack that comes with us.

A rule gives a stage of a ticket its time, for tickets of some urgency, type or topic. The first rule
that fits is taken, the city's own before those of its pack.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import time
from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from desk.city.lifecycle import OPENED

Urgency = Literal["normal", "urgent", "critical"]
RequestType = Literal[
    "consultation", "complaint", "violation", "incident", "help", "suggestion", "praise", "other"
]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Unit(StrEnum):
    """What a term is measured in. Hours run from the moment; days end at midnight of the last one."""

    HOURS = "hours"
    WORKING_HOURS = "working_hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"


class StageCode(StrEnum):
    """What a deadline is for: 派单, 首次联系居民, 办结."""

    DISPATCH = "dispatch"
    RESPOND = "respond"
    RESOLVE = "resolve"


class OfficeHours(_Entry):
    """Hours of a working day, in the city's zone; the end is not included."""

    start: time = Field(alias="from")
    end: time = Field(alias="to")

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.end <= self.start:
            raise ValueError("ends before it begins")
        return self


class When(_Entry):
    """Which tickets a rule is for: all that is given must fit. `topic`: codes of the catalogue, with
    everything below them. `again`: only when a matter is handled anew (重办)."""

    urgency: tuple[Urgency, ...] = ()
    type: tuple[RequestType, ...] = ()
    topic: tuple[str, ...] = ()
    again: bool = False

    def fits(self, urgency: str, request_type: str, topic: str, *, again: bool) -> bool:
        """Whether a ticket is one of them."""
        return (
            (not self.urgency or urgency in self.urgency)
            and (not self.type or request_type in self.type)
            and (not self.topic or topic.startswith(self.topic))
            and (again or not self.again)
        )


class Rule(_Entry):
    """The time that a stage has.

    Days are counted from the next one (民法典第二百零一条: 开始的当日不计入), or with `same_day` from the
    day itself. `longest`: how far an approved extension may go, from the same start and in the same
    unit. `basis`: the clause that it comes from.
    """

    code: str = Field(pattern=r"^[a-z0-9_]+$")
    stage: StageCode
    when: When = When()
    amount: int = Field(gt=0, le=1000)
    unit: Unit
    same_day: bool = False
    longest: int | None = Field(default=None, gt=0, le=1000)
    basis: str

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.same_day and self.unit in (Unit.HOURS, Unit.WORKING_HOURS):
            raise ValueError("same_day is for days")
        if self.longest is not None and self.longest < self.amount:
            raise ValueError("longest is shorter than amount")
        return self


class Stage(_Entry):
    """The steps of the lifecycle that begin a stage, begin it anew, end it, and lengthen it.

    `starts` may name `open`, the first step of every ticket. A step of `restarts` begins a new round,
    or sets one that still runs back to its beginning. `requests`, `extends` and `denies`: 延期申请,
    its approval, its refusal.
    """

    starts: tuple[str, ...] = Field(min_length=1)
    restarts: tuple[str, ...] = ()
    meets: tuple[str, ...] = Field(min_length=1)
    requests: tuple[str, ...] = ()
    extends: tuple[str, ...] = ()
    denies: tuple[str, ...] = ()

    @property
    def actions(self) -> set[str]:
        """All steps that it names."""
        return {
            *self.starts,
            *self.restarts,
            *self.meets,
            *self.requests,
            *self.extends,
            *self.denies,
        }


class Pack(_Entry):
    """A set of rules as a standard or a kind of city has it. `yellow`: the share of the time after
    which a ticket gets a yellow card (黄牌); the red one (红牌) comes when it is over."""

    pack: str
    version: int = Field(ge=1)
    title: str
    source: str
    yellow: float = Field(gt=0, lt=1)
    hours: tuple[OfficeHours, ...] = Field(min_length=1)
    stages: dict[StageCode, Stage]
    rules: tuple[Rule, ...] = Field(min_length=1)


class Overrides(_Entry):
    """The city's file: which pack, and what is different here."""

    pack: str
    version: int = Field(ge=1)
    yellow: float | None = Field(default=None, gt=0, lt=1)
    hours: tuple[OfficeHours, ...] | None = None
    stages: dict[StageCode, Stage] = Field(default_factory=dict[StageCode, Stage])
    rules: tuple[Rule, ...] = ()


class DeadlineRules(BaseModel):
    """What holds in the city: its pack with its own changes. `version` names both."""

    model_config = ConfigDict(frozen=True)

    version: str
    title: str
    yellow: float
    hours: tuple[OfficeHours, ...]
    stages: dict[StageCode, Stage]
    rules: tuple[Rule, ...]

    def rule(
        self, stage: StageCode, *, urgency: str, request_type: str, topic: str, again: bool
    ) -> Rule | None:
        """The rule for a ticket's stage; None when it has no deadline."""
        for rule in self.rules:
            if rule.stage is stage and rule.when.fits(urgency, request_type, topic, again=again):
                return rule
        return None


def combine(pack: Pack, city: Overrides) -> DeadlineRules:
    """The pack's rules with the city's own in front of them."""
    return DeadlineRules(
        version=f"{pack.pack}.{pack.version}/{city.version}",
        title=pack.title,
        yellow=city.yellow or pack.yellow,
        hours=city.hours or pack.hours,
        stages={**pack.stages, **city.stages},
        rules=(*city.rules, *pack.rules),
    )


def rules_problem(
    rules: DeadlineRules, actions: Iterable[str], catalogue: Mapping[str, str]
) -> tuple[str, str] | None:
    """The entry that does not agree with the lifecycle or the catalogue and why, or None."""
    known = {OPENED, *actions}
    for code, stage in rules.stages.items():
        for action in sorted(stage.actions - known):
            return code, f"unknown step {action!r} (lifecycle.yml)"
    seen: set[str] = set()
    for rule in rules.rules:
        if rule.code in seen:
            return rule.code, "is given twice"
        seen.add(rule.code)
        if rule.stage not in rules.stages:
            return rule.code, f"unknown stage {rule.stage!r}"
        for topic in rule.when.topic:
            if topic not in catalogue:
                return rule.code, f"unknown topic {topic!r}"
    return None
