"""One started system for all acceptance tests that do not break it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.places import scratch
from tests.harness.system import System, WebResident, system


@pytest.fixture(scope="session")
def running(model: Path) -> Iterator[System]:
    with scratch("system") as folder, system(folder, model) as started:
        yield started


@pytest.fixture
def resident(running: System) -> WebResident:
    return WebResident(running)
