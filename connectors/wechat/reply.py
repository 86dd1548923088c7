"""The passive reply: the answer in the response to the callback itself, which costs no quota."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wechatpy.replies import TextReply

from connectors.base import Outbound
from connectors.wechat.account import WeChatAccount
from connectors.wechat.callback import ReplyAddress
from connectors.wechat.crypto import encrypt
from connectors.wechat.render import render
from connectors.wechat.split import TEXT_BYTES

_BETWEEN = "\n\n"


def pack(texts: Sequence[str], limit: int = TEXT_BYTES) -> tuple[str, int]:
    """Joins as many of `texts`, from the first on, as fit into one text of `limit` bytes.

    Gives the text and how many of `texts` it holds; ("", 0) when not even the first fits. Blank
    ones take no room.
    """
    body = ""
    for count, text in enumerate(texts):
        longer = _BETWEEN.join(piece for piece in (body, text.strip()) if piece)
        if len(longer.encode()) > limit:
            return body, count
        body = longer
    return body, len(texts)


def passive_reply(account: WeChatAccount, address: ReplyAddress, text: str, now: datetime) -> str:
    """The XML to answer a callback with, encrypted when the callback was. `text` must fit the
    limit (see :func:`pack`); what XML cannot carry is left out of it.
    """
    reply = TextReply(
        source=_cdata(address.official_id),
        target=_cdata(address.user),
        time=int(now.timestamp()),
        content=_cdata(render(Outbound(text))),
    )
    xml = str(reply.render())
    return encrypt(account, xml, now) if address.encrypted else xml


def _cdata(text: str) -> str:
    """Text that stays one text inside wechatpy's CDATA section, which `]]>` would end."""
    return text.replace("]]>", "]]]]><![CDATA[>")
