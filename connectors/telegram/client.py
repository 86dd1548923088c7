"""The outgoing side: messages to residents, their files, and where Telegram delivers."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

import httpx
from telegram import Bot, LinkPreviewOptions
from telegram.error import RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from connectors.base import Media, MediaError, MediaReference, Outbound, Outcome, Receipt
from connectors.telegram.account import TelegramAccount
from connectors.telegram.errors import SetupError
from connectors.telegram.faults import receipt_for, seconds_of
from connectors.telegram.outgoing import keyboard, parts
from connectors.telegram.pace import Pace
from connectors.telegram.updates import CHANNEL, WANTED

log = logging.getLogger(__name__)

LARGEST_FILE = 10 * 1024 * 1024
"""The most bytes of a file that are downloaded."""

_LONGEST_WAIT = 5.0  # a worker waits so long for its turn; later ones come back
_PHASE_SECONDS = 10.0
_DOWNLOAD_SECONDS = 30.0


def open_bot(account: TelegramAccount, connections: int = 16) -> Bot:
    """The library's client for this bot. Its token is part of every URL, and message texts are
    among the parameters: the loggers that write these are told to keep to warnings.
    """
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.WARNING)
    request = HTTPXRequest(
        connection_pool_size=connections,
        connect_timeout=_PHASE_SECONDS,
        read_timeout=_PHASE_SECONDS,
        write_timeout=_PHASE_SECONDS,
        pool_timeout=_PHASE_SECONDS,
    )
    url = account.api_url.rstrip("/")
    return Bot(
        account.token, f"{url}/bot", f"{url}/file/bot", request=request, get_updates_request=request
    )


class TelegramChannel:
    """The bot as a :class:`connectors.base.Channel`."""

    name = CHANNEL

    def __init__(
        self, account: TelegramAccount, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._bot = open_bot(account)
        self._files = httpx.AsyncClient(timeout=_PHASE_SECONDS)
        self._pace = Pace()
        self._clock = clock

    async def deliver(self, user: str, message: Outbound) -> Receipt:
        """Sends one message as plain text, within Telegram's limits of speed; an empty one is
        nothing to send, and done.

        A text longer than one message goes in parts. Tried again after a fault, the parts start
        over: whoever stores messages cuts them with :func:`connectors.telegram.parts` first.
        """
        receipt = Receipt(Outcome.SENT)
        for part in parts(message):
            receipt = await self._send(user, part)
            if receipt.outcome is not Outcome.SENT:
                break
        return receipt

    async def fetch(self, media: MediaReference) -> Media:
        """Downloads a picture or recording of at most :data:`LARGEST_FILE` bytes. Raises
        MediaError.
        """
        try:
            file = await self._bot.get_file(media.id)
        except TelegramError as fault:
            receipt = receipt_for(fault)
            raise MediaError(receipt.reason, passing=receipt.outcome is Outcome.RETRY) from None
        if not file.file_path:
            raise MediaError("Telegram 没有给出文件", passing=False)
        content = await self._download(file.file_path)
        # Telegram serves every file as application/octet-stream.
        return Media(content, media.content_type or "application/octet-stream")

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._files.aclose()
        await self._bot.request.shutdown()

    async def _send(self, user: str, part: Outbound) -> Receipt:
        if not user.removeprefix("-").isdecimal():
            return Receipt(Outcome.FAILED, "不是 Telegram 会话编号")
        now = self._clock()
        wait = self._pace.wait(user, now)
        if wait > _LONGEST_WAIT:
            return Receipt(Outcome.RETRY, "按 Telegram 的限速等待", wait)
        await asyncio.sleep(self._pace.take(user, now))
        try:
            await self._bot.send_message(
                int(user),
                part.text,
                reply_markup=keyboard(part.buttons),
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
        except TelegramError as fault:
            if isinstance(fault, RetryAfter):
                self._pace.hold(seconds_of(fault), self._clock())
            receipt = receipt_for(fault)
        else:
            return Receipt(Outcome.SENT)
        if receipt.outcome is Outcome.FAILED:
            log.error("a message could not be sent: %s", receipt.reason)
        return receipt

    async def _download(self, url: str) -> bytes:
        content = bytearray()
        try:
            async with (
                asyncio.timeout(_DOWNLOAD_SECONDS),
                self._files.stream("GET", url) as response,
            ):
                if response.status_code != 200:
                    passing = response.status_code >= 500 or response.status_code == 429
                    raise MediaError(
                        f"下载文件时 Telegram 返回 HTTP {response.status_code}", passing=passing
                    )
                async for piece in response.aiter_bytes():
                    content += piece
                    if len(content) > LARGEST_FILE:
                        raise MediaError("文件超过10 MiB", passing=False)
        except (httpx.HTTPError, TimeoutError) as fault:
            reason = f"下载文件时 Telegram 没有回应（{type(fault).__name__}）"
            raise MediaError(reason, passing=True) from None
        return bytes(content)


async def set_webhook(account: TelegramAccount, url: str) -> None:
    """Tells Telegram to post updates to `url` (https), with the account's secret in the header.
    Raises SetupError.
    """
    if not account.secret:
        # Without it anyone could post updates.
        raise SetupError("请先设置 YINGSHENG_TELEGRAM_SECRET")
    bot = open_bot(account)
    try:
        await bot.set_webhook(url, secret_token=account.secret, allowed_updates=list(WANTED))
    except TelegramError as fault:
        raise SetupError(receipt_for(fault).reason) from None
    finally:
        await bot.request.shutdown()
