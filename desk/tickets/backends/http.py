"""One HTTP call to a platform, which either gives a JSON answer or raises BackendError."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from desk.tickets.backends.base import BackendError

# Few connections, none kept for long: a platform behind a balancer closes idle ones unannounced, and
# a poisoned pool must mend by itself. An idle connection is thrown away before the usual 15 to 60 s.
_LIMITS = httpx.Limits(max_connections=8, max_keepalive_connections=4, keepalive_expiry=10.0)
ANSWER_SECONDS = 10.0
"""How long an answer may take."""
# Nothing had left when these happened.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
# What a server answers that is busy, or that took too long itself.
_PASSING = (408, 425, 429, 500, 502, 503, 504)
_PROXY_GAVE_UP = (408, 500, 502, 504)


def open_http(url: str, seconds: float) -> httpx.AsyncClient:
    """A client for the platform's address that waits so long for a connection, and for each piece of
    an answer. It follows no redirect: what is signed goes nowhere else."""
    timeout = httpx.Timeout(seconds, connect=min(5.0, seconds))
    return httpx.AsyncClient(base_url=url.rstrip("/"), timeout=timeout, limits=_LIMITS)


async def call(http: httpx.AsyncClient, method: str, path: str, **parts: Any) -> Any:
    """The JSON of a successful answer. Raises BackendError."""
    try:
        response = await http.request(method, path, **parts)
    except _NOT_SENT as error:
        raise BackendError(f"no connection ({type(error).__name__})") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise BackendError(f"no answer ({type(error).__name__})", uncertain=True) from error
    if not response.is_success:
        status = response.status_code
        raise BackendError(
            f"HTTP {status}",
            passing=status in _PASSING,
            uncertain=status in _PROXY_GAVE_UP,
            retry_after=_seconds(response.headers),
        )
    try:
        return response.json()
    except ValueError as error:
        raise BackendError("the answer is not JSON", uncertain=True) from error


def _seconds(headers: Mapping[str, str]) -> float:
    asked = headers.get("Retry-After", "")
    return float(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0.0
