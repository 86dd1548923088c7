"""One HTTP call to the platform, which either succeeds or raises :class:`ApiError`."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

import httpx
import regex

from connectors.base import Media, Outcome, Receipt
from connectors.wechat.faults import ApiError, receipt_for

LARGEST_FILE = 10 * 1024 * 1024
"""The most bytes of a file that are downloaded; the platform's own limit for pictures."""

_PHASE_SECONDS = 5.0  # to connect, to send, and between two pieces of the answer
_CALL_SECONDS = 10.0
_DOWNLOAD_SECONDS = 30.0
_AGAIN_SECONDS = 10.0
_TOKEN_IN_URL = regex.compile(r"(access_token=)[^&\s\"]+")


def open_http(api_url: str) -> httpx.AsyncClient:
    """A client for the platform's host that follows no redirects and writes no token to the log."""
    logging.getLogger("httpx").addFilter(_without_token)
    return httpx.AsyncClient(base_url=api_url, timeout=httpx.Timeout(_PHASE_SECONDS))


async def post(
    http: httpx.AsyncClient,
    path: str,
    payload: Mapping[str, object],
    now: datetime,
    token: str = "",
) -> dict[str, object]:
    """Posts JSON and gives the JSON object of a successful answer. Raises ApiError."""
    # The platform shows \uXXXX escapes to the resident as they stand.
    content = json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace")
    params = {"access_token": token} if token else None
    async with _faults(_CALL_SECONDS):
        response = await http.post(
            path, params=params, content=content, headers={"Content-Type": "application/json"}
        )
    _check_status(response)
    answer = _json_object(response.content)
    if answer is None:
        raise ApiError(Receipt(Outcome.RETRY, "微信的回应不是 JSON", _AGAIN_SECONDS))
    _check_code(answer, now)
    return answer


async def download(
    http: httpx.AsyncClient, path: str, params: Mapping[str, str], now: datetime
) -> Media:
    """Downloads a file of at most :data:`LARGEST_FILE` bytes. Raises ApiError.

    An error comes as JSON with status 200, sometimes under another content type: it is recognised
    by its content.
    """
    content = bytearray()
    async with _faults(_DOWNLOAD_SECONDS), http.stream("GET", path, params=params) as response:
        _check_status(response)
        async for piece in response.aiter_bytes():
            content += piece
            if len(content) > LARGEST_FILE:
                raise ApiError(Receipt(Outcome.FAILED, "文件超过10 MiB"))
        content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    answer = _json_object(bytes(content)) if content.startswith(b"{") else None
    if answer is not None:
        _check_code(answer, now)
    if answer is not None or not content or content_type.startswith("text/"):
        raise ApiError(Receipt(Outcome.FAILED, "微信没有给出文件"))
    return Media(bytes(content), content_type or "application/octet-stream")


@asynccontextmanager
async def _faults(seconds: float) -> AsyncGenerator[None]:
    """Bounds a call in time, and turns what the network does into ApiError."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except (httpx.HTTPError, TimeoutError) as fault:
        reason = f"微信服务器没有回应（{type(fault).__name__}）"
        raise ApiError(Receipt(Outcome.RETRY, reason, _AGAIN_SECONDS)) from None


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status >= 500 or status == 429:
        raise ApiError(Receipt(Outcome.RETRY, f"微信服务器返回 HTTP {status}", _AGAIN_SECONDS))
    if status != 200:
        raise ApiError(Receipt(Outcome.FAILED, f"微信接口地址返回 HTTP {status}"))


def _check_code(answer: Mapping[str, object], now: datetime) -> None:
    code = answer.get("errcode", 0)
    if not isinstance(code, int):
        raise ApiError(Receipt(Outcome.RETRY, "微信的回应无法识别", _AGAIN_SECONDS))
    if code != 0:
        raise ApiError(receipt_for(code, str(answer.get("errmsg", "")), now), code)


def _json_object(content: bytes) -> dict[str, object] | None:
    try:
        answer: object = json.loads(content)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _without_token(record: logging.LogRecord) -> bool:
    """Takes the access token, which the platform wants in the URL, out of httpx's log lines."""
    record.msg, record.args = _TOKEN_IN_URL.sub(r"\1***", record.getMessage()), ()
    return True
