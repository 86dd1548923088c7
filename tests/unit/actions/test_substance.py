"""What in a text is a matter, a place, a number of one's own."""

from __future__ import annotations

import pytest

from actions.intake.substance import (
    announces_only,
    best_place,
    has_matter,
    own_phones,
    whole_place,
    within,
)


@pytest.mark.parametrize(
    "text",
    [
        "路灯坏了",
        "停水",
        "漏水了",
        "投诉物业乱收费",
        "我要举报有人赌博",
        "停电三天了",
        "楼上漏水没人管",
        "他妈的垃圾堆了一个月",
    ],
)
def test_matters(text: str) -> None:
    assert has_matter(text)


@pytest.mark.parametrize(
    "text",
    [
        "我要投诉",
        "你好，我要反映一个问题",
        "我要匿名举报",
        "我要投诉物业",
        "投诉邻居",
        "我要投诉隔壁饭店",
        "在吗",
        "",
        "我有一件事情想咨询一下",
        "帮我登记个投诉",
        "傻逼机器人",
        "你妈的，什么破玩意",
        "垃圾系统",
    ],
)
def test_announcements_and_subjects_are_no_matter(text: str) -> None:
    assert not has_matter(text)


def test_what_is_known_is_no_matter() -> None:
    assert not has_matter("在人民路21号，电话13800138000", ["人民路21号", "13800138000"])
    assert has_matter("在人民路21号，路灯坏了", ["人民路21号"])


def test_a_subject_is_more_than_an_announcement() -> None:
    assert announces_only("我要投诉")
    assert not announces_only("我要投诉物业")


@pytest.mark.parametrize(
    "place",
    ["我们小区", "小区楼下", "家门口", "这里", "我们村口", "路上", "单位楼下啊", "学校门口"],
)
def test_places_only_those_on_the_spot_know(place: str) -> None:
    assert best_place([place]) is None


def test_the_most_exact_place() -> None:
    assert best_place(["楼下", "幸福里3号楼", "幸福里"]) == "幸福里3号楼"
    assert best_place([]) is None


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "我电话13800138000",
        "联系电话：138 0013 8000",
        "路灯坏了，打我手机13800138000",
        "有事打13800138000",
    ],
)
def test_own_numbers(text: str) -> None:
    assert own_phones(text, ["13800138000"]) == ["13800138000"]


@pytest.mark.parametrize(
    "text",
    [
        "有个号码13800138000天天打骚扰电话",
        "骚扰电话13800138000，一天打十几个",
        "老板电话13800138000，欠我工资不给",
        "我被13800138000这个号骗了五千块",
    ],
)
def test_numbers_of_others(text: str) -> None:
    assert own_phones(text, ["13800138000"]) == []


def test_landlines_keep_their_dash() -> None:
    assert own_phones("座机0999-7654321", ["0999-7654321"]) == ["0999-7654321"]


@pytest.mark.parametrize(
    ("place", "text", "whole"),
    [
        ("幸福里小区", "就是2号楼底商", "幸福里小区2号楼"),
        ("幸福里小区", "十二栋", "幸福里小区十二栋"),
        ("幸福里小区3号楼", "2号楼也有", "幸福里小区3号楼"),
        ("幸福里小区", "孩子一直咳嗽", "幸福里小区"),
        ("幸福里小区", "上次2号楼着火的时候物业就说要整改结果到今天也没有动静", "幸福里小区"),
    ],
)
def test_the_building_within_a_place(place: str, text: str, whole: str) -> None:
    assert within(place, text) == whole


@pytest.mark.parametrize(
    ("answer", "place", "whole"),
    [
        ("就在大桥下面那个厂后面", "大桥", "大桥下面那个厂后面"),
        ("在开发区那个鑫达电子厂", "开发区", "开发区那个鑫达电子厂"),
        ("人民医院对面那里", "人民医院", "人民医院对面"),
        ("幸福里3号楼，灯坏了三天没人修", "幸福里3号楼", "幸福里3号楼"),
        ("幸福里小区东门 天天堵车", "幸福里小区东门", "幸福里小区东门"),
    ],
)
def test_the_way_to_a_place_is_part_of_it(answer: str, place: str, whole: str) -> None:
    assert whole_place(answer, [place]) == whole
