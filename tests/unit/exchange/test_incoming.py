"""Rows of other systems as tickets, with the words of a mapping."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.city import City, load_city
from desk.settings import ROOT
from desk.tickets.exchange.incoming import Incoming, incoming
from desk.tickets.exchange.mapping import FileMapping, read_mapping
from desk.tickets.exchange.sheets import SheetError

CITY: City = load_city(ROOT / "cities" / "demo")
AT = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
OURS = FileMapping()
ROW = {"编号": "A-1", "诉求内容": "路灯不亮"}


def taken(row: dict[str, str], mapping: FileMapping = OURS) -> Incoming:
    found = incoming(CITY, mapping, row, AT)
    assert isinstance(found, Incoming), found
    return found


def test_little_is_needed() -> None:
    found = taken(ROW)
    assert (found.key, found.type, found.topic, found.state) == ("A-1", "other", "", "accepted")
    assert (found.urgency, found.created, found.place, found.phone) == ("normal", AT, None, None)


def test_codes_and_names_are_both_understood() -> None:
    words = {"诉求类型": "投诉", "事项": "物业管理", "状态": "办理中", "紧急程度": "特急"}
    codes = {"诉求类型": "complaint", "事项": "0306", "状态": "in_progress", "紧急程度": "critical"}
    for row in (words, codes):
        found = taken({**ROW, **row, "承办单位": "住建局", "电话": "138 0013 8000"})
        assert (found.type, found.topic[:4], found.state) == ("complaint", "0306", "in_progress")
        assert (found.urgency, found.department) == ("critical", "housing")
        assert found.phone == "13800138000"


@pytest.mark.parametrize(
    ("said", "utc"),
    [
        ("2026-03-01 09:30:05", datetime(2026, 3, 1, 1, 30, 5, tzinfo=UTC)),
        ("2026-03-01T09:30:05Z", datetime(2026, 3, 1, 9, 30, 5, tzinfo=UTC)),
        ("2026/3/1 9:30", datetime(2026, 3, 1, 1, 30, tzinfo=UTC)),
        ("2026年3月1日", datetime(2026, 2, 28, 16, 0, tzinfo=UTC)),
        ("2024-02-29", datetime(2024, 2, 28, 16, 0, tzinfo=UTC)),
    ],
)
def test_times_without_a_zone_are_the_citys(said: str, utc: datetime) -> None:
    assert taken({**ROW, "受理时间": said}).created == utc


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"编号": ""}, "没有编号"),
        ({"诉求内容": ""}, "没有诉求内容"),
        ({"诉求类型": "吐槽"}, "诉求类型“吐槽”"),
        ({"事项": "外星人"}, "事项“外星人”"),
        ({"承办单位": "某局"}, "承办单位“某局”"),
        ({"状态": "神秘"}, "状态“神秘”"),
        ({"电话": "打我手机"}, "电话"),
        ({"受理时间": "2026-02-30"}, "受理时间认不出"),
        ({"受理时间": "2027-01-01"}, "将来"),
    ],
)
def test_every_problem_is_named(wrong: dict[str, str], problem: str) -> None:
    found = incoming(CITY, OURS, {**ROW, **wrong}, AT)
    assert isinstance(found, list)
    assert any(problem in one for one in found)


def test_all_problems_of_a_row_come_at_once() -> None:
    found = incoming(CITY, OURS, {"编号": "", "诉求内容": "", "电话": "x"}, AT)
    assert isinstance(found, list)
    assert len(found) == 3


def test_a_mapping_translates_columns_and_values(tmp_path: Path) -> None:
    file = tmp_path / "map.yml"
    file.write_text(
        """
source: old
columns: {number: ID, description: [大类, 小类], topic: 小类, type: 性质, state: 状态}
values:
  type: {表扬信: praise}
  topic: {"*": "9999"}
defaults: {state: closed}
empty: ["-"]
""",
        encoding="utf-8",
    )
    mapping = read_mapping(file)
    row = {"ID": "7", "大类": "市容", "小类": "井盖", "性质": "表扬信", "状态": "-"}
    found = taken(row, mapping)
    assert (found.description, found.topic, found.type) == ("市容 井盖", "9999", "praise")
    assert found.state == "closed"
    assert mapping.missing({"ID": "", "大类": "", "小类": "", "性质": ""}) == ["状态"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("columns: {nummer: ID}", "nummer"),
        ("colums: {}", "colums"),
        ("source: Großes", "source"),
        ("- 1", "对照表"),
        ("a: [", "YAML"),
    ],
)
def test_a_wrong_mapping_is_refused(tmp_path: Path, content: str, complaint: str) -> None:
    file = tmp_path / "map.yml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(SheetError, match=complaint):
        read_mapping(file)
    with pytest.raises(SheetError, match="没有对照表"):
        read_mapping(tmp_path / "absent.yml")
