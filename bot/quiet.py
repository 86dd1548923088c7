"""Logs carry ids and durations, never what people write.

Rasa logs message texts, slot values and trackers, through `logging` and through structlog, some of it at
levels that cannot be chosen one by one. So nothing that Rasa logs is kept; what operators need is logged
by the engine itself under `yingsheng.engine`.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from typing import Any


def keep_quiet() -> None:
    """Silence Rasa, its libraries and its telemetry in this process. Call before importing `rasa`."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ["SQLALCHEMY_SILENCE_UBER_WARNING"] = "1"
    os.environ["LOG_LEVEL"] = "ERROR"  # Rasa hides its progress bars by this one
    warnings.showwarning = _drop_warning  # filters would not do: libraries reset them while loading
    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        logger_factory=structlog.ReturnLoggerFactory(),
        cache_logger_on_first_use=True,
    )
    for name in ("rasa", "sanic", "asyncio", "aiohttp", "apscheduler", "sqlalchemy", "matplotlib"):
        library = logging.getLogger(name)
        library.addHandler(logging.NullHandler())
        library.propagate = False
        library.setLevel(logging.CRITICAL)


def _drop_warning(*args: Any, **kwargs: Any) -> None:
    """Rasa puts slot values and intents into warnings."""


def log_to_stderr(level: int = logging.INFO) -> None:
    """Send the engine's own log to standard error, for a supervisor or journal to keep."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    own = logging.getLogger("yingsheng")
    own.handlers = [handler]
    own.propagate = False
    own.setLevel(level)
