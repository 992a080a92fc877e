"""The run directory: private, readable by the module's own proof, stopped by one word."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._clock import SystemClock
from ansible_collections.steady.ops.plugins.module_utils._errors import LeaseLost
from ansible_collections.steady.ops.plugins.module_utils._permit import Permit
from ansible_collections.steady.ops.plugins.plugin_utils._ledger import deadlines
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.leases import Lease
from tests.unit.plugins.plugin_utils._ledger.lease_world import API, GONE, holder


def permit(run: Path) -> Permit:
    return Permit("01", "x", "x", API, deadline_path=str(deadlines.path_for(run, API)), real=True)


def test_a_module_goes_on_until_the_deadline_or_the_stop(tmp_path: Path) -> None:
    lease = Lease(API, 1, holder("run", tmp_path), datetime.now(UTC))
    run = tmp_path / "run"
    deadlines.extend(run, [lease], deadlines.boot_seconds())
    permit(run).prove(SystemClock())
    deadlines.extend(run, [lease], deadlines.boot_seconds() - 56)
    with pytest.raises(LeaseLost, match="ran out"):
        permit(run).prove(SystemClock())
    deadlines.extend(run, [lease], deadlines.boot_seconds())
    deadlines.stop(run)
    with pytest.raises(LeaseLost, match="is gone"):
        permit(run).prove(SystemClock())
    assert run.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o077 for path in run.iterdir()} == {0}


def test_a_living_module_is_seen_by_its_lock(tmp_path: Path) -> None:
    holder("run", tmp_path)
    run = tmp_path / "run"
    assert not deadlines.module_lives(run) and not deadlines.module_lives(tmp_path / "none")
    held = permit(run).hold()
    assert held is not None and deadlines.module_lives(run)
    os.close(held)
    assert not deadlines.module_lives(run)


def test_the_last_sign_is_the_newest_progress(tmp_path: Path) -> None:
    assert deadlines.last_sign(tmp_path) == 0 == deadlines.last_sign(tmp_path / "none")
    (tmp_path / "progress-1").write_text("")
    assert abs(deadlines.last_sign(tmp_path) - time.time()) < 10


def test_whose_directory_it_is(tmp_path: Path) -> None:
    holder("run", tmp_path, GONE)
    note = tmp_path / "run" / "run.json"
    assert deadlines.owner(tmp_path / "run") == GONE
    note.write_text(note.read_text().replace('"place": "', '"place": "another '))
    assert deadlines.owner(tmp_path / "run") is None, "what runs elsewhere cannot be seen to be dead"
    deadlines.stop(tmp_path / "none")
    deadlines.remove(tmp_path / "none")
    assert deadlines.owner(tmp_path / "none") is None
