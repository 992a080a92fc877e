"""What this controller knew last of a ledger."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from ansible_collections.steady.ops.plugins.plugin_utils._ledger.holds import Hold
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import initialise
from ansible_collections.steady.ops.plugins.plugin_utils._spool.copies import Copies


def test_the_last_copy_is_what_the_ledger_held(tmp_path: Path) -> None:
    ledger, _new = initialise(f"file://{tmp_path}/ledger", "toy", "lab")
    copies = Copies(tmp_path / "home" / "copies")
    assert copies.last(ledger.url) is None
    ledger.releases.append([{"kind": "served", "component": "api", "release": "1"}])
    now = ledger.store.now()
    ledger.holds.place(Hold("toy/lab/api", "why", now + timedelta(hours=1), "ann", now))
    copies.keep(ledger)
    copy = copies.last(ledger.url)
    assert copy is not None and copy.id == ledger.identity.id
    assert copy.records == ledger.releases.records() and copy.holds[0]["message"] == "why"
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "home" / "copies").iterdir()] == [0o600]


def test_what_cannot_be_copied_stops_nothing_and_keeps_the_last(tmp_path: Path) -> None:
    ledger, _new = initialise(f"file://{tmp_path}/ledger", "toy", "lab")
    copies = Copies(tmp_path / "home")
    copies.keep(ledger)
    before = copies.last(ledger.url)
    (tmp_path / "ledger" / "releases" / "head").unlink()
    copies.keep(ledger)
    assert before is not None and copies.last(ledger.url) == before
    (page,) = (tmp_path / "home").iterdir()
    page.write_text("torn")
    assert copies.last(ledger.url) is None
    # a home that is a file takes no directory
    (tmp_path / "file").write_text("")
    Copies(tmp_path / "file" / "home").keep(ledger)
