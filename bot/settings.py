"""What the engine is told from outside, by `YINGSHENG_*` variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT = 5005

#: The engine faces the machine it runs on, never a network (design: it holds no credentials and has no
#: protection but a token).
HOST = "127.0.0.1"

#: The folder of the city's own encoder (`bot.nlu.encoder`). Read by training only: the model remembers it.
ENCODER_SETTING = "YINGSHENG_ENCODER_DIR"


class SettingsError(Exception):
    """A setting is missing or wrong; the message is one line that says what to do."""


@dataclass(frozen=True)
class Settings:
    """Where the engine listens, what it loads, and whom it calls."""

    model: Path
    database_url: str
    actions_url: str
    token: str
    port: int = DEFAULT_PORT


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings of `python -m bot.serve`.

    Raises:
        SettingsError: one is missing or wrong.

    """
    missing = [
        name
        for name in (
            "YINGSHENG_MODEL",
            "YINGSHENG_DATABASE_URL",
            "YINGSHENG_ACTIONS_URL",
            "YINGSHENG_ENGINE_TOKEN",
        )
        if not environment.get(name)
    ]
    if missing:
        raise SettingsError(f"the engine needs {', '.join(missing)}; `make run` sets them")
    written_port = environment.get("YINGSHENG_ENGINE_PORT", str(DEFAULT_PORT))
    if not written_port.isdigit() or not 0 < int(written_port) < 65536:
        raise SettingsError(f"YINGSHENG_ENGINE_PORT is not a port: {written_port}")
    return Settings(
        model=Path(environment["YINGSHENG_MODEL"]),
        database_url=environment["YINGSHENG_DATABASE_URL"],
        actions_url=environment["YINGSHENG_ACTIONS_URL"],
        token=environment["YINGSHENG_ENGINE_TOKEN"],
        port=int(written_port),
    )
