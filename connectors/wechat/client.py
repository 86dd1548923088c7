"""The outgoing side: customer-service messages, subscription notices and files of residents."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from connectors.base import Media, MediaError, MediaReference, Outbound, Outcome, Receipt
from connectors.wechat.account import WeChatAccount
from connectors.wechat.api import download, open_http, post
from connectors.wechat.faults import INVALID_TOKEN, ApiError
from connectors.wechat.messages import CHANNEL
from connectors.wechat.render import render
from connectors.wechat.split import TEXT_BYTES
from connectors.wechat.token import AccessTokens, TokenStore

_T = TypeVar("_T")


def _utc_now() -> datetime:
    return datetime.now(UTC)


class WeChat:
    """The official account as a :class:`connectors.base.Channel`."""

    name = CHANNEL

    def __init__(
        self,
        account: WeChatAccount,
        tokens: TokenStore,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._http = open_http(account.api_url)
        self._tokens = AccessTokens(account, self._http, tokens, now)
        self._now = now

    async def deliver(self, user: str, message: Outbound) -> Receipt:
        """Sends one customer-service text. Longer texts are split before they are stored (see
        :func:`connectors.wechat.parts`), so that each part has its own receipt; one that was not
        is refused, as is an empty one.
        """
        text = render(message)
        size = len(text.encode())
        if not text.strip():
            return Receipt(Outcome.FAILED, "消息内容为空")
        if size > TEXT_BYTES:
            return Receipt(Outcome.FAILED, f"消息长{size}字节，超过{TEXT_BYTES}字节，须先分段")
        payload = {"touser": user, "msgtype": "text", "text": {"content": text}}
        return await self._send("/cgi-bin/message/custom/send", payload)

    async def notify(
        self, user: str, template_id: str, values: Mapping[str, str], page: str = ""
    ) -> Receipt:
        """Sends a subscription notice (订阅通知) that the resident has granted. `values` maps the
        template's keywords, e.g. `thing1`, to texts; `page` is the link to open. A refusal is
        FAILED with a reason that begins with 43101.
        """
        payload: dict[str, object] = {
            "touser": user,
            "template_id": template_id,
            "data": {keyword: {"value": text} for keyword, text in values.items()},
        }
        if page:
            payload["page"] = page
        return await self._send("/cgi-bin/message/subscribe/bizsend", payload)

    async def fetch(self, media: MediaReference) -> Media:
        """Downloads a picture or recording, which the platform keeps for three days. Raises
        MediaError.
        """

        async def call(token: str) -> Media:
            params = {"access_token": token, "media_id": media.id}
            return await download(self._http, "/cgi-bin/media/get", params, self._now())

        try:
            return await self._authorised(call)
        except ApiError as fault:
            passing = fault.receipt.outcome is Outcome.RETRY
            raise MediaError(fault.receipt.reason, passing=passing) from None

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def _send(self, path: str, payload: Mapping[str, object]) -> Receipt:
        async def call(token: str) -> None:
            await post(self._http, path, payload, self._now(), token)

        try:
            await self._authorised(call)
        except ApiError as fault:
            return fault.receipt
        return Receipt(Outcome.SENT)

    async def _authorised(self, call: Callable[[str], Awaitable[_T]]) -> _T:
        """Calls with the token; once more, with a renewed one, when it was refused."""
        token = await self._tokens.current()
        try:
            return await call(token)
        except ApiError as fault:
            if fault.code not in INVALID_TOKEN:
                raise
        return await call(await self._tokens.current(rejected=token))
