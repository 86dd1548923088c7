"""Folders and ports of a test run."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch(name: str) -> Generator[Path]:
    """A folder of its own, short enough for a socket's path and reachable for the database's user."""
    folder = Path(tempfile.mkdtemp(prefix=f"ys-{name}-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment() -> dict[str, str]:
    """The environment without settings of whoever runs the tests."""
    return {k: v for k, v in os.environ.items() if not k.startswith("YINGSHENG_")}
