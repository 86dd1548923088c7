"""Fixtures that several kinds of tests use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.city import City, load_city
from desk.database.migrate import migrate
from desk.settings import ROOT
from tests.harness.clusters import Cluster, embedded, external
from tests.harness.engine import trained_model
from tests.harness.places import scratch

SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def city() -> City:
    return load_city(ROOT / "cities" / "demo")


@pytest.fixture(scope="session")
def embedded_cluster() -> Iterator[Cluster]:
    with scratch("embedded") as folder, embedded(folder) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def external_cluster() -> Iterator[Cluster]:
    with scratch("external") as folder, external(folder) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def template(embedded_cluster: Cluster) -> str:
    """The name of a migrated database to copy."""
    name = embedded_cluster.create()
    migrate(embedded_cluster.url(name))
    return name


@pytest.fixture
def database_url(embedded_cluster: Cluster, template: str) -> Iterator[str]:
    """A migrated database of the test's own."""
    name = embedded_cluster.create(template)
    yield embedded_cluster.url(name)
    embedded_cluster.drop(name)


@pytest.fixture(scope="session")
def model() -> Path:
    """The trained model of the present sources (minutes, when they changed), or the archive that
    YINGSHENG_TEST_MODEL names."""
    return trained_model()
