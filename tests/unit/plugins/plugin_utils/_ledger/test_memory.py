"""What a controller remembers of its ledgers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import Refused
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import initialise
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.memory import Memory


def test_the_last_ledger_at_a_place_is_known_with_its_time(tmp_path: Path) -> None:
    memory, url = Memory(tmp_path / "home" / "ledgers"), f"file://{tmp_path}/ledger"
    assert memory.recall(url) is None
    memory.refuse_begun_anew(url, "")
    ledger = initialise(url, "toy", "production")[0]
    memory.note(ledger)
    (note,) = (tmp_path / "home" / "ledgers").iterdir()
    os.utime(note, (0, 0))
    known = memory.recall(url)
    assert known is not None and (known.id, known.seen) == (ledger.identity.id, "1970-01-01T00:00:00Z")
    with pytest.raises(Refused, match=r"last used from here at 1970-01-01T00:00:00Z, is not there any more\."):
        memory.refuse_begun_anew(url, "")
    memory.refuse_begun_anew(url, ledger.identity.id)
    memory.note(ledger)
    known = memory.recall(url)
    assert known is not None and known.seen > "2026" and note.stat().st_mode & 0o077 == 0
    note.write_text("[]")
    assert memory.recall(url) is None, "a note that cannot be read is none"


def test_a_labs_ledger_is_made_anew_at_will(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "home")
    memory.note(initialise(f"file://{tmp_path}/ledger", "toy", "lab")[0])
    assert not (tmp_path / "home").exists()


def test_a_home_that_takes_nothing_stops_no_run(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    memory = Memory(tmp_path / "home" / "ledgers")
    memory.note(initialise(f"file://{tmp_path}/ledger", "toy", "staging")[0])
