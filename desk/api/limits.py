"""No request body is read further than what any route may need."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MIB = 1024 * 1024
# A picture is the largest thing anyone may send (Open311 has a form around it); all else is text.
LARGEST = {
    "/channels/webchat/media": 8 * MIB,
    "/open311/v2/requests.json": 9 * MIB,
    "/open311/v2/requests.xml": 9 * MIB,
}
USUAL = MIB
# So much of a body is read away before it is refused: a client that is cut off while it still writes
# sees a broken connection in place of the answer.
READ_AWAY = 32 * MIB


class _TooLargeError(Exception):
    pass


class LimitBody:
    """Answers 400 to a body over its route's limit, and keeps nothing of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = LARGEST.get(scope["path"], USUAL)
        seen = 0
        more = started = False

        async def limited() -> Message:
            nonlocal seen, more
            message = await receive()
            seen += len(message.get("body", b""))
            more = message.get("more_body", False)
            if seen > limit:
                raise _TooLargeError
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, limited, watched)
        except _TooLargeError:
            if started:
                raise
            if more:
                await _read_away(receive)
            body = '{"detail":"内容太大"}'.encode()
            headers = [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                (b"connection", b"close"),
            ]
            await send({"type": "http.response.start", "status": 400, "headers": headers})
            await send({"type": "http.response.body", "body": body})


async def _read_away(receive: Receive) -> None:
    seen = 0
    while seen < READ_AWAY:
        message = await receive()
        seen += len(message.get("body", b""))
        if not message.get("more_body"):
            return
