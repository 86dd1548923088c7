"""The city's telephone directory: “住建局电话多少”."""

from __future__ import annotations

import re
from dataclasses import dataclass

from desk.city import City

_NUMBER = r"(电话|号码|热线|联系方式)(号码?)?"
_ASKS_NUMBER = re.compile(
    rf"{_NUMBER}(是|怎么)?(多少|什么|几|查|有吗|给我|发我|告诉我|呢|吗)|"
    rf"(多少(?![次遍回])|什么|哪个|告诉我|给我|发我|查|有没有|知道|求|问)[^，。！？]{{0,12}}{_NUMBER}|"
    rf"^[^，。！？]{{2,14}}的?{_NUMBER}[?？。 ]*$|怎么联系"
)
# Nobody is named (“电话给我一个我直接打”).
_BARE = re.compile(
    rf"(?:那|把|请|麻烦|能|可以|有没有|有|要|给我?|我要|我想要|他们|对方|部门|单位|承办|负责|人|那边|的|联系|个)*{_NUMBER}"
    r"(?:给|发|告诉|报|我|一?个|一下|是|多少|呢|吗|吧|直接|自己|来|去|打|问|有|\W)*"
)
_OURS = re.compile(r"你们|您们|热线|客服|人工|政府")


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of the directory."""

    name: str
    phone: str


def asks_number(text: str) -> bool:
    """Whether a text asks for a telephone number."""
    return bool(_ASKS_NUMBER.search(text))


def number_asked(city: City, text: str, handling: str | None = None) -> Listed | None:
    """Whose number a text asks for; None when it asks for none that we know. `handling`: the department
    that a question naming nobody is about."""
    if not asks_number(text):
        return None
    bare = bool(_BARE.fullmatch(text.strip()))
    if bare and handling:
        return Listed(city.departments[handling].name, city.departments[handling].phone)
    known = [
        (len(name), Listed(department.name, department.phone))
        for department in city.departments.values()
        for name in (department.name, *department.aliases)
        if name in text
    ]
    if known:
        return max(known, key=lambda found: found[0])[1]
    hotline = city.profile.hotline
    return Listed(hotline.name, hotline.number) if bare or _OURS.search(text) else None
