"""The account's access token, fetched once for all senders of all processes.

`stable_token` in normal mode gives every caller the same token until its last five minutes, so that
a renewal in one process never breaks another's. Source: developers.weixin.qq.com,
getStableAccessToken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import httpx

from connectors.base import Outcome, Receipt
from connectors.wechat.account import WeChatAccount
from connectors.wechat.api import post
from connectors.wechat.faults import INVALID_TOKEN, ApiError

# Renewed inside the last five minutes, when the platform surely gives a new one and the old one
# still works for everyone who holds it.
_EARLY = timedelta(minutes=4)
_FORCE_APART = timedelta(seconds=30)  # sooner, the platform does not refresh
_WAIT_SECONDS = 12.0


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token (up to 512 characters and more), when it should no longer be used, and when a forced
    refresh was last asked for.
    """

    value: str
    expires_at: datetime
    forced_at: datetime | None = None

    def __repr__(self) -> str:
        return f"AccessToken(expires_at={self.expires_at})"


class TokenStore(Protocol):
    """Where processes share one account's token."""

    async def get(self) -> AccessToken | None:
        """The token last put, or None."""
        ...

    async def put(self, token: AccessToken) -> None:
        """Replaces the token for everyone."""
        ...

    def lock(self) -> AbstractAsyncContextManager[None]:
        """Held by one holder at a time over all processes; freed when the holder dies."""
        ...


class AccessTokens:
    """Gives senders the token, and renews it for all of them at once."""

    def __init__(
        self,
        account: WeChatAccount,
        http: httpx.AsyncClient,
        store: TokenStore,
        now: Callable[[], datetime],
    ) -> None:
        self._account = account
        self._http = http
        self._store = store
        self._now = now
        # In front of the store's lock, so that a process waits there only once.
        self._turn = asyncio.Lock()
        self._fault: ApiError | None = None
        self._faulted_at = 0.0

    async def current(self, rejected: str = "") -> str:
        """A token to send with; another than `rejected`, which the platform has just refused.

        Raises ApiError when none is to be had. Whoever waited while one fetch failed shares that
        failure instead of fetching in turn.
        """
        asked_at = asyncio.get_running_loop().time()
        if usable := self._usable(await self._store.get(), rejected):
            return usable
        try:
            async with asyncio.timeout(_WAIT_SECONDS), self._turn, self._store.lock():
                return await self._renewed(rejected, asked_at)
        except TimeoutError:
            receipt = Receipt(Outcome.RETRY, "获取 access_token 超时", _FORCE_APART.total_seconds())
            raise ApiError(receipt) from None

    async def _renewed(self, rejected: str, asked_at: float) -> str:
        stored = await self._store.get()
        if usable := self._usable(stored, rejected):
            return usable
        if self._fault and self._faulted_at >= asked_at:
            raise ApiError(self._fault.receipt, self._fault.code)
        try:
            token = await self._fetched(rejected, stored.forced_at if stored else None)
        except ApiError as fault:
            self._fault, self._faulted_at = fault, asyncio.get_running_loop().time()
            raise
        await self._store.put(token)
        return token.value

    async def _fetched(self, rejected: str, forced_at: datetime | None) -> AccessToken:
        token = await self._fetch(force=False, forced_at=forced_at)
        if token.value != rejected:
            return token
        # The platform still vouches for the token that it refuses: only force replaces it.
        if forced_at is None or self._now() - forced_at >= _FORCE_APART:
            token = await self._fetch(force=True, forced_at=self._now())
        if token.value == rejected:
            reason = "微信拒绝 access_token，又未给出新的"
            raise ApiError(Receipt(Outcome.RETRY, reason, _FORCE_APART.total_seconds()))
        return token

    async def _fetch(self, *, force: bool, forced_at: datetime | None) -> AccessToken:
        now = self._now()
        payload = {
            "grant_type": "client_credential",
            "appid": self._account.appid,
            "secret": self._account.secret,
            "force_refresh": force,
        }
        try:
            answer = await post(self._http, "/cgi-bin/stable_token", payload, now)
        except ApiError as fault:
            if fault.code not in INVALID_TOKEN:
                raise
            # Here no token was sent: the code means the credentials.
            receipt = Receipt(Outcome.FAILED, f"{fault.code} AppID 或 AppSecret 不正确")
            raise ApiError(receipt, fault.code) from None
        value, seconds = answer.get("access_token"), answer.get("expires_in")
        if not (isinstance(value, str) and value and isinstance(seconds, int)):
            raise ApiError(Receipt(Outcome.RETRY, "微信的回应里没有 access_token", 60.0))
        lifetime = timedelta(seconds=seconds)
        return AccessToken(value, now + lifetime - min(_EARLY, lifetime / 2), forced_at)

    def _usable(self, stored: AccessToken | None, rejected: str) -> str | None:
        if stored is None or stored.value == rejected or self._now() >= stored.expires_at:
            return None
        return stored.value
