"""Signatures and message encryption, on wechatpy's implementation of WeChat's WXBizMsgCrypt.

Source: developers.weixin.qq.com, 消息加解密说明.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import struct
from datetime import datetime

from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException
from wechatpy.utils import WeChatSigner

from connectors.wechat.account import WeChatAccount
from connectors.wechat.errors import Forbidden, Malformed


def signed(given: str, *parts: str) -> bool:
    """Whether `given` is WeChat's signature of `parts`: SHA-1 over the sorted, joined values.
    Takes the same time wherever the first difference stands.
    """
    signer = WeChatSigner()
    signer.add_data(*(part.encode("utf-8", "replace") for part in parts))
    return hmac.compare_digest(signer.signature.encode(), given.encode("utf-8", "replace"))


def decrypt(account: WeChatAccount, ciphertext: str) -> str:
    """The XML inside an `Encrypt` element whose signature was already checked.

    Raises Malformed when it does not decrypt, Forbidden when it was meant for another appid.
    """
    try:
        return str(PrpCrypto(_key(account)).decrypt(ciphertext, account.appid))
    except InvalidAppIdException:
        raise Forbidden("the appid inside the message is not this account's") from None
    except (ValueError, IndexError, struct.error):
        # Base64, block length, length field and UTF-8: wechatpy lets each fail in its own way.
        raise Malformed("the message does not decrypt") from None


def encrypt(account: WeChatAccount, xml: str, now: datetime) -> str:
    """The XML envelope that WeChat expects around an encrypted passive reply."""
    crypto = WeChatCrypto(account.token, account.aes_key, account.appid)
    envelope = crypto.encrypt_message(xml, secrets.token_hex(8), str(int(now.timestamp())))
    return str(envelope)


def _key(account: WeChatAccount) -> bytes:
    return base64.b64decode(account.aes_key + "=")
