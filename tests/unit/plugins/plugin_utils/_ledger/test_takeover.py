"""Taking over: at once from the dead, after expiry from the silent, never from the living."""

from __future__ import annotations

import fcntl
import os
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._ledger import deadlines
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.leases import Held, Lease, Leases
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.takeover import Life, life_of, take
from tests.unit.plugins.plugin_utils._ledger.lease_world import API, GONE, StoreClock, Ticking, holder, leases, store

__all__ = ["leases", "store"]


def test_what_can_be_seen_of_a_holder(tmp_path: Path) -> None:
    living = holder("living", tmp_path)
    assert life_of(living) is Life.LIVING
    assert life_of(replace(living, place="elsewhere")) is Life.UNSEEN
    dead = holder("dead", tmp_path, GONE)
    assert life_of(dead) is Life.DEAD
    assert life_of(replace(dead, keeper=Process.of(os.getpid()))) is Life.ENDING
    assert life_of(replace(living, process=replace(living.process, started=1))) is Life.DEAD, "a reused id is another"
    with (tmp_path / "dead" / "module.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        assert life_of(dead) is Life.ENDING
    deadlines.remove(tmp_path / "dead")
    assert life_of(dead) is Life.DEAD


def take_it(
    leases: Leases, store: Ticking, tmp_path: Path, patience: float = 95
) -> tuple[list[Lease], list[str], list[str], float]:
    said: list[str] = []
    clock = StoreClock(store)
    taken, over = take(leases, [API], holder("next", tmp_path), clock=clock, say=said.append, patience_seconds=patience)
    return taken, over, said, clock.slept


def test_the_dead_are_not_waited_for(leases: Leases, store: Ticking, tmp_path: Path) -> None:
    dead = holder("dead", tmp_path, GONE)
    first = leases.acquire([API], dead)
    deadlines.extend(tmp_path / "dead", first, deadlines.boot_seconds())
    taken, over, said, slept = take_it(leases, store, tmp_path)
    assert ([lease.token for lease in taken], over, said, slept) == ([2], ["dead"], [], 0)
    # a module of the dead run that starts only now reads that it must not
    assert '"stop": true' in deadlines.path_for(tmp_path / "dead", API).read_text()


def test_the_living_are_refused_at_once(leases: Leases, store: Ticking, tmp_path: Path) -> None:
    leases.acquire([API], holder("living", tmp_path))
    with pytest.raises(Held, match="run living"):
        take_it(leases, store, tmp_path)


def test_a_dead_runs_module_is_waited_for(leases: Leases, store: Ticking, tmp_path: Path) -> None:
    leases.acquire([API], holder("dead", tmp_path, GONE))
    with (tmp_path / "dead" / "module.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        with pytest.raises(Held):
            take_it(leases, store, tmp_path, patience=5)
        _taken, over, said, slept = take_it(leases, store, tmp_path)
    assert (over, slept) == ([], 55), "its lease runs out a minute after it was taken"
    assert said == [
        f"waiting for {API}: run dead (rollback) of someone@here, process {GONE.pid} ended or went silent;"
        " its lease is freed soon"
    ]


def test_who_runs_elsewhere_is_believed_as_long_as_he_renews(leases: Leases, store: Ticking, tmp_path: Path) -> None:
    leases.acquire([API], replace(holder("far", tmp_path), place="elsewhere"))
    _taken, _over, _said, slept = take_it(leases, store, tmp_path)
    assert slept == 60
    leases.release("next")
    leases.acquire([API], replace(holder("far", tmp_path), place="elsewhere"))

    class Renewing(StoreClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            leases.renew("far")

    with pytest.raises(Held, match="run far"):
        take(leases, [API], holder("next", tmp_path), clock=Renewing(store), say=lambda _line: None)
