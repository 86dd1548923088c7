"""What the platform's error codes mean for a delivery.

Source: developers.weixin.qq.com, 全局返回码 and the pages of the calls. Reasons are read by staff.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import regex

from connectors.base import Outcome, Receipt

INVALID_TOKEN = frozenset({40001, 40014, 42001})
"""The access token was refused: renew it once, then try once more."""

_CHINA = timezone(timedelta(hours=8))  # no daylight saving since 1991, no time zone data needed
_BUSY_SECONDS = 5.0
_MINUTE_SECONDS = 60.0
_ADDRESS = regex.compile(r"invalid ip ([0-9a-fA-F.:]+)")
_PLATFORM_WORDS = 120

_MEANINGS: dict[int, tuple[Outcome, str, float]] = {
    -1: (Outcome.RETRY, "微信系统繁忙", _BUSY_SECONDS),
    40001: (Outcome.RETRY, "access_token 无效", _MINUTE_SECONDS),
    40014: (Outcome.RETRY, "access_token 无效", _MINUTE_SECONDS),
    42001: (Outcome.RETRY, "access_token 已过期", _MINUTE_SECONDS),
    45011: (Outcome.RETRY, "接口调用过于频繁", _MINUTE_SECONDS),
    45015: (Outcome.CLOSED, "超出48小时会话时限，待居民再次来信", 0.0),
    45047: (Outcome.CLOSED, "客服消息条数已用完，待居民再次来信", 0.0),
    43004: (Outcome.UNREACHABLE, "居民未关注公众号", 0.0),
    43019: (Outcome.UNREACHABLE, "居民在公众号黑名单中", 0.0),
    43101: (Outcome.FAILED, "居民未订阅或已拒收该通知", 0.0),
    40003: (Outcome.FAILED, "openid 无效，可能属于其他公众号", 0.0),
    40007: (Outcome.FAILED, "文件不存在或已过期（临时素材保留3天）", 0.0),
    40013: (Outcome.FAILED, "AppID 无效", 0.0),
    40125: (Outcome.FAILED, "AppSecret 无效", 0.0),
    45002: (Outcome.FAILED, "内容超过长度限制", 0.0),
    48001: (Outcome.FAILED, "公众号没有该接口权限（未认证或个人号）", 0.0),
}


class ApiError(Exception):
    """A call that did not succeed: what it means, and the platform's code (0 when it gave none)."""

    def __init__(self, receipt: Receipt, code: int = 0) -> None:
        super().__init__(receipt.reason)
        self.receipt = receipt
        self.code = code


def receipt_for(code: int, words: str, now: datetime) -> Receipt:
    """The outcome for a non-zero `errcode`. An unknown code fails, with the platform's words."""
    if code == 45009:
        return Receipt(Outcome.RETRY, f"{code} 今日接口调用次数已用完", seconds_to_midnight(now))
    if code == 40164:
        found = _ADDRESS.search(words)
        address = found.group(1) if found else "（微信未给出）"
        return Receipt(
            Outcome.FAILED, f"{code} 本机出口IP {address} 不在公众号IP白名单，请只添加这一个地址"
        )
    if code in _MEANINGS:
        outcome, reason, retry_after = _MEANINGS[code]
        return Receipt(outcome, f"{code} {reason}", retry_after)
    return Receipt(Outcome.FAILED, f"{code} {' '.join(words.split())[:_PLATFORM_WORDS]}")


def seconds_to_midnight(now: datetime) -> float:
    """Until the daily counters start again: 0:00 in China."""
    local = now.astimezone(_CHINA)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - local).total_seconds()
