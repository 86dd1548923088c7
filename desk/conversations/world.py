"""What the jobs and actions of a process work with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connectors import Channel
from desk.city import City
from desk.conversations.engine import Engine
from desk.database import Database


@dataclass(frozen=True, slots=True)
class World:
    """One process's database, city, engines and channels. `backend`: the name of who handles tickets."""

    db: Database
    city: City
    engine: Engine
    channels: Mapping[str, Channel]
    media_dir: Path
    backend: str = "embedded"
