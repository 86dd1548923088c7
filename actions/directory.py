"""The city's telephone directory: “住建局电话多少”."""

from __future__ import annotations

import re

from desk.city import City, Department

_NUMBER = r"(电话|号码|热线|联系方式)(号码?)?"
_ASKS_NUMBER = re.compile(
    rf"{_NUMBER}(是|怎么)?(多少|什么|几|查|有吗|给我|发我|告诉我|呢|吗)|"
    rf"(多少|什么|哪个|告诉我|给我|发我|查|有没有|知道|求|问)[^，。！？]{{0,12}}{_NUMBER}|"
    rf"^[^，。！？]{{2,14}}的?{_NUMBER}[?？。 ]*$|怎么联系"
)


def department_asked(city: City, text: str) -> Department | None:
    """The department whose number a text asks for; None when it asks for none that we know."""
    if not _ASKS_NUMBER.search(text):
        return None
    known = [
        (len(name), department)
        for department in city.departments.values()
        for name in (department.name, *department.aliases)
        if name in text
    ]
    return max(known, key=lambda found: found[0])[1] if known else None
