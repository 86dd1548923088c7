"""What is asked of a city about a message. Pure functions."""

from __future__ import annotations

from desk.city.model import Category, City, Department, Place, PlaceKind
from desk.city.triggers import ANY_DANGER, Danger, Refusal, fold

_AREAS = (PlaceKind.DISTRICT, PlaceKind.STREET, PlaceKind.COMMUNITY, PlaceKind.VILLAGE)


def find_danger(city: City, text: str) -> Danger | None:
    """The danger to life that a resident's words tell of; the first in the city's order."""
    folded = fold(text)
    return next((danger for danger in city.dangers if danger.found_in(folded)), None)


def danger_of(city: City, code: str) -> Danger:
    """The city's danger with this code; what helps in any, when the city has none with it."""
    dangers = {danger.code: danger for danger in city.dangers}
    return dangers.get(code) or dangers[ANY_DANGER]


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


def bodies_at(city: City, place: str) -> list[Department]:
    """The bodies responsible for where a place text points to, the nearest first: community, street,
    district. Among places that bear the same name (人民路) the other names in the text decide; where
    they do not, only what all of them lie in counts.
    """
    named = list(_bearers(city, place).values())
    chains = [_upwards(city, bearer) for bearers in named for bearer in bearers]
    if not chains:
        return []

    def fit(chain: list[str]) -> tuple[int, int]:
        """How many of the names can lie together with this one, and how exact it is."""
        here = set(chain) - {city.name}
        return sum(any(here & set(_upwards(city, b)) for b in n) for n in named), len(chain)

    best = max(map(fit, chains))
    likely = [chain for chain in chains if fit(chain) == best]
    owners = {owned: body for body in city.departments.values() for owned in body.places}
    return [
        owners[name]
        for name in likely[0]
        if name in owners and all(name in chain for chain in likely)
    ]


def named_places(city: City, text: str) -> list[tuple[str, Place]]:
    """The names of places in a text, as they are written there, with a place that bears each."""
    return [(name, bearers[0]) for name, bearers in _bearers(city, text).items()]


def _bearers(city: City, text: str) -> dict[str, list[Place]]:
    """For every name in a text the places that bear it. A name inside a longer one does not count
    (建设路 in 建设路小学)."""
    bearers: dict[str, list[Place]] = {}
    for place in city.places:
        for name in {place.name, *place.aliases}:
            if name in text:
                bearers.setdefault(name, []).append(place)
    return {
        name: bearing
        for name, bearing in bearers.items()
        if not any(name != longer and name in longer for longer in bearers)
    }


def _upwards(city: City, place: Place) -> list[str]:
    """The names of a place and of all it lies in, the smallest first."""
    parents = {area.name: area.parent for area in city.places if area.kind in _AREAS}
    chain = [place.name, place.parent]
    while chain[-1] in parents:
        chain.append(parents[chain[-1]])
    return chain
