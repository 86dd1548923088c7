"""What tells of a person does not stand in a text that others read; everything else does."""

from __future__ import annotations

import pytest

from desk.tickets.masking import masked, masked_for_all

# Invented, in forms that people write.
PERSONAL = [
    "13800138000",
    "138 0013 8000",
    "138-0013-8000",
    "+8613800138000",
    "１３８００１３８０００",
    "一三八零零一三八零零零",
    "0757-22331234",
    "22331234",
    "440781199311261128",
    "440781 19931126 112X",
    "6222020200112233445",
    "someone.else@example.com",
    "粤A12345",
    "京AD12345",
    "微信号abc_12345",
    "QQ：123456789",
]


@pytest.mark.parametrize("secret", PERSONAL)
@pytest.mark.parametrize("frame", ["请联系{}谢谢", "{}", "我是{}，路灯坏了", "a{}b"])
def test_what_tells_of_a_person_is_hidden(secret: str, frame: str) -> None:
    if frame == "a{}b" and secret in (
        "粤A12345",
        "京AD12345",
        "微信号abc_12345",
        "someone.else@example.com",
    ):
        return  # part of a longer word there
    hidden = masked(frame.format(secret))
    assert secret not in hidden
    assert "***" in hidden


@pytest.mark.parametrize(
    "text",
    [
        "人民路12号门前的路灯坏了三天",
        "2026年11月25日晚上8点半",
        "3号楼楼下第5根灯杆",
        "公交308路晚点20分钟",
        "收费1500元，合同写的是1200元",
        "五六个人堵在门口",
    ],
)
def test_everything_else_stays(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    "home", ["3号楼2单元301室", "3号楼2单元301", "五栋二单元402", "12幢", "住301室"]
)
def test_for_everyone_a_home_is_hidden_too(home: str) -> None:
    shown = masked_for_all(f"永安路边的{home}太吵")
    assert "永安路边的" in shown
    assert "301" not in shown
    assert "402" not in shown
    assert "栋" not in shown
