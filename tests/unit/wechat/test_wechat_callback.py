"""Verification of callbacks: what is let in, and what is turned away before it is parsed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Kind
from connectors.wechat import Forbidden, Malformed, WeChatAccount, open_callback, verify
from tests.standins import wechat_platform as platform
from tests.standins.wechat_platform import AES_KEY, OFFICIAL_ID, TOKEN, Mode, Platform, Signed
from tests.standins.wechat_rules import APPID, SECRET

NOW = datetime(2026, 11, 25, 3, 4, 5, tzinfo=UTC)
ACCOUNT = WeChatAccount(APPID, SECRET, TOKEN, AES_KEY)
RESIDENT = "oResident_1"
MODES: list[Mode] = ["plain", "compatible", "encrypted"]

BOMB = (
    '<!DOCTYPE xml [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<xml><FromUserName>u</FromUserName><MsgType>text</MsgType><Content>&b;</Content></xml>"
)
FILE_ENTITY = (
    '<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    "<xml><FromUserName>u</FromUserName><MsgType>text</MsgType><Content>&f;</Content></xml>"
)
GARBAGE = {
    "not XML": "hello",
    "JSON": '{"MsgType": "text"}',
    "cut off": "<xml><MsgType>text",
    "no MsgType": f"<xml><FromUserName>{RESIDENT}</FromUserName></xml>",
    "empty MsgType": f"<xml><FromUserName>{RESIDENT}</FromUserName><MsgType/></xml>",
    "two MsgTypes": "<xml><MsgType>text</MsgType><MsgType>text</MsgType></xml>",
    "nested": "<xml><MsgType><a>text</a></MsgType></xml>",
    "other root": "<html><MsgType>text</MsgType></html>",
    "only text": "<xml>text</xml>",
    "entity bomb": BOMB,
    "file entity": FILE_ENTITY,
    "deep": "<a>" * 100_000,
}


def signer(mode: Mode) -> Platform:
    return Platform("", mode)


def signed(fields: platform.Fields | str, mode: Mode = "plain", at: datetime = NOW) -> Signed:
    return signer(mode).sign(fields, at.timestamp())


@pytest.mark.parametrize("mode", MODES)
def test_a_signed_message_is_opened(mode: Mode) -> None:
    message = platform.text(RESIDENT, "幸福里3号楼楼下的路灯坏了", MsgId=42)
    post = signed(message, mode)
    callback = open_callback(ACCOUNT, post.query, post.body, NOW)
    assert callback.inbound is not None
    assert callback.inbound.kind is Kind.TEXT
    assert callback.inbound.text == "幸福里3号楼楼下的路灯坏了"
    assert callback.inbound.external_id == "42"
    assert callback.address.user == RESIDENT
    assert callback.address.official_id == OFFICIAL_ID
    assert callback.address.encrypted is (mode != "plain")


def test_compatible_mode_takes_the_encrypted_part() -> None:
    post = signed(platform.text(RESIDENT, "真"), "compatible")
    forged = post.body.replace("真".encode(), "假".encode())
    inbound = open_callback(ACCOUNT, post.query, forged, NOW).inbound
    assert inbound is not None
    assert inbound.text == "真"


def test_the_echo_is_given_back_for_a_signed_get_only() -> None:
    query = {**signed("").query, "echostr": "5837462"}
    assert verify(ACCOUNT, query, NOW) == "5837462"
    with pytest.raises(Forbidden):
        verify(ACCOUNT, {**query, "nonce": "1"}, NOW)


@pytest.mark.parametrize("name", ["signature", "timestamp", "nonce"])
def test_an_absent_part_of_the_signature_is_forbidden(name: str) -> None:
    post = signed(platform.text(RESIDENT, "你好"))
    query = {key: value for key, value in post.query.items() if key != name}
    with pytest.raises(Forbidden):
        open_callback(ACCOUNT, query, post.body, NOW)


@pytest.mark.parametrize("given_signature", ["", "0" * 40, "é" * 40, "\ud800", "签名"])
@pytest.mark.parametrize("mode", MODES)
def test_a_wrong_signature_is_forbidden(mode: Mode, given_signature: str) -> None:
    post = signed(platform.text(RESIDENT, "你好"), mode)
    name = "signature" if mode == "plain" else "msg_signature"
    with pytest.raises(Forbidden):
        open_callback(ACCOUNT, {**post.query, name: given_signature}, post.body, NOW)


@pytest.mark.parametrize("body", [*GARBAGE.values(), "", "x" * 11_000_000], ids=lambda b: b[:12])
def test_an_unsigned_body_is_forbidden_whatever_it_holds(body: str) -> None:
    """The signature is checked before anything is parsed."""
    with pytest.raises(Forbidden):
        open_callback(ACCOUNT, signed("").query | {"signature": "0"}, body.encode(), NOW)
    with pytest.raises(Forbidden):
        open_callback(ACCOUNT, {"encrypt_type": "aes"}, body.encode(), NOW)


@pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE)
@pytest.mark.parametrize("mode", ["plain", "encrypted"])
def test_row_14_signed_garbage_is_malformed(mode: Mode, body: str) -> None:
    post = signed(body, mode)
    with pytest.raises(Malformed) as malformed:
        open_callback(ACCOUNT, post.query, post.body, NOW)
    assert malformed.value.__cause__ is None


def test_row_14_empty_huge_and_gbk_bodies_are_malformed() -> None:
    query = signed("").query
    gbk = platform.to_xml(platform.text(RESIDENT, "路灯坏了")).encode("gbk")
    for body in (b"", b" " * 10, b"x" * (1024 * 1024 + 1), b"<xml>" * 2_000_000, gbk):
        with pytest.raises(Malformed):
            open_callback(ACCOUNT, query, body, NOW)


def test_row_14_encrypted_mode_without_encrypt_is_malformed() -> None:
    post = signed(platform.text(RESIDENT, "你好"))
    for body in (post.body, b"", b"<xml><Encrypt>abc</xml>", b"x" * 11_000_000):
        with pytest.raises(Malformed):
            open_callback(ACCOUNT, post.query | {"encrypt_type": "aes"}, body, NOW)


@pytest.mark.parametrize(
    "ciphertext",
    ["", "!", "abc", "YWJj", "A" * 64, "A" * 63 + "=", platform.encrypt("x")[:-44], "密文"],
)
def test_row_14_what_does_not_decrypt_is_turned_away(ciphertext: str) -> None:
    query = signed("").query
    digest = platform.signature(TOKEN, query["timestamp"], query["nonce"], ciphertext)
    query |= {"encrypt_type": "aes", "msg_signature": digest}
    body = f"<xml><Encrypt><![CDATA[{ciphertext}]]></Encrypt></xml>".encode()
    with pytest.raises((Malformed, Forbidden)):
        open_callback(ACCOUNT, query, body, NOW)


@given(body=st.binary(max_size=300), wrap=st.booleans())
def test_row_14_no_bytes_raise_anything_else(*, body: bytes, wrap: bool) -> None:
    query = signed("").query
    body = b"<xml><MsgType>text</MsgType>" + body + b"</xml>" if wrap else body
    with pytest.raises(Malformed):
        open_callback(ACCOUNT, query, body, NOW)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seconds", [-86_400, -301, 301, 86_400])
def test_row_15_a_time_outside_five_minutes_is_forbidden(mode: Mode, seconds: int) -> None:
    post = signed(platform.text(RESIDENT, "你好"), mode, NOW + timedelta(seconds=seconds))
    with pytest.raises(Forbidden):
        open_callback(ACCOUNT, post.query, post.body, NOW)


@pytest.mark.parametrize("seconds", [-300, 300])
def test_row_15_a_time_within_five_minutes_is_let_in(seconds: int) -> None:
    post = signed(platform.text(RESIDENT, "你好"), at=NOW + timedelta(seconds=seconds))
    assert open_callback(ACCOUNT, post.query, post.body, NOW).inbound


@pytest.mark.parametrize("timestamp", ["", "now", "-1", "1e9", "１７６４", "9" * 5000])
def test_row_15_a_timestamp_that_is_no_number_is_forbidden(timestamp: str) -> None:
    query = {
        "timestamp": timestamp,
        "nonce": "1",
        "signature": platform.signature(TOKEN, timestamp, "1"),
    }
    with pytest.raises(Forbidden):
        verify(ACCOUNT, query, NOW)


def test_row_15_a_replay_is_the_same_message() -> None:
    post = signed(platform.text(RESIDENT, "你好"))
    first = open_callback(ACCOUNT, post.query, post.body, NOW)
    assert open_callback(ACCOUNT, post.query, post.body, NOW + timedelta(seconds=9)) == first


def test_row_16_in_encrypted_mode_msg_signature_decides() -> None:
    post = signed(platform.text(RESIDENT, "你好"), "encrypted")
    with pytest.raises(Forbidden):
        open_callback(ACCOUNT, post.query | {"msg_signature": "0" * 40}, post.body, NOW)
    swapped = post.query | {"msg_signature": post.query["signature"]}
    with pytest.raises(Forbidden):
        open_callback(ACCOUNT, swapped, post.body, NOW)


def test_row_17_a_message_for_another_appid_is_forbidden() -> None:
    post = Platform("", "encrypted", appid="wxffffffffffffffff").sign(
        platform.text(RESIDENT, "你好"), NOW.timestamp()
    )
    with pytest.raises(Forbidden):
        open_callback(ACCOUNT, post.query, post.body, NOW)


def test_row_17_another_key_is_turned_away() -> None:
    post = Platform("", "encrypted", aes_key=AES_KEY[::-1]).sign(
        platform.text(RESIDENT, "你好"), NOW.timestamp()
    )
    with pytest.raises((Malformed, Forbidden)):
        open_callback(ACCOUNT, post.query, post.body, NOW)


@pytest.mark.parametrize("signed_as_sent", [True, False])
@pytest.mark.parametrize("cdata", [True, False])
def test_row_17_white_space_inside_encrypt_still_decrypts(
    *, signed_as_sent: bool, cdata: bool
) -> None:
    ciphertext = platform.encrypt(platform.to_xml(platform.text(RESIDENT, "你好")))
    lines = "\n".join(ciphertext[i : i + 64] for i in range(0, len(ciphertext), 64))
    query = signed("").query
    digest = platform.signature(
        TOKEN, query["timestamp"], query["nonce"], lines if signed_as_sent else ciphertext
    )
    inner = f"<![CDATA[{lines}]]>" if cdata else f"\n  {lines}\n"
    body = f"<xml>\n<Encrypt>{inner}</Encrypt></xml>".encode()
    query |= {"encrypt_type": "aes", "msg_signature": digest}
    inbound = open_callback(ACCOUNT, query, body, NOW).inbound
    assert inbound is not None
    assert inbound.text == "你好"


def test_an_encrypted_message_without_a_key_is_malformed() -> None:
    post = signed(platform.text(RESIDENT, "你好"), "encrypted")
    with pytest.raises(Malformed):
        open_callback(WeChatAccount(APPID, SECRET, TOKEN), post.query, post.body, NOW)


@pytest.mark.parametrize(("token", "key"), [("", ""), (TOKEN, "short"), (TOKEN, "密" * 43)])
def test_settings_that_cannot_work_are_refused(token: str, key: str) -> None:
    with pytest.raises(ValueError, match="WeChat"):
        WeChatAccount(APPID, SECRET, token, key)


def test_secrets_stay_out_of_repr() -> None:
    shown = repr(ACCOUNT)
    assert not any(secret in shown for secret in (SECRET, TOKEN, AES_KEY))
