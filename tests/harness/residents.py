"""Residents on WeChat and Telegram, who reach the started system as the platforms do."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from tests.harness.http import HTTP
from tests.harness.patience import wait_for
from tests.harness.system import System
from tests.standins.telegram import TelegramControl
from tests.standins.wechat import WeChatControl
from tests.standins.wechat_platform import AES_KEY, TOKEN, Fields, Mode, Platform, Pushed
from tests.standins.wechat_platform import text as text_message
from tests.standins.wechat_rules import APPID, SECRET

TELEGRAM_SECRET = "standin-webhook-secret"

# The sentence of the README: place and matter are in it, only the phone is asked for.
LAMP = "幸福里3号楼楼下的路灯坏了三天没人修"

_numbers = itertools.count(1)


def wechat_settings(api: WeChatControl) -> dict[str, str]:
    """An official account in encrypted mode; plain callbacks are taken too."""
    return {
        "YINGSHENG_WECHAT_APPID": APPID,
        "YINGSHENG_WECHAT_SECRET": SECRET,
        "YINGSHENG_WECHAT_TOKEN": TOKEN,
        "YINGSHENG_WECHAT_AES_KEY": AES_KEY,
        "YINGSHENG_WECHAT_API_URL": api.url,
    }


def telegram_settings(api: TelegramControl, mode: str) -> dict[str, str]:
    """A bot that is called (`webhook`) or asks itself (`polling`)."""
    from tests.standins.telegram import TOKEN as BOT_TOKEN

    return {
        "YINGSHENG_TELEGRAM_TOKEN": BOT_TOKEN,
        "YINGSHENG_TELEGRAM_SECRET": TELEGRAM_SECRET,
        "YINGSHENG_TELEGRAM_API_URL": api.url,
        "YINGSHENG_TELEGRAM_MODE": mode,
    }


class Talks(Protocol):
    """Anyone who can say something and reads what comes back."""

    def say(self, text: str) -> list[str]:
        """What answers it."""
        ...


def open_ticket(resident: Talks, matter: str = LAMP) -> str:
    """Takes a matter to its ticket; the number."""
    resident.say(matter)
    resident.say("跳过")
    return ticket_number(resident.say("确认提交"))


def ticket_number(told: list[str]) -> str:
    """The number in what a resident was told."""
    found = re.search(r"YS\d{12}", "\n".join(told))
    assert found, told
    return found[0]


def settled(system: System, account: str) -> bool:
    """Whether nothing waits for an answer or for its delivery."""
    [row] = system.query(
        """
        SELECT count(*) FILTER (WHERE m.author = 'resident' AND m.answered_at IS NULL) AS unanswered,
               count(*) FILTER (WHERE d.state IN ('pending', 'sending')) AS undelivered
        FROM resident r
        JOIN conversation c ON c.resident_id = r.id
        JOIN message m ON m.conversation_id = c.id
        LEFT JOIN delivery d ON d.message_id = m.id
        WHERE r.account = %s
        """,
        account,
    )
    return row["unanswered"] == 0 and row["undelivered"] == 0


@dataclass
class WeChatResident:
    """A follower of the official account."""

    system: System
    api: WeChatControl
    mode: Mode = "plain"
    openid: str = field(default_factory=lambda: f"oResident_{next(_numbers):06d}")

    @property
    def platform(self) -> Platform:
        """The platform that carries this resident's messages."""
        return Platform(f"{self.system.url}/channels/wechat", self.mode, self.api)

    def push(self, fields: Fields) -> Pushed:
        """Sends anything; what the callback answered."""
        return asyncio.run(self.platform.push(fields))

    def post(
        self,
        fields: Fields | str,
        at: float | None = None,
        query: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """One delivery, without the platform's repetition. `query` replaces parts of the query."""
        signed = self.platform.sign(fields, at)
        return HTTP.post(
            self.platform.url,
            params={**signed.query, **(query or {})},
            content=signed.body,
            timeout=20,
        )

    def send(self, fields: Fields) -> list[str]:
        """Sends anything; what the resident got by any way, when all is said."""
        before = len(self.received())
        self.push(fields)
        self.settle()
        return self.received()[before:]

    def say(self, text: str) -> list[str]:
        """What answers a text."""
        return self.send(text_message(self.openid, text))

    def settle(self, seconds: float = 40) -> None:
        """Returns when all is answered and delivered, or waits for the resident."""
        wait_for(lambda: settled(self.system, self.openid), seconds, f"answer to {self.openid}")

    def received(self) -> list[str]:
        """Everything the resident read so far."""
        return [one["text"] for one in self.api.sent(self.openid)]

    def ways(self) -> list[str]:
        """By which way each of them came: passive, kefu, fault."""
        return [one["via"] for one in self.api.sent(self.openid)]


@dataclass
class TelegramResident:
    """Someone who talks to the bot."""

    system: System
    api: TelegramControl
    chat: int = field(default_factory=lambda: 5_550_000_000 + next(_numbers))

    def send(self, **content: Any) -> list[str]:
        """Sends a message with this content; the texts that answer it."""
        from tests.standins.telegram import message

        before = len(self.received())
        self.api.update(message=message(self.chat, **content))
        wait_for(lambda: len(self.received()) > before, 40, f"answer to {self.chat}")
        wait_for(lambda: settled(self.system, str(self.chat)), 40, f"end of answer to {self.chat}")
        return [one["text"] for one in self.received()[before:]]

    def say(self, text: str) -> list[str]:
        """What answers a text."""
        return self.send(text=text)

    def received(self) -> list[dict[str, Any]]:
        """Everything the bot sent so far, as the platform got it."""
        return self.api.sent(self.chat)
