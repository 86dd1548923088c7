"""What Telegram's refusals mean for a delivery."""

from __future__ import annotations

import os
from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from connectors.base import Outcome, Receipt

# The library's way to ask for the coming type of `retry_after`; otherwise each use of it warns.
os.environ.setdefault("PTB_TIMEDELTA", "true")

_AGAIN_SECONDS = 10.0
_DESCRIPTION = 160  # characters; a proxy's error page is no description
# Descriptions of 400 that mean: there is no such resident for this bot (any more).
_NOBODY = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated")


def receipt_for(fault: TelegramError) -> Receipt:
    """The outcome of a call that raised. A reason quotes Telegram's own description at most, never
    what the network library says: that may hold the token."""
    described = fault.message[:_DESCRIPTION]
    match fault:
        case RetryAfter():
            seconds = seconds_of(fault)
            return Receipt(Outcome.RETRY, f"发送过快，须等待{seconds:.0f}秒", seconds)
        case Forbidden():
            return Receipt(Outcome.UNREACHABLE, f"居民已停用机器人：{described}")
        case ChatMigrated():
            return Receipt(Outcome.UNREACHABLE, "该会话已成为群组；本渠道只服务个人")
        case InvalidToken():
            return Receipt(Outcome.FAILED, "Telegram 不接受机器人令牌，请检查设置")
        case BadRequest():
            gone = any(sign in fault.message.lower() for sign in _NOBODY)
            return Receipt(Outcome.UNREACHABLE if gone else Outcome.FAILED, described)
        case _:
            reason = f"Telegram 没有回应（{type(fault).__name__}）"
            return Receipt(Outcome.RETRY, reason, _AGAIN_SECONDS)


def seconds_of(fault: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    wait = fault.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
