"""The official account's settings, as its console (设置与开发 → 开发接口管理) shows them."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class WeChatAccount:
    """One official account. `aes_key` is the 43-character EncodingAESKey, empty in plain mode.

    Raises ValueError when a key could not work, so that a wrong setting stops the start-up and not
    the first message. Secrets stay out of `repr`.
    """

    appid: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(default="", repr=False)
    api_url: str = "https://api.weixin.qq.com"

    def __post_init__(self) -> None:
        if not self.token:
            # Without it anyone could sign a callback.
            raise ValueError("the WeChat token is empty")
        if self.aes_key and not _is_aes_key(self.aes_key):
            raise ValueError("the WeChat EncodingAESKey must be 43 letters and digits")


def _is_aes_key(key: str) -> bool:
    try:
        return len(key) == 43 and len(base64.b64decode(key + "=", validate=True)) == 32
    except (binascii.Error, ValueError):
        return False
