"""A posted request: checked against the specification and the service's questions. Pure functions."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from desk.api.open311.moments import w3c
from desk.api.open311.rendering import Open311Error
from desk.api.open311.services import DETAIL, HAPPENED, TYPE, TYPES, attributes, service_of
from desk.city import Category, City
from desk.tickets import Matter

LONGEST = 4000
"""Characters of a description (GeoReport v2)."""
LONGEST_ANSWER = 200
LONGEST_URL = 2000
_ATTRIBUTE = re.compile(r"attribute\[([^\[\]]{1,60})\](?:\[\d*\])?")
# Besides line breaks no control character has a meaning here, and the database takes no NUL.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_PHONE = re.compile(r"[0-9+-]{7,20}")


@dataclass(frozen=True, slots=True)
class Submission:
    """What was posted, fit to open a ticket with. Name, e-mail, device and account are not kept: the
    city does not need them."""

    matter: Matter
    attributes: dict[str, str]
    media_url: str


def parse(city: City, form: Mapping[str, str]) -> Submission:
    """The submission of a form's fields. Raises Open311Error with all that is wrong with it."""
    given = {name: text for name, value in form.items() if (text := _clean(value))}
    if "service_code" not in given:
        raise Open311Error((400, "缺少 service_code"))
    category = service_of(city, given["service_code"])
    wrong: list[tuple[int, str]] = []
    answers = _answers(city, category, form, wrong)
    description = given.get("description", "")
    if len(description) > LONGEST:
        wrong.append((400, f"description 最多{LONGEST}个字"))
    phone = re.sub(r"[\s()（）]", "", unicodedata.normalize("NFKC", given.get("phone", "")))
    if phone and not _PHONE.fullmatch(phone):
        wrong.append((400, "phone 不是电话号码"))
    media_url = given.get("media_url", "")
    if media_url and not _is_web_address(media_url):
        wrong.append((400, f"media_url 应是不超过{LONGEST_URL}个字的 http 或 https 地址"))
    place, point = _location(city, given, wrong)
    if wrong:
        raise Open311Error(*wrong)
    happened = answers.get(HAPPENED)
    return Submission(
        matter=Matter(
            type=answers[TYPE],
            topic=category.code,
            description=(description or category.name)
            + (f"\n（发生时间：{happened}）" if happened else ""),
            messages=(),
            place=" ".join(part for part in (place, answers.get(DETAIL)) if part) or None,
            latitude=point[0] if point else None,
            longitude=point[1] if point else None,
            datum="wgs84" if point else None,
            phone=phone or None,
        ),
        attributes=answers,
        media_url=media_url,
    )


def _location(
    city: City, given: Mapping[str, str], wrong: list[tuple[int, str]]
) -> tuple[str | None, tuple[float, float] | None]:
    """Where it is: a place in words, and a point (latitude, longitude). One of them is required."""
    place = given.get("address_string")
    point: tuple[float, float] | None = None
    if place and len(place) > LONGEST_ANSWER:
        wrong.append((400, f"address_string 最多{LONGEST_ANSWER}个字"))
    if address_id := given.get("address_id"):
        known = next((p for p in city.places if f"{p.parent}/{p.name}" == address_id), None)
        if known is None:
            wrong.append((400, "没有这个 address_id"))
        else:
            place, point = place or f"{known.parent}{known.name}", known.at
    if "lat" in given or "long" in given:
        point = _point(given.get("lat", ""), given.get("long", ""))
        if point is None:
            wrong.append((400, "lat 和 long 要一起给，是 WGS-84 的度数"))
    elif not place and not address_id:
        wrong.append((400, "缺少地点：lat 和 long，或者 address_string，或者 address_id"))
    return place, point


def _point(lat: str, long: str) -> tuple[float, float] | None:
    try:
        latitude, longitude = float(lat), float(long)
    except ValueError:
        return None
    inside = math.isfinite(latitude) and abs(latitude) <= 90 and abs(longitude) <= 180
    return (latitude, longitude) if inside else None


def _answers(
    city: City, category: Category, form: Mapping[str, str], wrong: list[tuple[int, str]]
) -> dict[str, str]:
    """What the service's questions were answered; what it does not ask is left out."""
    told: dict[str, str] = {}
    for name, value in form.items():
        if (found := _ATTRIBUTE.fullmatch(name)) and (text := _clean(value)):
            told[found[1]] = text
    asked = {one["code"]: one for one in attributes(city, category)}
    for code, one in asked.items():
        if one["required"] and code not in told:
            wrong.append((400, f"缺少 attribute[{code}]：{one['description']}"))
    if told.get(TYPE, TYPES[0]) not in TYPES:
        wrong.append((400, f"attribute[{TYPE}] 应是 {'、'.join(TYPES)} 之一"))
    if HAPPENED in asked and HAPPENED in told:
        try:
            w3c(told[HAPPENED], city.zone)
        except ValueError:
            wrong.append((400, f"attribute[{HAPPENED}] 应是带时区的 W3C 日期时间"))
    if len(told.get(DETAIL, "")) > LONGEST_ANSWER:
        wrong.append((400, f"attribute[{DETAIL}] 最多{LONGEST_ANSWER}个字"))
    return {code: told[code] for code in asked if code in told}


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and len(text) <= LONGEST_URL


def _clean(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub(" ", lines).encode("utf-8", "replace").decode().strip()
