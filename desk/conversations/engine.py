"""Asking the engine what to answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import BaseModel, ValidationError

from connectors import Button, Outbound


class EngineUnavailableError(Exception):
    """No engine answers now; the message is kept and tried again."""


class EngineFaultError(Exception):
    """The engine answers, but not for this message."""


class _Button(BaseModel):
    title: str


class _Reply(BaseModel):
    text: str = ""
    buttons: list[_Button] = []


class _Turn(BaseModel):
    replies: list[_Reply]


@dataclass(frozen=True, slots=True)
class Question:
    """What the engine is asked: a resident's words, or (with `intent`) another kind of message."""

    conversation_id: int
    message_id: int
    text: str
    intent: str | None
    metadata: dict[str, Any]


class Engine:
    """The engines, a list of URLs. A conversation prefers one of them; another answers when it is
    down: their memory is the database."""

    def __init__(self, urls: list[str], token: str, *, timeout: float) -> None:
        self._urls = urls
        self._token = token
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(timeout, connect=2.0))

    async def turn(self, question: Question) -> list[Outbound]:
        """The replies to a message, in order. The same message id gets the same replies.

        Raises EngineUnavailableError, EngineFaultError.
        """
        answer = await self._post(
            question.conversation_id,
            "/webhooks/yingsheng/turn",
            {
                "sender": str(question.conversation_id),
                "message_id": str(question.message_id),
                "text": question.text,
                "intent": question.intent,
                "metadata": question.metadata,
            },
        )
        try:
            replies = _Turn.model_validate_json(answer).replies
        except ValidationError as error:
            raise EngineFaultError("the engine's answer is not understood") from error
        return [
            Outbound(reply.text, tuple(Button(button.title) for button in reply.buttons))
            for reply in replies
        ]

    async def ready(self) -> bool:
        """Whether at least one engine has its model loaded."""
        for url in self._urls:
            try:
                answer = await self._client.get(f"{url}/status", params={"token": self._token})
            except httpx.TransportError:
                continue
            if answer.status_code == 200:
                return True
        return False

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def _post(self, preference: int, path: str, body: dict[str, Any]) -> bytes:
        start = preference % len(self._urls)
        for url in self._urls[start:] + self._urls[:start]:
            try:
                answer = await self._client.post(
                    url + path, params={"token": self._token}, json=body
                )
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
            except httpx.TransportError as error:
                # It may be at work on this very turn: asking another one would do it twice at once.
                raise EngineUnavailableError("the engine did not finish") from error
            if answer.status_code == 503:
                continue
            if answer.status_code != 200:
                raise EngineFaultError(f"the engine answered {answer.status_code}")
            return answer.content
        raise EngineUnavailableError("no engine answers")
