"""Signatures of what is exchanged with a platform: HMAC-SHA256 over the moment and the body.

The signed text is the moment (Unix seconds, as in the header), a dot, and the body's bytes. A body
with a fresh moment cannot be made without the key, and an old one is refused.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from desk.tickets.backends.base import CallbackRefusedError

TIMESTAMP_HEADER = "X-Yingsheng-Timestamp"
SIGNATURE_HEADER = "X-Yingsheng-Signature"
WINDOW = 300
"""Seconds that a sender's clock, and the way, may differ from ours."""


def sign(key: str, body: bytes, at: datetime) -> dict[str, str]:
    """The headers that prove a body."""
    moment = str(int(at.timestamp()))
    return {TIMESTAMP_HEADER: moment, SIGNATURE_HEADER: f"sha256={_digest(key, moment, body)}"}


def verify(keys: Sequence[str], moment: str, signature: str, body: bytes, at: datetime) -> None:
    """Raises CallbackRefusedError unless one of the keys signed this body within WINDOW.

    Two keys are valid while one replaces the other. Every key is tried, in constant time.
    """
    given = signature.encode("utf-8", "replace")
    right = [
        hmac.compare_digest(given, f"sha256={_digest(key, moment, body)}".encode()) for key in keys
    ]
    if not any(right):
        raise CallbackRefusedError("the signature is wrong", 401)
    # Only now: the moment is ours to believe when it was signed.
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 12):
        raise CallbackRefusedError("the timestamp is no number of seconds", 401)
    if abs(int(moment) - at.timestamp()) > WINDOW:
        raise CallbackRefusedError("the timestamp is too old or too new", 401)


def _digest(key: str, moment: str, body: bytes) -> str:
    signed = moment.encode("utf-8", "replace") + b"." + body
    return hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()
