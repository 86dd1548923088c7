"""Which words of a waiting resident mean that they no longer want a person."""

from __future__ import annotations

import pytest

from desk.conversations.handoff import gives_up


@pytest.mark.parametrize(
    "words",
    [
        "不等了",
        "不等",
        "算了",
        "算了吧",
        "取消",
        "取消排队",
        "不用了",
        "不用人工",
        "返回",
        "不等了！",
        " 不等了 ",
        "不转人工了",
        "不用了。",
    ],
)
def test_these_end_the_waiting(words: str) -> None:
    assert gives_up(words)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "我等",
        "还要等多久",
        "算了一下损失有三千多",
        "取消订单的商家不退钱",
        "不等式怎么解",
        "返回的路上灯坏了",
        "人工",
        "不用了解，直接办",
    ],
)
def test_these_go_on_waiting(words: str) -> None:
    assert not gives_up(words)
