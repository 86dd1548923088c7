"""Logging: ids and outcomes, never what was said, by whom, or with which token."""

from __future__ import annotations

import logging

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


def set_up_logging() -> None:
    """One line a record, to standard error."""
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S%z",
        force=True,
    )
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
