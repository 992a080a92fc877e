"""Leases and taking them over: one holder, growing tokens, at once from the dead and never from the living."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import LeaseLost, Refused
from ansible_collections.steady.ops.plugins.plugin_utils._ledger import deadlines
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.file_store import FileStore
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.leases import Held, Holder, Lease, Leases, overlap
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process, this_place
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.takeover import Life, life_of, take

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


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (API, API, True),
        ("toy/lab", API, True),
        (API, "toy/lab", True),
        (API, "toy/lab/apiary", False),
        ("toy/lab/web", API, False),
    ],
)
def test_an_environment_excludes_everything_beneath_it(one: str, other: str, same: bool) -> None:
    assert overlap(one, other) is same


def test_tokens_grow_and_a_run_keeps_what_it_has(leases: Leases, tmp_path: Path) -> None:
    one = holder("one", tmp_path)
    assert [lease.token for lease in leases.acquire(["toy/lab/b", "toy/lab/a"], one)] == [1, 2]
    assert [lease.token for lease in leases.acquire(["toy/lab/a", "toy/lab/c"], one)] == [1, 3]
    leases.release("one")
    assert leases.all() == []
    (lease,) = leases.acquire(["toy/lab"], holder("two", tmp_path))
    assert lease.token == 4
    with pytest.raises(Held) as caught:
        leases.acquire([API], one)
    assert str(caught.value).startswith(
        f"toy/lab is being changed by run two (rollback) of someone@here, process {os.getpid()}."
    )


def test_all_or_none(leases: Leases, tmp_path: Path) -> None:
    leases.acquire(["toy/lab/b"], holder("one", tmp_path))
    with pytest.raises(Held):
        leases.acquire(["toy/lab/a", "toy/lab/b"], holder("two", tmp_path))
    assert [lease.object for lease in leases.all()] == ["toy/lab/b"]


def test_an_expired_lease_is_taken_and_its_holder_may_write_nothing(
    leases: Leases, store: Ticking, tmp_path: Path
) -> None:
    (first,) = leases.acquire([API], holder("one", tmp_path))
    leases.prove(API, first.token)
    store.moment += timedelta(seconds=59)
    leases.renew("one")
    store.moment += timedelta(seconds=60)
    assert leases.expired(leases.all()[0])
    with pytest.raises(LeaseLost, match=r"token 1\) was lost"):
        leases.prove(API, first.token)
    (second,) = leases.acquire([API], holder("two", tmp_path))
    assert second.token == 2
    with pytest.raises(LeaseLost, match="run one are gone"):
        leases.renew("one")


def test_renewing_leaves_others_alone(leases: Leases, store: Ticking, tmp_path: Path) -> None:
    leases.acquire(["toy/lab/a"], holder("one", tmp_path))
    leases.acquire(["toy/lab/b"], holder("two", tmp_path))
    store.moment += timedelta(seconds=30)
    keeper = Process(1, 2)
    (mine,) = leases.renew("one", keeper=keeper)
    assert mine.holder.keeper == keeper
    assert {lease.object: lease.expires_at - store.moment for lease in leases.all()} == {
        "toy/lab/a": timedelta(seconds=60),
        "toy/lab/b": timedelta(seconds=30),
    }


@pytest.mark.parametrize("data", [b"", b"{}", b'{"token": 1, "leases": [{"holder": 1}]}'])
def test_damaged_leases_are_a_sentence(leases: Leases, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "ledger" / "leases").write_bytes(data)
    with pytest.raises(Refused, match=r"are damaged\. Put the key 'leases' back"):
        leases.all()
    (tmp_path / "ledger" / "leases").unlink()
    with pytest.raises(Refused, match="are missing"):
        leases.all()


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


def test_a_process_is_known_by_id_and_start(sleeper: subprocess.Popen[bytes]) -> None:
    process = Process.of(sleeper.pid)
    assert process is not None and process.alive()
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert not process.alive(), "what is left of a killed process is not alive"
