"""Asking Telegram for updates, for a bot that cannot be reached from outside."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from connectors.base import Inbound
from connectors.telegram.account import TelegramAccount
from connectors.telegram.client import open_bot
from connectors.telegram.errors import Malformed
from connectors.telegram.faults import seconds_of
from connectors.telegram.updates import WANTED, parse_update

log = logging.getLogger(__name__)

Handle = Callable[[Inbound], Awaitable[None]]
Report = Callable[[str], None]

_WAIT_SECONDS = 25
_CONFLICT_SECONDS = 30.0
_LONGEST_PAUSE = 30.0


async def poll(account: TelegramAccount, handle: Handle, report: Report | None = None) -> None:
    """Hands every message over, in order, until it is cancelled.

    An update is confirmed to Telegram only after `handle` returned, so that none is lost: one that
    `handle` could not take is handed over again, and one whose confirmation was lost comes again
    with the same external_id. Network faults are waited out. It returns, after an error in the log,
    when Telegram refuses the token: asking again would not help.

    `report` is told what is wrong when something is, and "" when all is well again.
    """
    state = _State(report or (lambda _: None))
    bot = open_bot(account)
    try:
        await _run(bot, handle, state)
    except InvalidToken:
        state.failed("Telegram 不接受机器人令牌，已停止接收，请检查设置")
    finally:
        await bot.request.shutdown()


@dataclass(slots=True)
class _State:
    """What is wrong, said once, and how often in a row."""

    report: Report
    trouble: str = ""
    failures: int = 0

    def well(self) -> None:
        if self.trouble:
            log.warning("polling works again")
            self.report("")
        self.trouble, self.failures = "", 0

    def failed(self, trouble: str) -> float:
        """Gives the seconds to wait: 1, 2, 4 … 30."""
        self.failures += 1
        if trouble != self.trouble:
            log.error("polling: %s", trouble)
            self.report(trouble)
        self.trouble = trouble
        return min(_LONGEST_PAUSE, 2.0 ** min(self.failures - 1, 10))


async def _run(bot: Bot, handle: Handle, state: _State) -> None:
    offset = 0
    polled = False  # a webhook set earlier must go first, or every request is a conflict
    while True:
        try:
            polled = polled or await bot.delete_webhook()
            updates = await _updates(bot, offset)
        except InvalidToken:
            raise
        except TelegramError as fault:
            await asyncio.sleep(_pause(fault, state))
            continue
        state.well()
        for update in updates:
            await _hand_over(update, handle, state)
            offset = update["update_id"] + 1


def _pause(fault: TelegramError, state: _State) -> float:
    if isinstance(fault, RetryAfter):
        return seconds_of(fault)
    if isinstance(fault, Conflict):
        wait = state.failed("另一个程序正在用同一个机器人令牌接收消息，只能有一个")
        return max(_CONFLICT_SECONDS, wait)
    return state.failed(f"Telegram 没有回应（{type(fault).__name__}）")


async def _updates(bot: Bot, offset: int) -> list[dict[str, Any]]:
    """The next updates as they came. The library's own method parses all of them at once, and one
    that it cannot parse would come back for ever.
    """
    asked = {"offset": offset, "timeout": _WAIT_SECONDS, "allowed_updates": json.dumps(WANTED)}
    url = f"{bot.base_url}/getUpdates?{urlencode(asked)}"
    answer: Any = await bot.request.post(url, read_timeout=_WAIT_SECONDS + 10)
    if not isinstance(answer, list) or not all(_numbered(update) for update in answer):
        raise TelegramError("not a list of updates")
    return answer


def _numbered(update: Any) -> bool:
    return isinstance(update, dict) and type(update.get("update_id")) is int


async def _hand_over(update: dict[str, Any], handle: Handle, state: _State) -> None:
    try:
        inbound = parse_update(update, datetime.now(UTC))
    except Malformed:
        log.warning("update %s is not readable and was left out", update["update_id"])
        return
    while inbound is not None:
        try:
            await handle(inbound)
        except Exception as fault:  # noqa: BLE001 - whatever it is, the message must not be lost
            # Not its text: that of a database error holds what the resident wrote.
            await asyncio.sleep(state.failed(f"消息没有存下（{type(fault).__name__}）"))
        else:
            state.well()
            return
