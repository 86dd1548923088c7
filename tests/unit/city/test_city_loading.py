"""A broken folder is told in one line that names the file and the entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk.city import CityError, load_city


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("categories.yml", "department: science", "department: nobody", "0101: unknown department"),
        ("categories.yml", '"0101":', '"0109":', "0109: is no second-level code"),
        ("categories.yml", "needs_place: false", "needs_place: perhaps", "0101: needs_place:"),
        ("departments.yml", "code: science", "code: education", "education: is given twice"),
        ("departments.yml", "[澜东区]", "[火星区]", "landong: unknown place '火星区'"),
        ("departments.yml", "phone: 0999-0001005", "phone: 拨打", "science: phone:"),
        ("places.yml", "parent: 东门街道", "parent: 无名街道", "unknown parent '无名街道'"),
        ("dangers.yml", "(?:漏|泄)(?:了)?", "(?:漏|泄(?:了)?", "gas: patterns"),
        ("dangers.yml", "then: human", "then: wait", "self_harm: then:"),
        ("dangers.yml", "code: sos", "code: help", "sos: is missing"),
        ("refusals.yml", "code: petition", "code: litigation", "litigation: is given twice"),
        ("lifecycle.yml", "to: assigned", "to: asigned", "assign: unknown state 'asigned'"),
        ("lifecycle.yml", "from: [accepted]", "from: [closed]", "assign: leads out of 'closed'"),
        ("lifecycle.yml", "{number} 已派给", "{nummer} 已派给", "assign: told: unknown variable"),
        ("lifecycle.yml", "{number} 已派给", "{number 已派给", "assign: told:"),
        ("lifecycle.yml", "initial: accepted", "initial: born", "initial: unknown state 'born'"),
        ("lifecycle.yml", "roles: [department]", "roles: [mayor]", "start: roles.0:"),
        ("city.yml", "Asia/Shanghai", "Asia/Qinglan", "timezone:"),
        ("city.yml", "name: 青澜市", "name: 青澜市\nname: 别处", "line 3: 'name' is given twice"),
        ("catalogue.csv", "0101,科技事务", "0101,", "line 3: must be a code"),
        ("catalogue.csv", "0101,科技事务\n", "", "has no parent 0101"),
    ],
)
def test_a_mistake_is_told_with_its_place(
    folder: Path, file: str, old: str, new: str, told: str
) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CityError) as raised:
        load_city(folder)
    message = str(raised.value)
    assert message.startswith(f"demo/{file}: ")
    assert told in message
    assert "\n" not in message


@pytest.mark.parametrize("file", ["city.yml", "catalogue.csv", "lifecycle.yml", "wording.yml"])
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(CityError, match=f"{file}: is missing"):
        load_city(folder)


@pytest.mark.parametrize("content", [b"\xb3\xc7\xca\xd0", b"- a list", b"{ open", b""])
def test_a_file_that_cannot_be_read_is_named(folder: Path, content: bytes) -> None:
    (folder / "dangers.yml").write_bytes(content)
    with pytest.raises(CityError, match=r"demo/dangers\.yml: "):
        load_city(folder)


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(folder: Path) -> None:
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert load_city(folder).name == "青澜市"


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(CityError, match="there is no folder"):
        load_city(tmp_path / "nowhere")


def test_wording_is_filled_and_the_first_of_several_is_used(folder: Path) -> None:
    wording = folder / "wording.yml"
    with wording.open("a", encoding="utf-8") as file:
        file.write('\nhello_test: ["{nickname}：{name}，{hotline_number}", 另一句]\n')
    city = load_city(folder)
    assert city.say("hello_test", name="{bot}") == "小应：{bot}，12345"
    with pytest.raises(KeyError):
        city.say("hello_test")
    with pytest.raises(KeyError):
        city.say("no_such_text")
