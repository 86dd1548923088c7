"""What is asked of a city about a message. Pure functions."""

from __future__ import annotations

from desk.city.model import Category, City, Department
from desk.city.triggers import Danger, Refusal, fold


def find_danger(city: City, text: str) -> Danger | None:
    """The danger to life that a resident's words tell of; the first in the city's order."""
    folded = fold(text)
    return next((danger for danger in city.dangers if danger.found_in(folded)), None)


def find_refusal(city: City, text: str, topic: str) -> Refusal | None:
    """Why the city does not accept this matter, or None. `topic` is a code, or empty."""
    folded = fold(text)
    for refusal in city.refusals:
        fits = not refusal.topics or topic[:4] in refusal.topics
        if fits and refusal.found_in(folded):
            return refusal
    return None


def category_of(city: City, topic_code: str) -> Category | None:
    """The second-level category that a second- or third-level code belongs to."""
    return city.categories.get(topic_code[:4])


def department_named(city: City, text: str) -> Department | None:
    """The department that a text names in full, by what people call it, or by its own place; the
    longest name wins. For questions such as “民政局电话是多少”.
    """
    named = [
        (len(name), department)
        for department in city.departments.values()
        for name in (department.name, *department.aliases, *department.places)
        if name in text
    ]
    return max(named, key=lambda pair: pair[0])[1] if named else None
