"""The tool journal in process; its playbook runs in tests/integration/test_journal.py."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, Refused
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Policy
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger, open_ledger
from tests.journal_world import run_events
from tests.unit.plugins.plugin_utils._tools.tool_world import do


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    found = Policy("toy", "lab", f"file://{tmp_path}/ledger", anchors=[{"kind": "file", "path": f"{tmp_path}/anchor"}])
    do("ledger", found, "initialise")
    return found


@pytest.fixture
def ledger(policy: Policy) -> Ledger:
    opened = open_ledger(policy.ledger, "toy", "lab")
    for number in range(5):
        for event in run_events(number, random.Random(1)):
            opened.journal.append(event)
    return opened


def test_an_empty_journal_says_so(policy: Policy) -> None:
    assert do("journal", policy, "").lines == ("no run yet",)
    assert do("journal", policy, "show", user="ann").lines == ("no run with journal_user ann: the journal has no run",)


def test_the_newest_are_shown_and_older_ones_counted_in_words(policy: Policy, ledger: Ledger) -> None:
    shown = do("journal", policy, "show", last="2")
    assert len(shown.lines) == 3 and "00004" in shown.lines[0] and "00003" in shown.lines[1] and not shown.red
    assert shown.lines[2].startswith("older runs are left out: say journal_until=20")
    # a listing is not journalled once more
    assert shown.event == {"lines": ["2 runs shown"]}
    assert len(do("journal", policy, "show").lines) == 5
    assert do("journal", policy, "show", run="HYPQ00003").lines[-1] == "entries 10, 11, 12 of the journal"
    told = do("journal", policy, "show", runbook="deplyo").lines
    assert len(told) == 1 and told[0].endswith("; did you mean journal_runbook=deploy?")
    asked = do("journal", policy, "show", runbook="deploy").event["asked"]
    assert asked == {"runbook": "deploy"}


@pytest.mark.parametrize("last", ["0", "-1", "many", "99999", "\u0663", "9" * 500])
def test_a_number_that_is_none_is_named(policy: Policy, last: str) -> None:
    with pytest.raises(InvalidInput, match=r"journal_last is .*1 to 10000"):
        do("journal", policy, "show", last=last)


def test_who_looks_is_left_out_unless_asked_for(policy: Policy, ledger: Ledger) -> None:
    ledger.journal.append({"event": "opened", "run": "01LOOKED", "runbook": "journal", "lines": ["x"]})
    assert len(do("journal", policy, "show").lines) == 5
    assert "01LOOKED" in do("journal", policy, "show", runbook="journal").lines[0]
    assert "01LOOKED" in do("journal", policy, "show", run="01LOOKED").lines[0]


def test_verify_is_red_when_an_anchor_cannot_be_read_and_green_when_it_can(
    policy: Policy, ledger: Ledger, tmp_path: Path
) -> None:
    dead = do("journal", policy, "verify")
    assert dead.red.startswith(f"Not everything could be compared: file {tmp_path}/anchor cannot be read")
    (tmp_path / "anchor").touch()
    whole = do("journal", policy, "verify")
    assert (
        not whole.red
        and whole.event["result"] == "ok"
        and any("keeps no head of it yet" in line for line in whole.lines)
    )
    entry = tmp_path / "ledger" / "journal" / "entries" / f"{7:012d}"
    entry.write_bytes(entry.read_bytes().replace(b"run", b"rum", 1))
    bad = do("journal", policy, "verify")
    assert "journal: first bad entry: 7" in bad.lines and "cannot be trusted: entry 7" in bad.red
    assert bad.event["result"] == "FAILED" and any(line.startswith("releases: entry 0") for line in bad.lines)
    shown = do("journal", policy, "show")
    assert "entry 7 does not fit" in shown.red and "journal_action=verify" in shown.red
    (tmp_path / "ledger" / "journal" / "head").unlink()
    with pytest.raises(Refused, match="has no head that can be read"):
        do("journal", policy, "show")


def test_an_export_is_written_once(policy: Policy, ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "anchor").touch()
    to = str(tmp_path / "out")
    checked = do("journal", policy, "export", check=True, since="1h", to=to)
    assert checked.changed and "would be written to" in checked.lines[0] and not checked.event
    assert not (tmp_path / "out").exists()
    written = do("journal", policy, "export", since="1h", to=to)
    assert written.changed and written.lines[0] == f"entries 1 to 15, 5 runs: is written to {to}"
    assert written.event["exported"]["manifest"] in written.lines[1]  # type: ignore[index]
    again = do("journal", policy, "export", since="1h", to=to)
    assert not again.changed and again.lines == (f"entries 1 to 15, 5 runs: is in {to}",) and not again.event


def test_what_an_export_lacks_is_a_whole_command(policy: Policy, ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        do("journal", policy, "export", to=str(tmp_path / "out"))
    assert caught.value.next["variables"] == {
        "journal_action": "export",
        "journal_since": "7d",
        "journal_to": str(tmp_path / "out"),
    }
    with pytest.raises(InvalidInput) as caught:
        do("journal", policy, "export", incident="INC-1", to="out")
    assert dict(caught.value.next["variables"])["journal_incident"] == "INC-1"  # type: ignore[call-overload]
    with pytest.raises(Refused, match="no run with journal_incident INC-1: the journal has 5 runs"):
        do("journal", policy, "export", incident="INC-1", to=str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()
