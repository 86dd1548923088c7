"""Logging: ids and outcomes, never what was said, by whom, or with which token."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

# These write whole URLs (with tokens in them) or message bodies at INFO.
_TALKATIVE = (
    "httpx",
    "httpcore",
    "telegram",
    "procrastinate",
    "asyncio",
    "rasa_sdk",
    "uvicorn",
    "alembic",
    "jieba",
    "PIL",
)
# Exceptions of these packages say what is wrong without quoting a resident.
_OURS = ("actions", "connectors", "desk")

log = logging.getLogger(__name__)


class QuietFormatter(logging.Formatter):
    """Tells of an exception where it happened and of which kind it is. Its text stays out: that of
    the database holds rows, that of a parser what it could not parse."""

    def formatException(  # noqa: N802 - logging's name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """The traceback with its causes, the first cause first."""
        parts = [
            f"{_kind(error)}\n{''.join(traceback.format_tb(error.__traceback__))}".rstrip()
            for error in _causes(ei[1])
        ]
        return "\n".join(reversed(parts))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _kind(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    return f"{name}: {error}" if name.partition(".")[0] in _OURS else name


def set_up_logging() -> None:
    """One line a record, to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        QuietFormatter(
            "%(asctime)s %(levelname)s %(name)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S%z"
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def report_unheard(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """For `set_exception_handler`: asyncio's own line repeats the exception's text."""
    log.error("%s", context["message"], exc_info=context.get("exception"))
