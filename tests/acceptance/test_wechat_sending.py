"""What the official account sends by itself, and what the platform allows of it."""

from __future__ import annotations

import threading
import time

import pytest

from tests.harness.patience import wait_for
from tests.harness.residents import WeChatResident, open_ticket
from tests.harness.system import System
from tests.standins.wechat import SEND_PATH, TOKEN_PATH, WeChatControl
from tests.standins.wechat_platform import (
    text,
)


@pytest.mark.parametrize("code", [45015, 45047])
def test_when_the_platform_allows_no_more_progress_waits_and_comes_first_next_time(
    running: System, follower: WeChatResident, wechat: WeChatControl, code: int
) -> None:
    number = open_ticket(follower)
    wechat.fault(SEND_PATH, times=1, errcode=code)
    assert running.cli("ticket", number, "assign").returncode == 0
    follower.settle()
    [row] = running.query(
        "SELECT d.state, d.reason FROM delivery d JOIN message m ON m.id = d.message_id "
        "WHERE m.author = 'system' AND m.text LIKE %s",
        f"%{number}%",
    )
    assert row["state"] == "waiting"
    assert str(code) in row["reason"]
    told = "\n".join(follower.say("我的诉求"))
    assert "已派给" in told
    assert told.index("已派给") < told.index("受理"), told


def test_a_token_that_the_platform_refuses_is_not_asked_for_again_and_again(
    running: System, follower: WeChatResident, wechat: WeChatControl
) -> None:
    number = open_ticket(follower)
    asked = wechat.calls().get(TOKEN_PATH, 0)
    wechat.fault(SEND_PATH, times=4, errcode=40001, errmsg="invalid credential")
    assert running.cli("ticket", number, "assign").returncode == 0

    def tried() -> bool:
        found = running.query(
            "SELECT d.reason FROM delivery d JOIN message m ON m.id = d.message_id "
            "WHERE m.author = 'system' AND m.text LIKE %s",
            f"%{number}%",
        )
        return bool(found and found[0]["reason"])

    wait_for(tried, 15)
    time.sleep(2)  # time enough to ask again and again
    assert wechat.calls()[TOKEN_PATH] - asked <= 2
    wechat.mend()
    running.change("UPDATE delivery SET due_at = now() WHERE state = 'pending'")
    wait_for(lambda: any(number in one and "派" in one for one in follower.received()), 20)


def test_a_long_reply_of_staff_comes_in_parts_in_order(
    running: System, follower: WeChatResident
) -> None:
    follower.say("你好")
    [row] = running.query(
        "SELECT c.id FROM conversation c JOIN resident r ON r.id = c.resident_id "
        "WHERE r.account = %s",
        follower.openid,
    )
    sentence = "您反映的问题已经转给承办单位，编号YS261125000017，详情见https://example.com/a 。"
    long = sentence * 60
    before = len(follower.received())
    done = running.cli("conversation", "reply", str(row["id"]), long)
    assert done.returncode == 0, done.stderr
    follower.settle()
    parts = follower.received()[before:]
    assert len(parts) > 1
    for n, part in enumerate(parts, 1):
        assert part.startswith(f"（{n}/{len(parts)}）")
        assert len(part.encode()) <= 2048
    whole = "".join(part.partition("）")[2] for part in parts)
    assert "".join(whole.split()) == "".join(long.split())


def test_a_slow_token_does_not_hold_up_other_residents(
    running: System, follower: WeChatResident, wechat: WeChatControl
) -> None:
    number = open_ticket(follower)
    wechat.fault(SEND_PATH, times=1, delay=6)
    sending = threading.Thread(target=running.cli, args=("ticket", number, "assign"))
    sending.start()
    other = WeChatResident(running, wechat)
    pushed = other.push(text(other.openid, "你好"))
    assert pushed.text  # answered while the callback was open
    sending.join()
    wechat.mend()
