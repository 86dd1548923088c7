"""Any part can be put right in plain words."""

from __future__ import annotations

from typing import Any

import pytest

from actions.intake import Ask, Draft
from actions.intake.corrections import correct, corrected_place, wrong_part
from actions.understanding import Point
from desk.city import City
from tests.unit.actions.conftest import NOON, Say


def draft(**known: Any) -> Draft:
    given: dict[str, Any] = {
        "type": "complaint",
        "topic": "0305",
        "words": ["人民路12号门口的路灯坏了"],
        "place": "人民路12号",
        "phone": "13800138000",
        "ask": Ask.CONFIRMATION,
        "touched": NOON,
    }
    return Draft(**{**given, **known})


@pytest.mark.parametrize(
    ("known", "text", "places", "place"),
    [
        ("人民路12号", "不对，是21号", [], "人民路21号"),
        ("人民路12号", "是21号不是12号", [], "人民路21号"),
        ("人民路12号", "不是12号，是21号", [], "人民路21号"),
        ("人民路12号", "不对，是人民路21号不是12号", ["人民路21号"], "人民路21号"),
        ("人民路12号", "不对，是人民路21号不是12号", ["人民路"], "人民路21号"),
        ("人民路12号", "是解放路88号", ["解放路88号"], "解放路88号"),
        ("人民路12号", "不是人民路，是人民西路", ["人民路", "人民西路"], "人民西路12号"),
        ("幸福里3号楼2单元", "是3单元", [], "幸福里3号楼3单元"),
        ("幸福里3号楼2单元", "不对，5号楼", [], "幸福里5号楼2单元"),
        ("翠湖公园南门", "不是南门是北门", ["北门"], "翠湖公园北门"),
        ("翠湖公园南门", "应该是北门", ["北门"], "北门"),
        ("锦绣花园21号楼", "不是1号是2号", [], "锦绣花园21号楼2号"),
        ("幸福里3号楼12号", "不对，是21号", [], "幸福里3号楼21号"),
        (None, "是人民路21号", ["人民路21号"], "人民路21号"),
        (None, "3号楼2单元", [], "3号楼2单元"),
        ("人民路12号", "时间不对，是11月3号晚上", [], None),
        ("人民路12号", "不对，是三盏灯", [], None),
    ],
)
def test_places(known: str | None, text: str, places: list[str], place: str | None) -> None:
    assert corrected_place(known, text, places) == place


def test_the_words_follow_the_place(city: City, say: Say) -> None:
    changed = correct(city, draft(), say("不对，是21号"))
    assert changed is not None
    assert changed.place == "人民路21号"
    assert changed.description == "人民路21号门口的路灯坏了"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("不是投诉，是咨询", "consultation"),
        ("不是咨询是举报", "violation"),
        ("我这是求助", "help"),
        ("我只是提个建议，别写成投诉", "suggestion"),
        ("类型改成举报", "violation"),
        ("类型：表扬", "praise"),
        ("这个算报修", "incident"),
    ],
)
def test_types(city: City, say: Say, text: str, kind: str) -> None:
    changed = correct(city, draft(type="other"), say(text, "correct"))
    assert changed is not None
    assert changed.type == kind


def test_a_denied_type_alone_changes_nothing(city: City, say: Say) -> None:
    assert correct(city, draft(), say("不是投诉", "correct")) is None


def test_phones(city: City, say: Say) -> None:
    told = say("电话错了是13900139000", "correct", phones=["13900139000"])
    changed = correct(city, draft(), told)
    assert changed is not None
    assert changed.phone == "13900139000"
    told = say("不是13800138000，是13900139000", phones=["13800138000", "13900139000"])
    changed = correct(city, draft(), told)
    assert changed is not None
    assert changed.phone == "13900139000"


@pytest.mark.parametrize("text", ["电话别留了", "号码删掉吧", "去掉我的电话", "手机号不留了"])
def test_the_phone_is_taken_out(city: City, say: Say, text: str) -> None:
    changed = correct(city, draft(), say(text))
    assert changed is not None
    assert changed.phone is None
    assert changed.phone_declined


def test_anonymity(city: City, say: Say) -> None:
    hidden = correct(city, draft(), say("改成匿名"))
    assert hidden is not None
    assert (hidden.anonymous, hidden.phone) == (True, None)
    named = correct(city, hidden, say("把匿名改成实名"))
    assert named is not None
    assert named.anonymous is False


def test_a_phone_ends_anonymity(city: City, say: Say) -> None:
    told = say("还是联系我吧13900139000", phones=["13900139000"])
    changed = correct(city, draft(anonymous=True, phone=None), told)
    assert changed is not None
    assert (changed.anonymous, changed.phone) == (False, "13900139000")


def test_topics(city: City, say: Say) -> None:
    named = correct(city, draft(), say("事项不对，应该是物业管理"))
    assert named is not None
    assert named.topic == "0306"
    guessed = correct(city, draft(), say("分类错了，是噪音", topic="0402"))
    assert guessed is not None
    assert guessed.topic == "0402"
    wrong = correct(city, draft(), say("分类不对", topic="0305"))
    assert wrong is not None
    assert wrong.topic == "", "staff will find the right one"


def test_the_words_anew(city: City, say: Say) -> None:
    changed = correct(city, draft(), say("内容改成：三盏路灯不亮"))
    assert changed is not None
    assert changed.words == ["三盏路灯不亮"]


def test_a_shared_location_replaces_the_place(city: City, say: Say) -> None:
    point = Point(latitude=31.2, longitude=121.4, label="望海路")
    changed = correct(city, draft(), say("", "share_location", point=point))
    assert changed is not None
    assert (changed.place, changed.point) == ("望海路", point)


def test_nothing_that_we_can_place(city: City, say: Say) -> None:
    assert correct(city, draft(), say("不对，他们是半夜来的")) is None


def test_which_part_is_wrong() -> None:
    assert wrong_part("地址写错了") is Ask.PLACE
    assert wrong_part("改一下电话") is Ask.PHONE
    assert wrong_part("刚才说错了") is None
