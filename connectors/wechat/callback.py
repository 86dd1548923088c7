"""From an HTTP request of the platform to one message, trusting nothing before its signature.

Pure: the web route gives the query, the body and the time, and answers by what comes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connectors.base import Inbound
from connectors.wechat.account import WeChatAccount
from connectors.wechat.crypto import decrypt, signed
from connectors.wechat.errors import Forbidden, Malformed
from connectors.wechat.messages import parse

ACKNOWLEDGED = "success"
"""The body that ends the platform's retries without saying anything to the resident."""

_WINDOW_SECONDS = 300
_MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ReplyAddress:
    """Whom a passive reply goes to, from which account, and whether it must be encrypted."""

    user: str
    official_id: str
    encrypted: bool


@dataclass(frozen=True, slots=True)
class Callback:
    """One verified callback. `inbound` is None for what is acknowledged and otherwise ignored."""

    inbound: Inbound | None
    address: ReplyAddress


def verify(account: WeChatAccount, query: Mapping[str, str], now: datetime) -> str:
    """Checks `signature` and the age of `timestamp`; gives the `echostr` to answer a GET with.

    Raises Forbidden when the signature is wrong or absent, or the time is more than 300 s away.
    """
    _check_age(query, now)
    given = query.get("signature", "")
    if not signed(given, account.token, query.get("timestamp", ""), query.get("nonce", "")):
        raise Forbidden("wrong signature")
    return query.get("echostr", "")


def open_callback(
    account: WeChatAccount, query: Mapping[str, str], body: bytes, now: datetime
) -> Callback:
    """The message in a POST, in plain, compatible or encrypted mode.

    In the last two the encrypted part counts, and `msg_signature`, which covers it, is what is
    checked. Raises Forbidden or Malformed; see :mod:`connectors.wechat.errors`.
    """
    encrypted = query.get("encrypt_type") == "aes" or "msg_signature" in query
    ciphertext = _ciphertext(body) if encrypted and len(body) <= _MOST_BYTES else None
    if ciphertext is None:
        verify(account, query, now)
        if len(body) > _MOST_BYTES:
            raise Malformed("the body is larger than 1 MiB")
        if encrypted:
            raise Malformed("no Encrypt element")
        xml = body
    else:
        _check_message_signature(account, query, ciphertext, now)
        if not account.aes_key:
            raise Malformed("an encrypted message, but no EncodingAESKey is set")
        xml = decrypt(account, ciphertext).encode()
    message = parse(xml)
    return Callback(message.inbound, ReplyAddress(message.user, message.official_id, encrypted))


def _check_age(query: Mapping[str, str], now: datetime) -> None:
    timestamp = query.get("timestamp", "")
    # Eleven digits reach beyond the year 5000; more would only be work for int().
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 11):
        raise Forbidden("no timestamp")
    if abs(now.timestamp() - int(timestamp)) > _WINDOW_SECONDS:
        raise Forbidden("the timestamp is more than 300 s away")


def _check_message_signature(
    account: WeChatAccount, query: Mapping[str, str], ciphertext: str, now: datetime
) -> None:
    _check_age(query, now)
    given = query.get("msg_signature", "")
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    # Gateways wrap the Base64 text; the platform signed it either as it stands or in one line.
    one_line = "".join(ciphertext.split())
    if not any(signed(given, account.token, timestamp, nonce, c) for c in (ciphertext, one_line)):
        raise Forbidden("wrong msg_signature")


def _ciphertext(body: bytes) -> str | None:
    """The text of the Encrypt element, found without an XML parser: nothing is parsed before
    `msg_signature` is checked, and that needs this text.
    """
    _, start, rest = body.partition(b"<Encrypt>")
    inner, end, _ = rest.partition(b"</Encrypt>")
    if not (start and end):
        return None
    inner = inner.strip().removeprefix(b"<![CDATA[").removesuffix(b"]]>").strip()
    return inner.decode("ascii", "replace")
