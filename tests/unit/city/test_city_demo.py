"""The demo city is complete and its numbers agree with each other."""

from __future__ import annotations

import csv
import re
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

import pytest
import yaml

from desk.city import City, category_of, department_named
from desk.settings import ROOT

FAQ = sorted((ROOT / "nlu_data" / "faq").glob("*.yml"))
PHONE = re.compile(r"0999-\d{7}")


def answers() -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for file in FAQ:
        found += cast("list[dict[str, str]]", yaml.safe_load(file.read_text(encoding="utf-8")))
    return found


def test_the_catalogue_has_all_levels(city: City) -> None:
    levels = [len(code) for code in city.catalogue]
    assert (levels.count(2), levels.count(4)) == (14, 99)
    assert city.topic_name("0305") == "城市设施管理"
    assert city.topic_name("") == ""
    with (ROOT / "cities" / "demo" / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        assert all(row[1].strip() for row in csv.reader(file))


@pytest.mark.parametrize("topic", ["0305", "030503", "0402", "0306"])
def test_a_place_is_asked_where_the_matter_has_one(city: City, topic: str) -> None:
    category = category_of(city, topic)
    assert category is not None
    assert category.needs_place


@pytest.mark.parametrize("topic", ["0801", "0701", "080102", "1001"])
def test_no_place_is_asked_where_the_matter_has_none(city: City, topic: str) -> None:
    category = category_of(city, topic)
    assert category is not None
    assert not category.needs_place


def test_an_unknown_topic_has_no_category(city: City) -> None:
    assert category_of(city, "") is None
    assert category_of(city, "0000") is None


def test_people_sit_at_the_desk_in_working_hours_of_the_city(city: City) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    assert city.staffed(datetime(2026, 3, 2, 8, 30, tzinfo=zone))  # a Monday
    assert not city.staffed(datetime(2026, 3, 2, 20, 0, tzinfo=zone))
    assert not city.staffed(datetime(2026, 3, 1, 17, 30, tzinfo=zone))
    assert city.staffed(datetime(2026, 3, 2, 0, 30, tzinfo=ZoneInfo("UTC")))


def test_every_number_that_residents_are_given_belongs_to_a_department(city: City) -> None:
    known = {department.phone for department in city.departments.values()}
    texts = [t.told for t in (*city.dangers, *city.refusals)]
    texts += [city.profile.privacy.contact, *(item["answer"] for item in answers())]
    given = {number for text in texts for number in PHONE.findall(text)}
    assert given <= known, sorted(given - known)


def test_phones_are_not_shared_and_cannot_be_real(city: City) -> None:
    phones = [department.phone for department in city.departments.values()]
    assert len(set(phones)) == len(phones)
    # No subscriber's number begins with 0 behind the area code.
    assert all(phone.startswith("0999-0") for phone in phones)


def test_answers_are_short_and_under_topics_of_the_catalogue(city: City) -> None:
    entries = answers()
    assert len(entries) >= 75
    for item in entries:
        assert len(item["answer"]) <= 180, item["id"]
        assert len(item["variants"]) >= 4, item["id"]
        assert category_of(city, item["topic"]) is not None, item["id"]
    ways = [way for item in entries for way in (item["question"], *item["variants"])]
    assert len(set(ways)) == len(ways), sorted(w for w in set(ways) if ways.count(w) > 1)


def test_streets_and_roads_of_the_same_name_are_told_apart(city: City) -> None:
    roads = [place for place in city.places if place.name == "人民路"]
    assert {road.parent for road in roads} == {"东门街道", "城关镇"}
    assert any(place.name == "幸福里小区" and "幸福里" in place.aliases for place in city.places)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("气象局电话是多少", "weather"),
        ("车管所几点上班 电话多少", "traffic_police"),
        ("自来水公司的号码", "water_company"),
        ("东门街道办事处电话", "dongmen"),
        ("永安街道电话", "yongan"),
        ("市民政局联系方式", "civil_affairs"),
        ("湖滨区政府电话", "hubin"),
    ],
)
def test_a_department_is_found_by_what_people_call_it(city: City, text: str, code: str) -> None:
    department = department_named(city, text)
    assert department is not None
    assert department.code == code


def test_no_department_is_made_up(city: City) -> None:
    assert department_named(city, "火星局电话是多少") is None
