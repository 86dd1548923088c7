"""When two matters are taken for one: what they say, where, about what and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.city import load_city
from desk.tickets.duplicates.score import LEAST_WORDS, THRESHOLD, Told, compare, told, words_of
from desk.tickets.duplicates.terms import filed_under, looked_up

CITY = load_city(Path("cities/demo"))
NOON = datetime(2026, 11, 25, 4, tzinfo=UTC)


def matter(
    description: str,
    place: str | None = None,
    *,
    topic: str = "",
    days: float = 0,
    point: tuple[float, float] | None = None,
) -> Told:
    return told(
        CITY,
        description=description,
        place=place,
        topic=topic,
        at=NOON + timedelta(days=days),
        point=point,
    )


MANHOLE = matter("人民路12号门口的井盖不见了，晚上很危险", topic="0402")


@pytest.mark.parametrize(
    "other",
    [
        matter("人民路12号门口的井盖不见了，晚上很危险", topic="0402", days=2),
        matter("井盖丢了，留着一个大洞", "人民路12号", days=1),
        matter("人民路14号前面井盖没有了，老人踩空", topic="0402"),
    ],
)
def test_the_same_thing_in_other_words_is_one_matter(other: Told) -> None:
    likeness = compare(CITY, MANHOLE, other)
    assert likeness.same
    assert any("井盖" in reason for reason in likeness.reasons)
    assert any("人民路" in reason for reason in likeness.reasons)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(matter("人民路12号楼下烧烤摊油烟呛人", topic="0402"), id="other problem"),
        pytest.param(matter("人民路12号", topic="0402"), id="only the place"),
        pytest.param(
            matter("建设路12号门口的井盖不见了，晚上很危险", topic="0402"), id="other road"
        ),
        pytest.param(matter("人民路350号门口的井盖不见了", topic="0402"), id="far along the road"),
        pytest.param(matter("井盖不见了", topic="0402"), id="nobody knows where"),
        pytest.param(matter("", topic="0402"), id="nothing said"),
    ],
)
def test_what_differs_in_place_or_problem_stays_apart(other: Told) -> None:
    likeness = compare(CITY, MANHOLE, other)
    assert not likeness.same
    assert likeness.points == 0


def test_the_same_letter_about_another_estate_is_another_matter() -> None:
    letter = "底层餐馆没有专用烟道，油烟直接排进楼道，窗户打不开，多次找物业也没有结果，请尽快查处"
    one, other = matter(f"锦绣花园{letter}"), matter(f"东风小区{letter}")
    assert compare(CITY, one, one).same
    apart = compare(CITY, one, other)
    assert not apart.same
    assert "地点不同：锦绣花园、东风小区" in apart.reasons


def test_a_road_of_that_name_in_another_district_is_another_road() -> None:
    there = "人民路12号门口的井盖不见了"
    assert compare(CITY, matter(f"澜东区{there}"), matter(there)).same
    apart = compare(CITY, matter(f"澜东区{there}"), matter(f"湖滨区{there}"))
    assert not apart.same


def test_without_a_place_a_whole_letter_is_needed() -> None:
    letter = "退休教师的企业年金补发到哪一年，同一所学校有的人补了三年，有的人只补了一年，请人社局说明标准"
    assert compare(CITY, matter(letter), matter(letter, days=3)).same
    assert not compare(CITY, matter("企业年金"), matter("企业年金")).same


def test_points_of_telephones_decide_when_no_name_does() -> None:
    # A thousandth of a degree of latitude is 111 m: 33 m, 222 m and 666 m north of the first.
    here, near, further, away = (
        matter("路灯坏了不亮", point=(29.8 + degrees, 123.44))
        for degrees in (0, 0.0003, 0.002, 0.006)
    )
    assert compare(CITY, here, near).same
    assert "相距约33米" in compare(CITY, here, near).reasons
    assert not compare(CITY, here, further).same
    assert "相距约0.7公里" in compare(CITY, here, away).reasons


def test_the_points_of_the_parts_add_up() -> None:
    likeness = compare(CITY, MANHOLE, MANHOLE)
    # All words (100), the same number of the road (15), topic (8) and day (4).
    assert (likeness.words, likeness.place, likeness.topic, likeness.time) == (100, 15, 8, 4)
    assert likeness.points == 127
    later = compare(CITY, MANHOLE, matter("人民路12号门口的井盖不见了，晚上很危险", days=91))
    assert (later.topic, later.time, later.points) == (0, -4, 111)


def test_place_topic_and_day_together_are_not_enough() -> None:
    assert THRESHOLD > 15 + 8 + 4


def test_politeness_and_how_bad_it_is_are_no_words() -> None:
    assert not words_of("尊敬的领导您好，请有关部门尽快处理，严重影响居民生活，谢谢！")
    assert words_of("油烟") == ("油烟",)


SAID = st.text("人民路井盖路灯坏了油烟噪音小区东门12号，。 ", max_size=40)
MATTERS = st.builds(matter, SAID, st.none() | SAID, days=st.integers(0, 200))


@given(MATTERS, MATTERS)
def test_it_does_not_matter_which_comes_first(one: Told, other: Told) -> None:
    there, back = compare(CITY, one, other), compare(CITY, other, one)
    assert (there.points, there.same) == (back.points, back.same)
    assert not there.same or there.words >= LEAST_WORDS


@given(MATTERS)
def test_a_matter_is_found_under_its_own_terms(one: Told) -> None:
    assert filed_under(one) <= set(looked_up(one))
