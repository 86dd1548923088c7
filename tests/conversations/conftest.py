"""A desk with a real engine for all dialogues.

While working on dialogues, `YINGSHENG_TEST_MODEL=<archive>` uses a model that is there already instead
of training one from the present sources.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desk.conversations.world import World
from desk.settings import Settings
from tests.harness.clusters import Cluster
from tests.harness.desk import desk
from tests.harness.engine import running_engine, trained_model
from tests.harness.places import free_port, scratch


@pytest.fixture(scope="session")
def model() -> Path:
    named = os.environ.get("YINGSHENG_TEST_MODEL")
    return Path(named) if named else trained_model()


@pytest.fixture(scope="session")
async def world(embedded_cluster: Cluster, template: str, model: Path) -> AsyncIterator[World]:
    name = embedded_cluster.create(template)
    with scratch("dialogues") as folder:
        settings = Settings(
            _env_file=None,  # type: ignore[call-arg]
            database_url=embedded_cluster.url(name),
            data_dir=folder,
            model=model,
            engine_port=free_port(),
            actions_port=free_port(),
        )
        with running_engine(settings):
            async with desk(settings) as world:
                yield world
