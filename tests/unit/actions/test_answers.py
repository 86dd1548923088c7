"""Consultations: the one entry that answers, an office's number, or nothing rather than a doubt."""

from __future__ import annotations

import pytest

from actions.directory import number_asked
from desk.city import City
from desk.knowledge import Answers
from desk.processes.world import FAQ_DIR


@pytest.fixture(scope="module")
def knowledge() -> Answers:
    return Answers(FAQ_DIR)


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("租房子怎么提取公积金", "fund_withdraw_rent"),
        ("gjj怎么提取", "fund_withdraw_rent"),
        ("外地人怎么办居住证", "residence_permit"),
        ("被狗咬了去哪打狂犬疫苗", "dog_bite"),
        ("噪音扰民归谁管？", "noise_department"),
        ("反映的问题多久能处理", "how_long"),
        ("高考成绩在哪里查", "gaokao"),
        ("老楼加装电梯要多少户同意", "add_lift"),
    ],
)
def test_answered(knowledge: Answers, question: str, entry: str) -> None:
    found = knowledge.find(question)
    assert found is not None
    assert found.id == entry


@pytest.mark.parametrize(
    "question",
    [
        "火星基地什么时候能报名去住",
        "养鸡场要办什么手续",
        "今年国庆有没有灯光秀",
        "彩礼能退吗",
        "怎么改孩子的名字",
        "你好",
        "",
    ],
)
def test_no_doubtful_answer(knowledge: Answers, question: str) -> None:
    assert knowledge.find(question) is None


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("住建局电话多少", "0999-0001050"),
        ("城管局的电话号码是多少啊", "0999-0001065"),
        ("供电局电话", "0999-0003015"),
        ("告诉我一下教育局的联系方式", "0999-0001010"),
        ("自来水公司电话是几号", "0999-0003010"),
        ("你们电话多少", "12345"),
        ("路灯坏了没人修", None),
        ("城管打电话没人接", None),
        ("火星局电话多少", None),
        ("我的电话是多少来着", None),
        ("我的电话是多少", None),
        ("电话给我一个我直接打", "12345"),
        ("有没有联系电话", "12345"),
    ],
)
def test_numbers_of_offices(city: City, text: str, phone: str | None) -> None:
    found = number_asked(city, text)
    assert (found and found.phone) == phone


def test_the_number_of_who_handles_the_ticket(city: City) -> None:
    for text in ("电话给我一个我直接打", "他们电话多少", "承办单位的电话是多少"):
        found = number_asked(city, text, "housing")
        assert found
        assert found.phone == city.departments["housing"].phone
    assert number_asked(city, "教育局的电话", "housing") != number_asked(city, "电话", "housing")
