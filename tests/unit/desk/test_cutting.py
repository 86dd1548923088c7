"""A message is cut into what its channel can carry before it is stored."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from connectors import Button, Outbound
from desk.conversations.messages import cut

LONG = "您反映的问题已经转给承办单位办理。" * 200


def test_wechat_gets_numbered_parts_of_at_most_2048_bytes() -> None:
    parts = cut("wechat", Outbound(LONG))
    assert len(parts) > 1
    assert all(len(part.text.encode()) <= 2048 for part in parts)
    assert [part.text.partition("）")[0] for part in parts] == [
        f"（{n}/{len(parts)}" for n in range(1, len(parts) + 1)
    ]


def test_wechat_has_no_buttons_so_the_choices_are_words() -> None:
    [part] = cut("wechat", Outbound("方便留个电话吗？", (Button("跳过"),)))
    assert part.buttons == ()
    assert "跳过" in part.text


def test_telegram_gets_parts_of_at_most_4096_units_and_the_buttons_under_the_last() -> None:
    parts = cut("telegram", Outbound(LONG * 2, (Button("确认提交"),)))
    assert len(parts) > 1
    assert all(len(part.text.encode("utf-16-le")) // 2 <= 4096 for part in parts)
    assert [bool(part.buttons) for part in parts] == [False] * (len(parts) - 1) + [True]


def test_the_page_gets_a_message_whole() -> None:
    message = Outbound(LONG, (Button("好"),))
    assert cut("webchat", message) == [message]


@given(st.text(alphabet="灯坏了。\n😡 a", min_size=1, max_size=6000))
def test_nothing_but_space_is_lost_by_cutting(text: str) -> None:
    for channel in ("wechat", "telegram"):
        parts = [part.text for part in cut(channel, Outbound(text))]
        if channel == "wechat" and len(parts) > 1:
            parts = [part.partition("）")[2] for part in parts]
        assert "".join("".join(parts).split()) == "".join(text.split())
