"""A resident's answer to the three questions of 回访, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# 五级好差评, worst first: a satisfaction of 1 is the first, 5 the last (GB/T 39735: 非常满意、满意、基本满意、
# 不满意、非常不满意; the first three count as satisfied).
LEVELS = ("非常不满意", "不满意", "基本满意", "满意", "非常满意")
SATISFIED = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said; None where nothing was. `contacted`: whether the body that handled it got in
    touch; `solved`; `satisfaction`: 1 to 5, see LEVELS; `comment`: in the resident's words."""

    contacted: bool | None = None
    solved: bool | None = None
    satisfaction: int | None = None
    comment: str = ""

    def __post_init__(self) -> None:
        if self.satisfaction is not None and not 1 <= self.satisfaction <= len(LEVELS):
            raise ValueError(f"satisfaction is 1 to {len(LEVELS)}")

    @property
    def discontent(self) -> bool:
        """Whether something is left to be done: not solved, or dissatisfied."""
        return self.solved is False or (self.satisfaction is not None and not self.satisfied)

    @property
    def satisfied(self) -> bool:
        """Whether the resident says so. Silence is not."""
        return self.satisfaction is not None and self.satisfaction >= SATISFIED

    def after(self, earlier: Answer) -> Answer:
        """The answer on top of an earlier one about the same handling: what is said now counts, what
        is not said now stays, unless it is contradicted: “没解决” takes a “满意” back, and “满意” a
        “没解决”."""
        solved, satisfaction = earlier.solved, earlier.satisfaction
        if self.satisfied and solved is False:
            solved = None
        if self.solved is False and earlier.satisfied:
            satisfaction = None
        comments = [words for words in (earlier.comment, self.comment) if words]
        return Answer(
            contacted=earlier.contacted if self.contacted is None else self.contacted,
            solved=solved if self.solved is None else self.solved,
            satisfaction=satisfaction if self.satisfaction is None else self.satisfaction,
            comment="\n".join(dict.fromkeys(comments)),
        )


class Follows(StrEnum):
    """What a review leads to."""

    NOTHING = "nothing"
    REDO = "redo"
    PERSON = "person"


def what_follows(answer: Answer, handled: int) -> Follows:
    """`handled`: how often the matter was handled, this time included. The first discontent sends it
    back by itself (重办); a further one goes to a person, so that nobody is sent round in circles."""
    if not answer.discontent:
        return Follows.NOTHING
    return Follows.REDO if handled <= 1 else Follows.PERSON
