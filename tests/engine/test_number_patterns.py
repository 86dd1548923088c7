"""Numbers that residents write, however they write them."""

from __future__ import annotations

import pytest

from bot.nlu.normalise import normalise
from bot.nlu.number_patterns import find_numbers, is_identity_number

#: The example of GB 11643-1999.
IDENTITY = "11010519491231002X"


def numbers(text: str) -> list[tuple[str, str]]:
    return [(found.kind, found.value) for found in find_numbers(normalise(text).text)]


@pytest.mark.parametrize(
    "written",
    [
        "13812345678",
        "138 1234 5678",
        "138-1234-5678",
        "１３８１２３４５６７８",
        "138－1234－5678",
        "+86 13812345678",
        "+8613812345678",
        "86 138 1234 5678",
    ],
)
def test_a_mobile_number_is_found_however_it_is_grouped(written: str) -> None:
    assert numbers(f"我电话{written}请回电") == [("phone", "13812345678")]


@pytest.mark.parametrize("written", ["021-62345678", "０２１－６２３４５６７８"])
def test_a_landline_is_found(written: str) -> None:
    assert numbers(f"打{written}没人接") == [("phone", "021-62345678")]


def test_a_landline_keeps_its_extension() -> None:
    assert numbers("打021-62345678转801") == [("phone", "021-62345678-801")]


def test_an_extension_makes_no_mobile_number_of_a_landline() -> None:
    assert numbers("打021-61391234-5678") == [("phone", "021-61391234-5678")]


def test_an_identity_number_is_found() -> None:
    assert numbers(f"身份证{IDENTITY}，谢谢") == [("id_number", IDENTITY)]


def test_an_identity_number_with_a_wrong_check_character_is_none() -> None:
    assert not is_identity_number(IDENTITY[:-1] + "1")


@pytest.mark.parametrize(
    "written",
    ["YS261125000017", "ys261125000017", "YS 261125 000017", "ＹＳ２６１１２５００００１７"],
)
def test_a_ticket_number_is_found_inside_chinese_text(written: str) -> None:
    assert numbers(f"单号{written}怎么样了") == [("ticket_number", "YS261125000017")]


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("1381234567890", id="mobile in a longer run"),
        pytest.param("9913812345678", id="mobile at the end of a longer run"),
        pytest.param("YS2611250000171", id="ticket number with a digit too many"),
        pytest.param("YS26112500001", id="ticket number with a digit too few"),
        pytest.param(f"1{IDENTITY[:17]}99", id="identity number in a longer run"),
        pytest.param("021-623456789012", id="landline in a longer run"),
    ],
)
def test_a_longer_or_shorter_run_of_digits_is_no_number(written: str) -> None:
    assert numbers(f"编号{written}的设备") == []


def test_numbers_come_in_the_order_of_the_text() -> None:
    kinds = [kind for kind, _ in numbers("13812345678查YS261125000017")]
    assert kinds == ["phone", "ticket_number"]


def test_a_span_leads_to_the_number() -> None:
    text = "电话138 1234 5678。"
    (found,) = find_numbers(text)
    assert text[found.start : found.end] == "138 1234 5678"
