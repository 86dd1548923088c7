from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from desk.settings import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the demo city that a test may break."""
    return Path(shutil.copytree(ROOT / "cities" / "demo", tmp_path / "demo"))
