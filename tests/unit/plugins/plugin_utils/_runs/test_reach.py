"""The ledger of a run, and what stands in for it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._clock import SystemClock
from ansible_collections.steady.ops.plugins.module_utils._errors import OpsError
from ansible_collections.steady.ops.plugins.plugin_utils._gates.identity import Caller
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Policy, Request, Says
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger, initialise
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process
from ansible_collections.steady.ops.plugins.plugin_utils._runs import reach as reaching
from ansible_collections.steady.ops.plugins.plugin_utils._runs.door import Door
from ansible_collections.steady.ops.plugins.plugin_utils._runs.reach import (
    arrive,
    copies_of,
    ledger_of,
    ledger_or_reason,
    reach,
    remember,
    runs_of,
    spools_of,
)
from tests.unit.plugins.plugin_utils._ledger.lease_world import holder


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return initialise(f"file://{tmp_path}/ledger", "toy", "staging")[0]


@pytest.fixture
def door(tmp_path: Path) -> Door:
    process = Process.of(os.getpid())
    assert process is not None
    return Door(
        run="01A",
        process=process,
        runs=runs_of(tmp_path / "home"),
        who={},
        extra_names=[],
        ask_aws=lambda _connection: Caller("1", "r"),
        ask_machines=lambda _hosts: {},
        say=lambda _line: None,
        clock=SystemClock(),
        environment={},
    )


def asks(ledger: Ledger, risk: str = "change", **more: object) -> Request:
    request = Request("rollback", "rollback", risk, Policy("toy", "staging", ledger.url), ("toy/staging/api",))
    return replace(request, **more)  # type: ignore[arg-type]


def away(ledger: Ledger) -> None:
    root = Path(ledger.url.removeprefix("file://"))
    root.rename(root.with_name("unmounted"))


def test_a_ledger_that_is_there_is_remembered(ledger: Ledger, door: Door) -> None:
    found = reach(asks(ledger), door)
    assert found.ledger is not None and [*found.verdicts] == [] == [*found.lines]
    assert door.memory.recall(ledger.url) is not None
    assert reach(asks(ledger, check=True), door).ledger is not None


def test_without_it_only_what_is_told_to_goes_on(ledger: Ledger, door: Door) -> None:
    remember(ledger, door.runs)
    away(ledger)
    refused = reach(asks(ledger), door)
    assert refused.ledger is None and refused.verdicts[0].firm and refused.verdicts[0].says is Says.REFUSE
    reads = reach(asks(ledger, "read"), door)
    assert reads.ledger is None and reads.verdicts[0].says is Says.UNKNOWN
    assert not spools_of(door.runs).exists()
    goes_on = reach(asks(ledger, without_ledger=True), door)
    assert goes_on.ledger is not None and goes_on.verdicts[0].says is Says.UNKNOWN
    assert "so this goes on with what this controller knew" in goes_on.verdicts[0].sentence


def test_a_controller_that_knows_nothing_says_so(ledger: Ledger, door: Door) -> None:
    away(ledger)
    goes_on = reach(asks(ledger, without_ledger=True), door)
    assert "this controller has no copy of it" in goes_on.verdicts[0].sentence and goes_on.ledger is not None


def test_a_controller_without_room_refuses(ledger: Ledger, door: Door, tmp_path: Path) -> None:
    away(ledger)
    (tmp_path / "home").write_text("a file, where the directory should be")
    refused = reach(asks(ledger, without_ledger=True), door)
    assert refused.ledger is None and "nothing can stand in for it here" in refused.verdicts[0].sentence


def test_anothers_ledger_is_nobodys(ledger: Ledger, door: Door) -> None:
    other = replace(asks(ledger, without_ledger=True), policy=Policy("toy", "production", ledger.url))
    refused = reach(other, door)
    assert refused.ledger is None and refused.verdicts[0].firm
    tool = reach(replace(other, tool=True, risk="read"), door)
    assert tool.verdicts[0].says is Says.UNKNOWN
    assert [*reach(replace(other, policy=Policy("toy", "production", "")), door).verdicts] == []


def test_a_task_follows_its_run_into_the_spool(ledger: Ledger, door: Door, tmp_path: Path) -> None:
    away(ledger)
    spooled = reach(asks(ledger, without_ledger=True), door).ledger
    assert spooled is not None
    spooled.leases.acquire(["toy/staging/api"], holder("01A", tmp_path))
    (tmp_path / "unmounted").rename(tmp_path / "ledger")

    def opened(run: str, *, check: bool = False) -> str:
        return ledger_of(ledger.url, "toy", "staging", runs=door.runs, run=run, check=check).url

    assert (opened("01A"), opened("01B"), opened("")) == (spooled.url, ledger.url, ledger.url)
    away(ledger)
    assert opened("01B", check=True) == spooled.url
    with pytest.raises(OpsError, match="not initialised"):
        opened("01B")


def test_a_reader_is_told_why_nothing_is_known(ledger: Ledger, door: Door) -> None:
    def found(url: str, *, check: bool = False, reads: bool = False) -> tuple[Ledger | None, str]:
        return ledger_or_reason(url, "toy", "staging", runs=door.runs, run="", check=check, reads=reads)

    assert found("") == (None, "ops_ledger is not set.")
    opened, why = found(ledger.url)
    assert opened is not None and why == ""
    away(ledger)
    nothing, why = found(ledger.url, reads=True)
    assert nothing is None and "not initialised" in why
    with pytest.raises(OpsError):
        found(ledger.url, check=True)


def test_what_was_done_without_it_is_brought_in(
    ledger: Ledger, door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away(ledger)
    spooled = reach(asks(ledger, without_ledger=True), door).ledger
    assert spooled is not None
    spooled.journal.append({"event": "opened", "run": "01A"})
    (tmp_path / "unmounted").rename(tmp_path / "ledger")
    assert reach(asks(ledger, check=True), door).lines == ()
    with monkeypatch.context() as patched:
        patched.setattr(reaching, "bring_in", lambda *_args: (one for one in ()).throw(OSError("full")))
        (line,) = reach(asks(ledger), door).lines
        assert line == "what was done without the ledger is not brought in yet: full"
    (line,) = reach(asks(ledger), door).lines
    assert line.startswith("brought in what was done") and len(ledger.journal.events("01A")) == 1


def test_a_spool_is_nobodys_source(ledger: Ledger, door: Door) -> None:
    away(ledger)
    spooled = reach(asks(ledger, without_ledger=True), door).ledger
    assert spooled is not None
    remember(spooled, door.runs)
    assert copies_of(door.runs).last(spooled.url) is None


def test_a_tool_brings_in_what_was_done_too(ledger: Ledger, door: Door, tmp_path: Path) -> None:
    policy = Policy("toy", "staging", ledger.url)
    assert arrive(policy, door) == []
    away(ledger)
    assert reach(asks(ledger, without_ledger=True), door).ledger is not None
    assert arrive(policy, door) == [] == arrive(Policy("toy", "staging", ""), door)
    (tmp_path / "unmounted").rename(tmp_path / "ledger")
    (line,) = arrive(policy, door)
    assert line.startswith("brought in what was done")
