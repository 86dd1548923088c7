"""What becomes of a delivery, against a stand-in that enforces the platform's rules."""

from __future__ import annotations

from itertools import pairwise

import pytest

from connectors.base import Button, Outbound, Outcome
from connectors.wechat import TEXT_BYTES, WeChat, WeChatAccount, parts
from tests.standins.wechat import NOTICE_PATH, SEND_PATH, TOKEN_PATH, WeChatControl
from tests.standins.wechat_rules import APPID, SECRET, Json
from tests.standins.wechat_setting import HELLO, RESIDENT, Clock, SharedToken, texts


async def test_a_text_arrives_as_written(api: WeChatControl, wechat: WeChat) -> None:
    receipt = await wechat.deliver(
        RESIDENT, Outbound("😡路灯坏了👨‍👩‍👧\n\x0b]]>", (Button("确认"),))
    )
    assert receipt.outcome is Outcome.SENT
    assert texts(api) == ["😡路灯坏了👨‍👩‍👧\n]]>\n回复【确认】"]


async def test_row_9_and_32_a_long_text_arrives_whole_and_in_order(
    api: WeChatControl, wechat: WeChat
) -> None:
    cut = parts(Outbound("幸福里三号楼的路灯已经修好，感谢您的反映。" * 143))
    for part in cut:
        assert (await wechat.deliver(RESIDENT, Outbound(part))).outcome is Outcome.SENT
    assert texts(api) == cut


@pytest.mark.parametrize("text", ["", " \n", "\x0b", "好" * 683])
async def test_what_the_platform_would_refuse_is_not_sent(
    api: WeChatControl, wechat: WeChat, text: str
) -> None:
    assert (await wechat.deliver(RESIDENT, Outbound(text))).outcome is Outcome.FAILED
    assert SEND_PATH not in api.calls()
    assert (await wechat.deliver(RESIDENT, Outbound("x" * TEXT_BYTES))).outcome is Outcome.SENT


async def test_row_27_after_48_hours_the_window_is_closed(
    api: WeChatControl, wechat: WeChat, clock: Clock
) -> None:
    clock.advance(50 * 3600)
    receipt = await wechat.deliver(RESIDENT, HELLO)
    assert receipt.outcome is Outcome.CLOSED
    assert receipt.reason.startswith("45015")
    api.did(RESIDENT)
    assert (await wechat.deliver(RESIDENT, HELLO)).outcome is Outcome.SENT


async def test_row_28_the_sixth_message_is_not_silently_lost(
    api: WeChatControl, wechat: WeChat
) -> None:
    receipts = [await wechat.deliver(RESIDENT, Outbound(f"第{n}条")) for n in range(1, 7)]
    assert [receipt.outcome for receipt in receipts] == [Outcome.SENT] * 5 + [Outcome.CLOSED]
    assert receipts[-1].reason.startswith("45047")
    assert texts(api) == [f"第{n}条" for n in range(1, 6)]


async def test_a_click_opens_one_minute_for_three_messages(
    api: WeChatControl, wechat: WeChat, clock: Clock
) -> None:
    api.did("oNew", "click")
    outcomes = [(await wechat.deliver("oNew", HELLO)).outcome for _ in range(4)]
    assert outcomes == [Outcome.SENT] * 3 + [Outcome.CLOSED]
    api.did("oNew", "click")
    clock.advance(61)
    assert (await wechat.deliver("oNew", HELLO)).outcome is Outcome.CLOSED


async def test_row_29_a_notice_goes_only_to_who_granted_it(
    api: WeChatControl, wechat: WeChat
) -> None:
    values = {"character_string1": "YS261125000017", "phrase2": "办理中"}
    refused = await wechat.notify(RESIDENT, "template-1", values)
    assert refused.outcome is Outcome.FAILED
    assert refused.reason.startswith("43101")
    api.grant(RESIDENT, "template-1")
    receipt = await wechat.notify(RESIDENT, "template-1", values, "https://city.gov.cn/t")
    assert receipt.outcome is Outcome.SENT
    assert '"phrase2": {"value": "办理中"}' in texts(api)[-1]
    api.fault(NOTICE_PATH, times=1, errcode=-1)
    assert (await wechat.notify(RESIDENT, "template-1", values)).outcome is Outcome.RETRY


@pytest.mark.parametrize("path", [SEND_PATH, TOKEN_PATH])
async def test_row_30_an_unlisted_address_fails_at_once_and_is_told(
    api: WeChatControl, wechat: WeChat, path: str
) -> None:
    words = "invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist rid: 1-2-3"
    api.fault(path, errcode=40164, errmsg=words)
    receipt = await wechat.deliver(RESIDENT, HELLO)
    assert receipt.outcome is Outcome.FAILED
    assert "203.0.113.9" in receipt.reason
    assert api.calls()[path] == 1


async def test_a_resident_who_left_is_unreachable_until_they_return(
    api: WeChatControl, wechat: WeChat
) -> None:
    api.did(RESIDENT, "unsubscribe")
    assert (await wechat.deliver(RESIDENT, HELLO)).outcome is Outcome.UNREACHABLE
    api.did(RESIDENT)
    assert (await wechat.deliver(RESIDENT, HELLO)).outcome is Outcome.SENT
    assert (await wechat.deliver("oStranger", HELLO)).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"status": 500}, Outcome.RETRY),
        ({"status": 502, "body": "<html>"}, Outcome.RETRY),
        ({"status": 429}, Outcome.RETRY),
        ({"status": 404}, Outcome.FAILED),
        ({"status": 302}, Outcome.FAILED),
        ({"status": 200, "body": "<html>"}, Outcome.RETRY),
        ({"status": 200, "body": "[]"}, Outcome.RETRY),
        ({"status": 200, "body": '{"errcode": "x"}'}, Outcome.RETRY),
        ({"errcode": -1, "errmsg": "system error"}, Outcome.RETRY),
        ({"errcode": 45009}, Outcome.RETRY),
        ({"errcode": 48001}, Outcome.FAILED),
    ],
    ids=str,
)
@pytest.mark.parametrize("path", [SEND_PATH, TOKEN_PATH])
async def test_a_fault_has_an_outcome_and_passes(
    api: WeChatControl, wechat: WeChat, path: str, fault: Json, outcome: Outcome
) -> None:
    api.fault(path, **fault)
    assert (await wechat.deliver(RESIDENT, HELLO)).outcome is outcome
    assert api.calls()[path] == 1
    api.mend()
    assert (await wechat.deliver(RESIDENT, HELLO)).outcome is Outcome.SENT


async def test_silence_and_no_server_end_in_a_retry(
    api: WeChatControl, wechat: WeChat, store: SharedToken
) -> None:
    await wechat.deliver(RESIDENT, HELLO)
    api.fault(SEND_PATH, times=1, delay=7)
    assert (await wechat.deliver(RESIDENT, HELLO)).outcome is Outcome.RETRY
    nowhere = WeChatAccount(APPID, SECRET, "token", api_url="http://127.0.0.1:9")
    for known in (store, SharedToken()):
        unreachable = WeChat(nowhere, known)
        assert (await unreachable.deliver(RESIDENT, HELLO)).outcome is Outcome.RETRY
        await unreachable.aclose()


async def test_what_is_sent_keeps_its_order_over_a_retry(
    api: WeChatControl, wechat: WeChat
) -> None:
    """The caller sends a part again after RETRY before it sends the next."""
    api.fault(SEND_PATH, times=1, status=500)
    for n in range(1, 4):
        while (await wechat.deliver(RESIDENT, Outbound(f"第{n}条"))).outcome is Outcome.RETRY:
            pass
    sent = api.sent(RESIDENT)
    assert [one["text"] for one in sent] == ["第1条", "第2条", "第3条"]
    assert all(earlier["at"] <= later["at"] for earlier, later in pairwise(sent))
