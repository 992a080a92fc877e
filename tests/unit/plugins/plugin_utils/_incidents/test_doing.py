"""A run of incident: what it says, what it would say, and that the second one changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._incidents.book import Book
from ansible_collections.steady.ops.plugins.plugin_utils._incidents.standing import remember_override
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.file_store import FileStore
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger
from tests.unit.plugins.plugin_utils._incidents.incident_world import LATER, OPEN, document, does, events, ledger

__all__ = ["ledger"]
STEPS: list[tuple[str, dict[str, Any]]] = [
    ("open", {"id": "A", "message": "look", **OPEN}),
    ("note", {"message": "more"}),
    ("note", {"mitigation": "m", "revert_by": LATER}),
    ("note", {"severity": "P0", "owner": "bob", "systems": "x"}),
    ("note", {"reverted": "1"}),
    ("close", {"resolution": "done"}),
]


def test_check_mode_says_the_same_and_does_nothing_and_the_second_run_changes_nothing(ledger: Ledger) -> None:
    for action, options in STEPS:
        before = document(ledger)
        would = does(ledger, action, check=True, **options)
        assert document(ledger) == before
        done = does(ledger, action, **options)
        again = does(ledger, action, **options)
        for key in ("changed", "diff", "plan_hash"):
            assert would[key] == done[key], (action, key)
        shown = [[(step["kind"], step["target"], step["sentence"]) for step in each["plan"]] for each in (would, done)]
        assert shown[0] == shown[1]
        assert {step["state"] for step in would["plan"]} == {"would do"}
        assert {step["state"] for step in done["plan"]} == {"done"}
        assert would["lines"][0] == f"would add: {done['lines'][0]}"
        assert (done["changed"], again["changed"], again["plan"]) == (True, False, [])
        assert set(would) == set(done) == set(again)
    assert len(events(ledger)) == 7


def test_check_mode_of_an_unopened_ledger_writes_no_document(ledger: Ledger) -> None:
    result = does(ledger, "open", check=True, **OPEN)
    assert (result["changed"], document(ledger), result["incident"]["severity"]) == (True, None, "P1")


def test_opening_says_what_comes_next(ledger: Ledger) -> None:
    lines = does(ledger, "open", id="A", **OPEN)["lines"]
    assert lines[0] == "A: opened as P1: the API is down (owner ann, systems toy)"
    assert lines[1].startswith("channel #incident-") and lines[1].endswith("-the-api-is-down")
    assert lines[2:] == [
        "to go past a shut gate: ops_override=GATE ops_incident=A ops_reason=WHY ops_override_confirm=toy/lab/override"
    ]
    assert does(ledger, "open", **OPEN)["lines"][0] == "A is open already"


def test_a_run_without_anything_to_do_says_what_stands(ledger: Ledger) -> None:
    nothing = does(ledger, "acknowledge")
    assert (nothing["msg"], nothing["incident"]) == ("there is no override that nobody has acknowledged", {})
    does(ledger, "open", id="A", **OPEN)
    same = does(ledger, "note", severity="P1")
    assert (same["msg"], same["incident"]["id"]) == ("A: that stands there already", "A")
    does(ledger, "close", resolution="x")
    assert does(ledger, "close", id="A")["msg"] == "A is closed already"
    assert does(ledger, "close", resolution="x")["msg"] == "it is closed already"


def test_a_severity_that_the_rule_does_not_give_is_a_persons_word_and_is_said(ledger: Ledger) -> None:
    result = does(ledger, "open", id="A", severity="P3", users_percent="80", title="x")
    assert result["incident"]["severity"] == "P3"
    assert result["lines"][-1] == "warning: A is P3, and by users and function it would be P1"
    assert result["findings"][0]["id"] == "incident.severity"


def test_what_the_journal_does_not_have_is_said(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Book, "_tell", lambda *_args: "The disk is full.")
    result = does(ledger, "open", id="A", **OPEN)
    assert result["changed"]
    assert result["lines"][-1] == "warning: The journal does not have it yet: The disk is full."


def test_several_incidents_at_once_are_told_each(ledger: Ledger) -> None:
    for id in ("A", "B"):
        does(ledger, "open", id=id, severity="P1", title=id)
        opening = {"run": id, "runbook": "deploy", "action": "deploy", "incident": id, "reason": "why"}
        remember_override(ledger, {**opening, "overrides": [{"gate": "hold"}]})
    result = does(ledger, "acknowledge")
    assert result["msg"] == "A: acknowledged the overrides of A; B: acknowledged the overrides of B"
    assert [line[:2] for line in result["diff"]["before"].splitlines()] == ["A:", "B:"]


def test_closing_names_the_overrides_that_nobody_has_looked_at(ledger: Ledger) -> None:
    does(ledger, "open", id="A", **OPEN)
    opening = {"run": "R", "runbook": "deploy", "action": "deploy", "incident": "A", "reason": "why"}
    remember_override(ledger, {**opening, "overrides": [{"gate": "hold"}]})
    lines = does(ledger, "close", resolution="x")["lines"]
    assert lines[0] == "A: closed: x"
    assert lines[1].startswith("not acknowledged: deploy deploy of ?@? at ") and lines[1].endswith(" waived hold: why")


def test_the_list_needs_nothing_but_reading(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    does(ledger, "open", id="A", mitigation="m", revert_by=LATER, **OPEN)

    def gone(*_args: object) -> Any:
        raise Unreachable("read-only")

    for operation in ("now", "put_if_absent", "compare_and_swap"):
        monkeypatch.setattr(FileStore, operation, gone)
    listed = does(ledger, "list")
    assert listed["lines"][0].startswith("A | P1 | the API is down | owner ann | systems toy | open since ")
    assert (listed["changed"], listed["msg"], listed["incident"]) == (False, "1 of 1 incidents are open", {})
    one = does(ledger, "list", id="A")
    assert one["incident"]["id"] == "A" and one["lines"][0] == "A | P1 | the API is down"
    with pytest.raises(InvalidInput, match="incident_id is B, which does not exist"):
        does(ledger, "list", id="B")
    with pytest.raises(Unreachable):
        does(ledger, "note", message="x")


def test_the_list_says_what_is_overdue_damaged_or_long_past(ledger: Ledger, tmp_path: Path) -> None:
    does(ledger, "open", id="A", mitigation="m", revert_by=LATER, **OPEN)
    path = tmp_path / "ledger" / "incidents"
    path.write_text(path.read_text().replace(LATER, "2020-01-01T00:00:00Z"))
    overdue = "warning: The temporary measure 1 until 2020-01-01T00:00:00Z: m of A is overdue"
    assert does(ledger, "list")["lines"][-1] == overdue
    path.write_text(path.read_text().replace('"past":[]', '"past":["OLD"]'))
    with pytest.raises(InvalidInput, match="incident_id is OLD, which is closed and stands only in the journal"):
        does(ledger, "list", id="OLD")
    path.write_text("{")
    damaged = does(ledger, "list")
    assert damaged["lines"][0].startswith("A | P1") and "are damaged" in damaged["lines"][-1]
