"""The keeper: renews while the run lives, ends with it, stops its modules and frees its leases when it was killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import LeaseLost, OpsError
from ansible_collections.steady.ops.plugins.plugin_utils._ledger import deadlines, keeper
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.leases import Leases
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process
from tests.unit.plugins.plugin_utils._ledger.lease_world import API, GONE, holder
from tests.unit.plugins.plugin_utils._ledger.ledger_world import ledger, url

__all__ = ["ledger"]


@pytest.fixture
def run() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def made(base: Path, process: Process) -> keeper.Keeper:
    return keeper.Keeper(url=url(base), run="run", process=process, directory=base / "run")


def test_it_frees_what_a_killed_run_held(ledger: Ledger, tmp_path: Path, run: subprocess.Popen[bytes]) -> None:
    process = Process.of(run.pid)
    assert process is not None
    ledger.leases.acquire([API], holder("run", tmp_path, process))
    keeper.start(url=ledger.url, run="run", process=process, directory=tmp_path / "run")
    (lease,) = ledger.leases.all()
    assert lease.holder.keeper is not None and lease.holder.keeper.alive()
    assert deadlines.path_for(tmp_path / "run", API).exists(), "it has renewed once when start returns"
    run.kill()
    end = time.monotonic() + 15
    while ledger.leases.all() or (tmp_path / "run").exists():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_it_ends_when_the_run_ended_properly(ledger: Ledger, tmp_path: Path) -> None:
    me = Process.of(os.getpid())
    assert me is not None
    ledger.leases.acquire([API], holder("run", tmp_path, me))
    deadlines.remove(tmp_path / "run")
    made(tmp_path, me).serve()
    assert len(ledger.leases.all()) == 1, "whoever removed the directory frees the leases"


def test_a_lost_lease_stops_the_modules(ledger: Ledger, tmp_path: Path) -> None:
    leases = ledger.leases.acquire([API], holder("run", tmp_path, GONE))
    deadlines.extend(tmp_path / "run", leases, deadlines.boot_seconds())
    ledger.leases.release("run")
    with pytest.raises(LeaseLost):
        made(tmp_path, GONE).renew()
    assert '"stop": true' in deadlines.path_for(tmp_path / "run", API).read_text()


def test_a_silent_module_is_not_waited_for_beyond_its_safe_point(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.leases.acquire([API], holder("run", tmp_path, GONE))
    monkeypatch.setattr(deadlines, "module_lives", lambda _directory: True)
    monkeypatch.setattr(keeper, "SAFE_POINT_SECONDS", 0.3)
    monkeypatch.setattr(keeper, "RENEW_SECONDS", 0.1)
    renewed = []
    renew = Leases.renew
    monkeypatch.setattr(Leases, "renew", lambda self, run, **more: renewed.append(run) or renew(self, run, **more))
    made(tmp_path, GONE).serve()
    assert renewed and ledger.leases.all() == []


def test_one_that_does_not_start_is_an_error(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(OpsError, match="did not start: The leases of run run are gone"):
        keeper.start(url=ledger.url, run="run", process=GONE, directory=tmp_path / "run")
