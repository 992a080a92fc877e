"""Releases that are bad in real ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.faults_release_dir.arena import Machine
from tests.faults_release_dir.case import OK, UNDONE, Expect, MachineCase

BAD = {"release": "2.0.0"}


def bad(behaviour: Any, files: dict[str, str] | None = None, **settings: Any) -> Callable[[Machine], None]:
    """A world in which 2.0.0 behaves so."""

    def arrange(machine: Machine) -> None:
        machine.push("2.0.0", behaviour, files, **settings)
        machine.adopted()

    return arrange


def watched(behaviour: Any) -> Callable[[Machine], None]:
    """2.0.0 behaves so, and is looked at for longer than it holds out."""

    def arrange(machine: Machine) -> None:
        bad(behaviour)(machine)
        machine.probe_changes = {"stability_seconds": 1.5}

    return arrange


def kept(lives: str, window: float) -> Callable[[Machine], None]:
    """A world in which a keeper starts the application again, and 2.0.0 lives so many seconds."""

    def arrange(machine: Machine) -> None:
        machine.push("2.0.0", "ok", {"lives": lives})
        machine.rules(start={"keep": True})
        machine.adopted()
        machine.probe_changes = {"stability_seconds": 1.5}
        # longer than it takes to start on a busy machine
        machine.options = {"steady_seconds": window, "start_seconds": 15.0}

    return arrange


def _deaf(machine: Machine) -> None:
    bad({"kind": "dies_after", "seconds": 0, "mode": "hang"})(machine)
    machine.probe_changes = {"timeout_seconds": 0.3}


def _by_status(machine: Machine) -> None:
    call = machine.module_options()["supervisor"]["start"]
    machine.supervisor = {"pid_file": None, "status": [*call[:2], "status", call[3]]}
    machine.push("2.0.0", "crash")
    machine.adopted()
    machine.rules(status={"lie": True})


CASES = (
    MachineCase(
        "crash_at_start", "the process exits", "start", Expect(UNDONE, sent=2, words=("fatal:",)), bad("crash"), BAD
    ),
    MachineCase(
        "bad_migration",
        "a migration fails",
        "start",
        Expect(UNDONE, sent=2, words=("migration",)),
        bad("bad_migration"),
        BAD,
    ),
    MachineCase(
        "slow_start_too_slow",
        "it listens too late",
        "start",
        Expect(UNDONE, sent=2),
        bad({"kind": "slow_start", "seconds": 8}),
        BAD,
    ),
    MachineCase(
        "slow_start_in_time",
        "it listens late, but in time",
        "start",
        Expect(OK, serves="2.0.0"),
        bad({"kind": "slow_start", "seconds": 1}),
        BAD,
    ),
    MachineCase(
        "crash_unseen",
        "it exits and the status command says that it runs",
        "start",
        Expect(UNDONE, sent=2),
        _by_status,
        BAD,
    ),
    MachineCase("wrong_port", "it listens on another port", "start", Expect(UNDONE, sent=2), bad("ok", port=0), BAD),
    MachineCase(
        "wrong_version",
        "it states another version",
        "probe",
        Expect(UNDONE, sent=2, words=("0.0.1",)),
        bad("wrong_version"),
        BAD,
    ),
    MachineCase(
        "another_body",
        "another program's JSON with status 200",
        "probe",
        Expect(UNDONE, sent=2),
        bad({"kind": "wrong_body", "body": "grafana"}),
        BAD,
    ),
    MachineCase(
        "html_page",
        "an HTML page with status 200",
        "probe",
        Expect(UNDONE, sent=2),
        bad({"kind": "wrong_body", "body": "html"}),
        BAD,
    ),
    MachineCase(
        "never_ready",
        "readiness never comes",
        "probe",
        Expect(UNDONE, sent=2, words=("503",)),
        bad("not_ready"),
        BAD,
    ),
    MachineCase("errors", "it answers 500", "probe", Expect(UNDONE, sent=2, words=("500",)), bad("errors"), BAD),
    MachineCase("hangs", "it accepts and never answers", "probe", Expect(UNDONE, sent=2), _deaf, BAD),
    MachineCase(
        "exits_in_the_window",
        "the process exits while it is probed",
        "stability window",
        Expect(UNDONE, sent=2),
        watched({"kind": "dies_after", "seconds": 0.9, "mode": "exit"}),
        BAD,
    ),
    MachineCase(
        "errors_in_the_window",
        "it turns to 500 after a while",
        "stability window",
        Expect(UNDONE, sent=2, words=("500",)),
        watched({"kind": "dies_after", "seconds": 0.9}),
        BAD,
    ),
    MachineCase(
        "restart_loop_at_once",
        "its keeper starts it over and over",
        "start",
        Expect(UNDONE, sent=2, words=("restarted",)),
        kept("0.05", 3.0),
        BAD,
    ),
    MachineCase(
        "restart_loop_after_a_while",
        "its keeper starts it anew after a second",
        "stability window",
        Expect(UNDONE, sent=2),
        kept("1.0", 0.4),
        BAD,
    ),
)
