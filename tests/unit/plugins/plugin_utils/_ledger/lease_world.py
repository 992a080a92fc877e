"""What the tests of leases share: a store whose clock the test moves, and holders."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._ledger import deadlines
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.file_store import FileStore
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.leases import Holder, Leases
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process, this_place

API = "toy/lab/api"


GONE = Process(2**22 + 1, 1)


class Ticking(FileStore):
    """A store whose clock the test moves."""

    moment = datetime(2026, 11, 21, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


class StoreClock:
    """Sleeping moves the store's clock."""

    def __init__(self, store: Ticking) -> None:
        self.store = store
        self.slept = 0.0

    def now(self) -> datetime:
        return self.store.moment

    def steady(self) -> float:
        return self.slept

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.store.moment += timedelta(seconds=seconds)


@pytest.fixture
def store(tmp_path: Path) -> Ticking:
    made = Ticking(f"file://{tmp_path}/ledger")
    made.create()
    return made


@pytest.fixture
def leases(store: Ticking) -> Leases:
    made = Leases(store)
    made.begin()
    return made


def holder(run: str, base: Path, process: Process | None = None) -> Holder:
    directory = base / run
    mine = process or Process.of(os.getpid())
    assert mine is not None
    deadlines.make(directory, run, mine)
    return Holder(run, "someone", "here", this_place(), mine, None, str(directory), "rollback")
