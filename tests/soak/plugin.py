"""Pytest side of counted criteria: how many cases a test runs, and how each of them ended.

A criterion is a module tests/soak/test_<criterion>.py that states beside its tests::

    CRITERION = {"count": 1000, "sample": 25, "seed": 20261121, "covers": ["plugins/module_utils/_release"]}

Its tests take the fixtures ``criterion`` (cases and seed of this run) and ``count_outcome``. `make test` runs the
sample, `make soak` (``--full``) all of them and records the result, keyed by a hash over ``covers`` and the module.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

OUTCOMES = pytest.StashKey[Counter[str]]()


@dataclass(frozen=True)
class Criterion:
    """How many cases this run has to show, from which seed."""

    cases: int
    seed: int


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="run counted criteria in full instead of their sample")
    parser.addoption("--soak-tally", metavar="FILE", help="write the outcomes that the tests counted to this JSON file")


@pytest.fixture
def criterion(request: pytest.FixtureRequest) -> Criterion:
    """Return the cases and the seed of this run, from the module's CRITERION."""
    stated = request.module.CRITERION
    return Criterion(stated["count" if request.config.getoption("--full") else "sample"], stated["seed"])


@pytest.fixture
def count_outcome(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Return ``count(name)``: one more case of the criterion ended so."""
    outcomes = request.node.stash.setdefault(OUTCOMES, Counter())

    def count(name: str) -> None:
        outcomes[name] += 1

    return count


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Put the counts where the report carries them: under xdist only reports reach the process that writes."""
    item.user_properties.extend(("outcome", pair) for pair in item.stash.get(OUTCOMES, Counter()).items())


class Tally:
    """Adds up what the tests counted and writes it when the session ends."""

    def __init__(self, page: Path) -> None:
        self.page = page
        self.outcomes: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":
            for name, pair in report.user_properties:
                if name == "outcome":
                    self.outcomes[pair[0]] += pair[1]

    def pytest_sessionfinish(self) -> None:
        self.page.write_text(json.dumps(self.outcomes))


def pytest_configure(config: pytest.Config) -> None:
    page = config.getoption("--soak-tally")
    if page and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Tally(Path(page)), "steady-soak-tally")
