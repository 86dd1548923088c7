"""Whose matter it is (派单): from the city's directory, where it happens, and how it went before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from desk.city import City, Department, DepartmentKind, bodies_at, category_of

GRASSROOTS = (DepartmentKind.STREET, DepartmentKind.COMMUNITY)
# The directory's word counts as much as so many tickets; without a place where one is needed, or in
# a category that names no case, a mistake is likelier.
DIRECTORY_WEIGHT = 10
CERTAIN, UNCERTAIN = 0.95, 0.7
# One ticket sent back (退单) speaks louder than one that was simply done.
RETURN_WEIGHT = 2


@dataclass(frozen=True, slots=True)
class Record:
    """How tickets of a topic went at one department: `resolved` there, `returned` by it."""

    resolved: int = 0
    returned: int = 0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Who should handle a matter (主办) and who should help (协办), by code.

    `department` is None when the directory does not know the topic. `confidence` is 0 to 1, `reason`
    in the staff's language. `others` were handed such matters too, the likeliest first.
    """

    department: str | None
    assisting: tuple[str, ...] = ()
    confidence: float = 0.0
    reason: str = "事项不明，请人工判断"
    others: tuple[str, ...] = ()


def suggest(
    city: City, topic: str, text: str, place: str | None, record: Mapping[str, Record] | None = None
) -> Suggestion:
    """Who should handle a matter of this `topic` (a code), told in `text`, at `place`.

    `record` is what became of the latest tickets of the same topic, by department.
    """
    category = category_of(city, topic)
    if category is None:
        return Suggestion(None)
    case = next((c for c in category.cases if any(word in text for word in c.words)), category)
    bodies = bodies_at(city, place or "")
    district = next((b for b in bodies if b.kind is DepartmentKind.DISTRICT), None)
    local = next((b for b in bodies if b.kind.value == category.at_place), None)
    reasons = [f"事项“{category.name}”"]
    assisting = list(case.assist)
    if local:
        chosen = local
        reasons.append(f"属地办理，地点在{local.name}辖区")
        assisting.insert(0, case.department)
    else:
        chosen = city.departments[case.department]
        if case is not category:
            reasons.append(f"提到的情况归{chosen.name}")
        if category.at_place:
            reasons.append("属地办理但地点不明")
        elif district and category.needs_place:
            assisting.append(district.code)
    certain = bool(local) or not (category.at_place or (category.cases and case is category))
    weights = {chosen.code: DIRECTORY_WEIGHT * (CERTAIN if certain else UNCERTAIN)}
    for code, went in (record or {}).items():
        rival = city.departments.get(code)
        # What is done at the place is no rival to another place.
        if rival and (code == chosen.code or _is_departmental(rival)):
            weights[code] = weights.get(code, 0.0) + went.resolved - RETURN_WEIGHT * went.returned
    best = chosen.code if local else max(weights, key=lambda code: weights[code])
    went = (record or {}).get(best, Record())
    if went.resolved or went.returned:
        reasons.append(f"近期同类工单它办结{went.resolved}件、退单{went.returned}件")
    total = max(DIRECTORY_WEIGHT, sum(max(0.0, weight) for weight in weights.values()))
    return Suggestion(
        department=best,
        assisting=tuple(code for code in dict.fromkeys(assisting) if code != best),
        confidence=round(max(0.0, weights[best]) / total, 2),
        reason="；".join(reasons),
        others=tuple(
            code
            for code in sorted(weights, key=lambda code: -weights[code])
            if code != best and weights[code] > 0
        ),
    )


def may_handle(city: City, topic: str, department: Department) -> bool:
    """Whether a matter of this topic may be given to a body. What belongs to a department never goes
    to the grassroots, and nothing goes to a community as its own (国办函〔2025〕66号)."""
    if department.kind not in GRASSROOTS:
        return True
    category = category_of(city, topic)
    return bool(
        category and category.at_place == "street" and department.kind is DepartmentKind.STREET
    )


def _is_departmental(body: Department) -> bool:
    return body.kind in (DepartmentKind.DEPARTMENT, DepartmentKind.UTILITY)
