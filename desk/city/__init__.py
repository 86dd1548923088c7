"""A city is a folder of data: who it is, its topics, departments, places, rules and wording.

The room reads `cities/<name>/` once, at start-up, and answers questions about it without I/O.
"""

from desk.city.calendar import Calendar
from desk.city.deadlines import OfficeHours, Rule, Stage, StageCode, Unit, Urgency
from desk.city.errors import CityError
from desk.city.lifecycle import OPENED, Lifecycle, Needed, Role, State, Transition
from desk.city.loading import load_city
from desk.city.model import (
    Category,
    City,
    Department,
    DepartmentKind,
    Place,
    PlaceKind,
    Privacy,
    Profile,
)
from desk.city.questions import (
    bodies_at,
    category_of,
    danger_of,
    department_named,
    find_danger,
    find_refusal,
    named_places,
)
from desk.city.triggers import Danger, Refusal

__all__ = [
    "OPENED",
    "Calendar",
    "Category",
    "City",
    "CityError",
    "Danger",
    "Department",
    "DepartmentKind",
    "Lifecycle",
    "Needed",
    "OfficeHours",
    "Place",
    "PlaceKind",
    "Privacy",
    "Profile",
    "Refusal",
    "Role",
    "Rule",
    "Stage",
    "StageCode",
    "State",
    "Transition",
    "Unit",
    "Urgency",
    "bodies_at",
    "category_of",
    "danger_of",
    "department_named",
    "find_danger",
    "find_refusal",
    "load_city",
    "named_places",
]
