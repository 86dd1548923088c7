"""Calling the action server: one kept connection, and a failure that stops the turn.

Stock Rasa opens a session for each call, compiles the schema of the answer each time, and, when the
server is down, goes on as if the action had done nothing (“Bot will continue, but the actions events
are lost”). A ticket would be confirmed that was never made; here the whole turn fails and is tried again.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import aiohttp
import jsonschema
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

#: Seconds for one call. The slowest action asks a backend of the city, which has ten.
_TIMEOUT = 20

#: rasa-sdk answers 400 when an action refuses to run: an ordinary turn of the dialogue, handled by Rasa.
_ACTION_REFUSED = 400


class ActionServerUnavailable(Exception):
    """The action server cannot be reached, failed, or answered something else than events."""


class ActionEndpoint(EndpointConfig):
    """The action server at `url`, its token in the query. Posts no domain: our actions need none."""

    def __init__(self, url: str) -> None:
        super().__init__(url=url, enable_selective_domain=True)
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str = "post",
        subpath: str | None = None,
        content_type: str | None = "application/json",
        compress: bool = False,  # noqa: FBT001, FBT002
        **kwargs: Any,
    ) -> Any:
        """Post one action call and give back the decoded answer.

        A connection that the server closed while it was idle is opened again once; the actions are
        idempotent per message, so a call that arrived twice does no harm.

        Raises:
            ActionServerUnavailable: see the class. Not an `aiohttp.ClientError`, which Rasa would catch.
            ClientResponseError: the action refused to run.

        """
        body = json.dumps(kwargs["json"]).encode()
        try:
            return await self._post(body)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            pass
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ActionServerUnavailable(type(error).__name__) from None
        try:
            return await self._post(body)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ActionServerUnavailable(type(error).__name__) from None

    async def _post(self, body: bytes) -> Any:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT))
        headers = {"Content-Type": "application/json"}
        async with self._session.post(self.url, data=body, headers=headers) as response:
            if response.status == _ACTION_REFUSED:
                content = await response.text()
                if _names_an_action(content):
                    raise ClientResponseError(response.status, "action refused", content)
            if response.status != 200:
                raise ActionServerUnavailable(f"status {response.status}")
            try:
                return await response.json()
            except ValueError as error:
                raise ActionServerUnavailable("no JSON") from error

    async def close(self) -> None:
        """Close the kept connection."""
        if self._session is not None:
            await self._session.close()


def _names_an_action(content: str) -> bool:
    try:
        return "action_name" in json.loads(content)
    except (ValueError, TypeError):
        return False


_ANSWER = jsonschema.Draft7Validator(RemoteAction.action_response_format_spec())


def _validate_answer(_action: RemoteAction, result: dict[str, Any]) -> bool:
    if not _ANSWER.is_valid(result):
        raise ActionServerUnavailable("events that Rasa does not know")
    return True


def prepare_once_what_rasa_prepares_each_time() -> None:
    """Two of Rasa's functions work out for every action call and every event what never changes: the
    compiled schema of an answer, and which class an event's name stands for. Replaced in this process."""
    RemoteAction._validate_action_result = _validate_answer  # noqa: SLF001
    Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type))
