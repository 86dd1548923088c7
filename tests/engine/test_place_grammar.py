"""Where the names of places begin and end, given where the tagger saw one."""

from __future__ import annotations

import pytest

from bot.nlu.gazetteer import Gazetteer
from bot.nlu.place_grammar import choose, is_area, numbered_houses, repair, with_known_names
from bot.nlu.segmentation import Segmenter

SEGMENTER = Segmenter()


def repaired(text: str, *tagged: str) -> list[str]:
    """The places of a normalised text whose tagger marked `tagged`."""
    spans = [(text.index(name), text.index(name) + len(name)) for name in tagged]
    return [text[start:end] for start, end in repair(text, spans, SEGMENTER.cut(text))]


@pytest.mark.parametrize("tagged", ["陕西南路", "陕西南路123弄", "陕西南路123弄5号"])
def test_an_address_is_whole(tagged: str) -> None:
    assert repaired("陕西南路123弄5号漏水了", tagged) == ["陕西南路123弄5号"]


def test_a_crossing_marked_whole_stays_whole() -> None:
    text = "建设路与人民路交叉口红绿灯坏了"
    assert repaired(text, "建设路与人民路") == ["建设路与人民路交叉口"]


@pytest.mark.parametrize(
    ("text", "tagged", "expected"),
    [
        ("永安镇南桥街道几个棋牌室扰民", "永安镇南桥街", ["永安镇南桥街道"]),
        ("南桥街道路破损", "南桥街", ["南桥街"]),
        ("幸福里小区楼顶加盖玻璃", "幸福里小区楼顶", ["幸福里小区"]),
        ("图书馆周末闭馆太早", "图书馆", []),
        ("云州图书馆周末闭馆太早", "云州图书馆", ["云州图书馆"]),
        ("按中华人民共和国人口法应当给假", "中华人民共和国人口", []),
    ],
)
def test_a_name_that_was_cut_or_took_too_much_is_mended(
    text: str, tagged: str, expected: list[str]
) -> None:
    assert repaired(text, tagged) == expected


def test_a_stretch_between_two_roads_is_one_place() -> None:
    assert repaired("建设路与人民路之间积水", "建设路", "人民路") == ["建设路与人民路之间"]


def test_the_crossing_of_two_roads_is_one_place() -> None:
    assert repaired("建设路与人民路交叉口红绿灯坏了", "建设路", "人民路") == [
        "建设路与人民路交叉口"
    ]


def test_two_roads_that_do_not_meet_are_two_places() -> None:
    assert repaired("建设路和人民路都积水", "建设路", "人民路") == ["建设路", "人民路"]


@pytest.mark.parametrize(
    ("text", "tagged"),
    [
        ("请a市政府尽快处理", "a市"),
        ("上海市政府管不管", "上海市"),
        ("恳请云州市领导关注", "云州市"),
    ],
)
def test_a_city_that_is_addressed_is_no_place(text: str, tagged: str) -> None:
    assert repaired(text, tagged) == []


def test_a_city_that_is_only_named_is_a_place() -> None:
    assert repaired("我在云州市上班", "云州市") == ["云州市"]


def test_an_office_is_complained_of_where_it_is() -> None:
    assert repaired("云州市监管局不作为", "云州市") == ["云州市"]


@pytest.mark.parametrize("tagged", ["a市", "a市金沙"])
def test_a_firm_named_after_its_city_is_no_place(tagged: str) -> None:
    assert repaired("投诉a市金沙装饰公司拖欠工资", tagged) == []


def test_a_firm_of_an_estate_leaves_the_estate() -> None:
    assert repaired("a市翠湖花园物业公司乱收费", "a市翠湖花园") == ["a市翠湖花园"]


def test_a_number_without_a_name_is_no_place() -> None:
    assert repaired("2021-01-22投诉过", "1-01-22") == []


@pytest.mark.parametrize(
    ("text", "tagged", "expected"),
    [
        ("翠园12栋3号电梯坏了", "翠园12栋", "翠园12栋"),
        ("魅力之城楼板开裂", "魅力之城楼", "魅力之城"),
        ("翠湖公园南门路灯不亮", "翠湖公园南门路", "翠湖公园南门"),
        ("人民路路灯不亮", "人民路", "人民路"),
        ("幸福里3号楼群租", "幸福里3号", "幸福里3号楼"),
    ],
)
def test_a_place_ends_before_the_next_word(text: str, tagged: str, expected: str) -> None:
    assert repaired(text, tagged) == [expected]


def test_two_schools_in_one_breath_are_two_places() -> None:
    text = "城北中学和城南小学放学时堵车"
    assert repaired(text, "城北中学和城南小学") == ["城北中学", "城南小学"]


def test_an_estate_behind_its_district_is_taken_along() -> None:
    assert repaired("a3区八方小区又在违法搭建", "a3区") == ["a3区八方小区"]


@pytest.mark.parametrize(
    ("text", "tagged", "expected"),
    [
        ("青山镇朱桥社区台上组要修路", "青山镇朱桥社区", "青山镇朱桥社区台上组"),
        ("地铁轨道6号线的建言", "道6号线", "地铁轨道6号线"),
        ("翠园1栋的蓝岛ktv太吵", "翠园1栋", "翠园1栋的蓝岛ktv"),
        ("暮云镇南托街道修路", "暮云镇南托", "暮云镇南托街道"),
        ("青青家园7-104开了饭馆", "青青家园7-1", "青青家园7-104"),
        ("青山新村社区违规盖章", "青山新村", "青山新村社区"),
    ],
)
def test_what_belongs_to_a_place_is_taken_along(text: str, tagged: str, expected: str) -> None:
    assert repaired(text, tagged) == [expected]


@pytest.mark.parametrize(
    ("text", "tagged", "expected"),
    [
        ("泰河康园老旧小区改造", "泰河康园老旧小区", "泰河康园"),
        ("风华小区内路面塌陷", "风华小区内", "风华小区"),
        ("a市小学生转学", "a市", "a市"),
        ("1、公园一期拆了", "1、公园一期", "公园一期"),
    ],
)
def test_what_does_not_belong_to_a_place_is_left(text: str, tagged: str, expected: str) -> None:
    assert repaired(text, tagged) == [expected]


def test_the_lights_of_a_crossing_are_at_one_place() -> None:
    assert repaired("东龙路和温州大道红绿灯坏了", "东龙路和温州大道") == ["东龙路和温州大道"]


def test_a_route_between_two_stops_is_one_place() -> None:
    text = "火车站到松雅湖中学的公交车太少"
    assert repaired(text, "火车站", "松雅湖中学") == ["火车站到松雅湖中学"]


def test_the_first_word_of_a_name_behind_its_area_is_taken_along() -> None:
    assert repaired("a市五矿万境水岸违建", "a市", "万境水岸") == ["a市五矿万境水岸"]


def test_a_sentence_between_an_area_and_a_place_parts_them() -> None:
    assert repaired("a市要建人民公园", "a市", "人民公园") == ["a市", "人民公园"]


def test_how_many_are_meant_is_no_name() -> None:
    assert repaired("暮云镇几个麻将馆扰民", "暮云镇") == ["暮云镇"]


def test_a_verb_in_front_is_dropped() -> None:
    assert repaired("途经人民路时摔倒", "途经人民路") == ["人民路"]


def test_a_vague_end_is_dropped() -> None:
    assert repaired("人民公园附近有异味", "人民公园附近") == ["人民公园"]


def test_a_name_that_ends_like_a_vague_word_is_whole() -> None:
    text = "幸福里漏水"
    assert repair(text, [(0, 3)], [("幸福里", 0, 3), ("漏水", 3, 5)]) == [(0, 3)]


@pytest.mark.parametrize("tagged", ["实验小学", "实验小学门口"])
def test_a_gate_belongs_to_the_place(tagged: str) -> None:
    assert repaired("实验小学门口堵车", tagged) == ["实验小学门口"]


def test_a_preposition_in_front_is_dropped() -> None:
    assert repaired("在人民路有井盖松了", "在人民路") == ["人民路"]


def test_an_enumeration_is_several_places() -> None:
    assert repaired("人民路、建设路都黑", "人民路、建设路") == ["人民路", "建设路"]


def test_a_bracket_is_closed() -> None:
    assert repaired("万达广场(东门)太吵", "万达广场(东门") == ["万达广场(东门)"]


def test_a_known_name_that_the_tagger_cut_is_whole() -> None:
    text = "云湖花苑漏水"
    known = Gazetteer(["云湖花苑"]).find(text)
    assert with_known_names([(0, 2)], known, SEGMENTER.cut(text)) == [(0, 4)]


def test_the_longest_known_name_is_found() -> None:
    assert Gazetteer(["云湖", "云湖花苑"]).find("在云湖花苑") == [(1, 5)]


@pytest.mark.parametrize(
    ("name", "expected"), [("a市b区", True), ("上海市", True), ("人民路", False)]
)
def test_a_bare_area_is_told_from_a_place_in_it(name: str, expected: bool) -> None:  # noqa: FBT001
    assert is_area(name) is expected


def test_the_matter_is_at_the_first_specific_place() -> None:
    text = "上海市人民路积水,我家住建设路"
    spans = [(0, 3), (3, 6), (12, 15)]
    assert choose(text, spans) == [(3, 6)]


def test_a_bare_area_is_the_place_when_nothing_else_is_named() -> None:
    assert choose("云州市没有地铁", [(0, 3)]) == [(0, 3)]


def test_a_place_named_twice_is_one() -> None:
    text = "江心公园,江心公园里都黑"
    assert choose(text, [(0, 4), (5, 9)]) == [(0, 4)]


def test_places_in_one_breath_all_count() -> None:
    assert choose("人民路,建设路都黑", [(0, 3), (4, 7)]) == [(0, 3), (4, 7)]


@pytest.mark.parametrize(
    ("text", "houses"),
    [
        ("就是三号楼", ["三号楼"]),
        ("2号楼底商", ["2号楼"]),
        ("3号楼、15号楼都停水了", ["3号楼", "15号楼"]),
        ("3月15号楼上漏水", []),
        ("15号楼板裂了", []),
    ],
)
def test_a_numbered_house_is_a_place_in_few_words_too(text: str, houses: list[str]) -> None:
    assert [text[start:end] for start, end in numbered_houses(text)] == houses
