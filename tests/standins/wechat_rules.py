"""The rules of the WeChat API, as its documentation and its users tell them.

Sources: developers.weixin.qq.com, getStableAccessToken, 客服消息, 订阅通知, 全局返回码.
"""

from __future__ import annotations

import json
import secrets
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

APPID = "wx0123456789abcdef"
SECRET = "standin-secret"

_TEXT_BYTES = 2048
_DAY = 86_400
_MESSAGE_WINDOW, _MESSAGE_QUOTA = 48 * 3600, 5
_EVENT_WINDOW, _EVENT_QUOTA = 60, 3


class RefusedError(Exception):
    """The platform's errcode and errmsg."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass
class Window:
    ends: float
    left: int


@dataclass
class Resident:
    following: bool = True
    after_message: Window | None = None
    after_event: Window | None = None
    granted: set[str] = field(default_factory=set[str])


@dataclass
class Rules:
    """The platform's memory and decisions, on a clock that tests may put forward."""

    appid: str = APPID
    secret: str = SECRET
    ahead: float = 0.0
    residents: dict[str, Resident] = field(default_factory=dict[str, Resident])
    sent: list[Json] = field(default_factory=list[Json])
    media: dict[str, tuple[bytes, str]] = field(default_factory=dict[str, tuple[bytes, str]])
    tokens: dict[str, float] = field(default_factory=dict[str, float])  # value: valid until
    current: str = ""
    refused: set[str] = field(default_factory=set[str])
    forced: list[float] = field(default_factory=list[float])
    faults: dict[str, list[Json]] = field(
        default_factory=lambda: defaultdict[str, list[Json]](list)
    )
    calls: Counter[str] = field(default_factory=Counter[str])

    def next_fault(self, path: str) -> Json:
        """The fault to answer this call with, {} for none; counts the call."""
        self.calls[path] += 1
        waiting = self.faults[path]
        if not waiting:
            return {}
        fault = waiting[0]
        fault["times"] -= 1
        if fault["times"] == 0:
            waiting.pop(0)
        return fault

    def now(self) -> float:
        return time.time() + self.ahead

    def stable_token(self, asked: Json) -> Json:
        if asked.get("grant_type") != "client_credential":
            raise RefusedError(40002, "invalid grant_type")
        if asked.get("appid") != self.appid:
            raise RefusedError(40013, "invalid appid")
        if asked.get("secret") != self.secret:
            raise RefusedError(40125, "invalid appsecret")
        now = self.now()
        if asked.get("force_refresh"):
            self._force(now)
        elif self.tokens.get(self.current, 0) - now <= 300:
            if self.current in self.tokens:  # both work for five minutes
                self.tokens[self.current] = min(self.tokens[self.current], now + 300)
            self._issue(now)
        left = int(self.tokens[self.current] - now)
        return {"access_token": self.current, "expires_in": left}

    def _force(self, now: float) -> None:
        self.forced = [at for at in self.forced if at > now - _DAY]
        if len(self.forced) >= 20:
            raise RefusedError(45009, "reach max api daily quota limit")
        if self.forced and now - self.forced[-1] < 30:
            return  # the platform gives the same token again
        self.forced.append(now)
        self.tokens.pop(self.current, None)
        self._issue(now)

    def _issue(self, now: float) -> None:
        self.current = secrets.token_urlsafe(384)
        self.tokens[self.current] = now + 7200

    def authorise(self, token: str) -> None:
        if not token:
            raise RefusedError(41001, "access_token missing")
        if token not in self.tokens or token in self.refused:
            raise RefusedError(40001, "invalid credential, access_token is invalid or not latest")
        if self.tokens[token] <= self.now():
            raise RefusedError(42001, "access_token expired")

    def revoke(self) -> None:
        """Makes every token given so far invalid, while stable_token still gives the current one:
        the platform vouches for what it refuses.
        """
        self.refused.update(self.tokens)

    def did(self, openid: str, what: str) -> None:
        """What a resident does to the account opens a window for answers, or ends them all."""
        resident = self.residents.setdefault(openid, Resident())
        resident.following = what != "unsubscribe"
        if what == "message":
            resident.after_message = Window(self.now() + _MESSAGE_WINDOW, _MESSAGE_QUOTA)
        elif what in {"subscribe", "scan", "click"}:
            resident.after_event = Window(self.now() + _EVENT_WINDOW, _EVENT_QUOTA)

    def kefu(self, message: Json) -> None:
        openid, content = message.get("touser", ""), message.get("text", {}).get("content", "")
        if openid not in self.residents:
            raise RefusedError(40003, "invalid openid")
        if message.get("msgtype") != "text":
            raise RefusedError(40008, "invalid message type")
        if not content:
            raise RefusedError(44004, "empty content")
        if len(content.encode()) > _TEXT_BYTES:
            raise RefusedError(45002, "content size out of limit")
        resident = self.residents[openid]
        if not resident.following:
            raise RefusedError(43004, "require subscribe")
        windows = [w for w in (resident.after_message, resident.after_event) if w is not None]
        windows = [window for window in windows if window.ends > self.now()]
        if not windows:
            raise RefusedError(45015, "response out of time limit or subscription is canceled")
        window = next((window for window in windows if window.left), None)
        if window is None:
            raise RefusedError(45047, "out of response count limit")
        window.left -= 1
        self.record(openid, "kefu", content)

    def bizsend(self, message: Json) -> None:
        openid, template = message.get("touser", ""), message.get("template_id", "")
        if openid not in self.residents:
            raise RefusedError(40003, "invalid openid")
        values = message.get("data")
        if not isinstance(values, dict) or not values:
            raise RefusedError(47003, "argument invalid")
        if template not in self.residents[openid].granted:
            raise RefusedError(43101, "user refuse to accept the msg")
        self.record(openid, "notice", json.dumps(values, ensure_ascii=False))

    def record(self, openid: str, via: str, text: str) -> None:
        self.sent.append({"openid": openid, "via": via, "text": text, "at": self.now()})
