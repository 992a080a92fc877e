"""One fake and one driver per worker; cases follow each other in them. tests/soak/conftest.py makes them fixtures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.fakes.apprunner.control import RunningFake, start
from tests.faults.arena import SCALE, Arena, Driver


@pytest.fixture(scope="session")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningFake]:
    with start(tmp_path_factory.mktemp("fake"), SCALE) as running:
        yield running


@pytest.fixture(scope="session")
def driver(fake: RunningFake) -> Iterator[Driver]:
    running = Driver(fake.endpoint)
    yield running
    running.close()


@pytest.fixture
def arena(fake: RunningFake, driver: Driver, tmp_path: Path) -> Iterator[Arena]:
    made = Arena(fake, driver, tmp_path / "case")
    yield made
    made.close()
