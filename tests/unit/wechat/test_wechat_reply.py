"""The passive reply: well-formed whatever it says, packed into one text, encrypted when asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Button, Outbound
from connectors.wechat import (
    TEXT_BYTES,
    ReplyAddress,
    WeChatAccount,
    pack,
    parts,
    passive_reply,
    render,
)
from tests.standins.wechat_platform import AES_KEY, OFFICIAL_ID, TOKEN, Platform
from tests.standins.wechat_rules import APPID, SECRET

NOW = datetime(2026, 11, 25, 3, 4, 5, tzinfo=UTC)
ACCOUNT = WeChatAccount(APPID, SECRET, TOKEN, AES_KEY)
RESIDENT = "oResident_1"
PLAIN = ReplyAddress(RESIDENT, OFFICIAL_ID, encrypted=False)
ENCRYPTED = ReplyAddress(RESIDENT, OFFICIAL_ID, encrypted=True)


def read(xml: str) -> str:
    return Platform("").read_reply(xml, RESIDENT)


@pytest.mark.parametrize(
    "text", ["您好", "😡𠮷👨‍👩‍👧", "<b>&amp;</b>", "{0} {value} %s", "a]]", "两\n行"]
)
def test_a_reply_reads_back_unchanged(text: str) -> None:
    assert read(passive_reply(ACCOUNT, PLAIN, text, NOW)) == text
    encrypted = passive_reply(ACCOUNT, ENCRYPTED, text, NOW)
    assert "<Content>" not in encrypted
    assert Platform("", "encrypted").read_reply(encrypted, RESIDENT) == text


@pytest.mark.parametrize("text", ["]]>", "a]]>b]]>", "]]]]>>", "<![CDATA[x]]>"])
def test_row_33_the_end_of_a_cdata_section_is_preserved(text: str) -> None:
    assert read(passive_reply(ACCOUNT, PLAIN, text, NOW)) == text


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1b", "\ufffe", "\ud800"])
def test_row_33_what_xml_forbids_is_left_out(character: str) -> None:
    assert read(passive_reply(ACCOUNT, PLAIN, f"路{character}灯", NOW)) == "路灯"


@given(text=st.text(min_size=1, max_size=200))
def test_row_33_any_text_makes_a_well_formed_reply(text: str) -> None:
    xml = passive_reply(ACCOUNT, PLAIN, text, NOW)
    content = xmltodict.parse(xml, strip_whitespace=False)["xml"].get("Content") or ""
    assert content == render(Outbound(text))


def test_choices_are_lines_under_the_text() -> None:
    message = Outbound("请确认以上内容。", (Button("确认"), Button("修改")))
    assert render(message) == "请确认以上内容。\n回复【确认】\n回复【修改】"


def test_the_parts_of_a_message_end_with_its_choices() -> None:
    message = Outbound("很长的回答。" * 400, (Button("满意"), Button("不满意")))
    cut = parts(message)
    assert len(cut) > 1
    assert cut[-1].endswith("回复【满意】\n回复【不满意】")
    assert parts(Outbound(" ")) == []


def test_several_replies_become_one_text() -> None:
    assert pack(["已登记。", "编号 YS261125000017", ""]) == ("已登记。\n\n编号 YS261125000017", 3)
    assert pack([]) == ("", 0)


def test_what_does_not_fit_is_left_for_later_in_order() -> None:
    long, short = "长" * 600, "短"
    assert pack([long, long, short]) == (long, 1)
    assert pack(["长" * 700, short]) == ("", 0)


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=20), max_size=12))
def test_a_packed_text_fits_and_holds_what_it_says(texts: list[str]) -> None:
    body, count = pack(texts, 100)
    assert len(body.encode()) <= 100
    held = [text.strip() for text in texts[:count] if text.strip()]
    assert body == "\n\n".join(held)
    if count < len(texts):
        assert len("\n\n".join([*held, texts[count].strip()]).encode()) > 100


def test_a_full_reply_is_within_the_platform_s_limit() -> None:
    body, count = pack(["好" * (TEXT_BYTES // 3)])
    assert count == 1
    assert read(passive_reply(ACCOUNT, PLAIN, body, NOW)) == body
