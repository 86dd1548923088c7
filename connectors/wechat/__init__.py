"""The WeChat official account: verified callbacks in, passive replies and API messages out.

Incoming (pure): :func:`verify` for the GET echo, :func:`open_callback` for a POST; then
:func:`pack` and :func:`passive_reply`, or :data:`ACKNOWLEDGED`. Outgoing: :class:`WeChat`, with
texts cut by :func:`parts` and a :class:`TokenStore` that the processes share.
"""

from connectors.wechat.account import WeChatAccount
from connectors.wechat.callback import (
    ACKNOWLEDGED,
    Callback,
    ReplyAddress,
    open_callback,
    verify,
)
from connectors.wechat.client import WeChat
from connectors.wechat.errors import Forbidden, Malformed
from connectors.wechat.messages import CHANNEL
from connectors.wechat.render import parts, render
from connectors.wechat.reply import pack, passive_reply
from connectors.wechat.split import TEXT_BYTES, split_text
from connectors.wechat.token import AccessToken, TokenStore

__all__ = [
    "ACKNOWLEDGED",
    "CHANNEL",
    "TEXT_BYTES",
    "AccessToken",
    "Callback",
    "Forbidden",
    "Malformed",
    "ReplyAddress",
    "TokenStore",
    "WeChat",
    "WeChatAccount",
    "open_callback",
    "pack",
    "parts",
    "passive_reply",
    "render",
    "split_text",
    "verify",
]
