"""Whose matter it is: the demo city's directory, places and precedents."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.city import City, DepartmentKind, bodies_at, load_city
from desk.settings import ROOT
from desk.tickets.dispatch import Record, may_handle, suggest

CITY: City = load_city(ROOT / "cities" / "demo")


@pytest.mark.parametrize(
    ("place", "bodies"),
    [
        ("幸福里小区3号楼", ["yongan", "landong"]),
        ("永安社区", ["yongan", "landong"]),
        ("幸福里社区居委会对面", ["xingfuli", "yongan", "landong"]),
        ("人民路12号", []),  # there is one in Landong and one in Shiqiao
        ("城关镇人民路", ["chengguan", "shiqiao"]),
        ("石桥县人民路", ["chengguan", "shiqiao"]),
        ("人民路和建设路路口", ["landong"]),  # 建设路 is in Landong, so this 人民路 is as well
        ("青澜市", []),
        ("火星", []),
        ("", []),
    ],
)
def test_bodies_at_a_place(place: str, bodies: list[str]) -> None:
    found = [body.code for body in bodies_at(CITY, place)]
    assert found == bodies


@pytest.mark.parametrize(
    ("topic", "words", "place", "department", "assisting"),
    [
        ("0305", "路灯不亮", "幸福里小区", "lighting", {"landong"}),
        (
            "030501",
            "井盖没了",
            "幸福里小区",
            "municipal_works",
            {"lighting", "sanitation", "landong"},
        ),
        ("0306", "物业不管", "幸福里小区", "landong", {"housing"}),
        ("0306", "物业不管", None, "housing", set[str]()),
        ("0903", "业委会选举", "永安社区", "yongan", {"civil_affairs", "housing"}),
        ("0904", "停电了", "东门新村", "power_company", {"landong"}),
        ("0904", "水龙头没水", "东门新村", "water_company", {"landong"}),
        ("0301", "公积金提取", None, "provident_fund", set[str]()),
        ("", "不知道什么事", None, None, set[str]()),
    ],
)
def test_suggestion(
    topic: str, words: str, place: str | None, department: str | None, assisting: set[str]
) -> None:
    found = suggest(CITY, topic, words, place)
    assert found.department == department
    assert set(found.assisting) == assisting


def test_a_suggestion_says_why_and_how_sure_it_is() -> None:
    known = suggest(CITY, "0306", "物业不管", "幸福里小区")
    unknown = suggest(CITY, "0306", "物业不管", None)
    assert "澜东区政府" in known.reason
    assert "地点不明" in unknown.reason
    assert unknown.confidence < known.confidence


def test_precedents_overrule_the_directory_only_when_they_are_many() -> None:
    few = {"ecology": Record(resolved=1, returned=1), "urban_management": Record(resolved=3)}
    many = {"ecology": Record(resolved=2, returned=8), "urban_management": Record(resolved=40)}
    assert suggest(CITY, "0402", "半夜有异味", None, few).department == "ecology"
    changed = suggest(CITY, "0402", "半夜有异味", None, many)
    assert changed.department == "urban_management"
    assert "办结40件" in changed.reason


def test_another_district_is_no_rival() -> None:
    elsewhere = {"hubin": Record(resolved=500)}
    assert suggest(CITY, "0306", "物业不管", "幸福里小区", elsewhere).department == "landong"


def test_work_of_a_department_never_goes_to_the_grassroots() -> None:
    bodies = CITY.departments
    assert not may_handle(CITY, "0402", bodies["yongan"])
    assert not may_handle(CITY, "0306", bodies["yongan"])  # the district's, not the street's
    assert may_handle(CITY, "0903", bodies["yongan"])
    assert not may_handle(CITY, "0903", bodies["xingfuli"])
    assert may_handle(CITY, "0402", bodies["landong"])


@given(
    topic=st.sampled_from(["", *CITY.catalogue]),
    place=st.sampled_from([None, *(place.name for place in CITY.places)]),
    record=st.dictionaries(
        st.sampled_from(list(CITY.departments)),
        st.builds(Record, st.integers(0, 60), st.integers(0, 60)),
        max_size=5,
    ),
)
def test_every_suggestion_may_be_followed(
    topic: str, place: str | None, record: dict[str, Record]
) -> None:
    found = suggest(CITY, topic, "", place, record)
    assert 0 <= found.confidence <= 1
    assert found.department not in found.assisting
    if found.department:
        body = CITY.departments[found.department]
        assert may_handle(CITY, topic, body)
        assert body.kind is not DepartmentKind.COMMUNITY
