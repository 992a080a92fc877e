"""Probes that are a command: the component's own smoke test, which runs on its machine."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from tests.faults_release_dir.arena import Machine
from tests.faults_release_dir.case import OK, UNDONE, Expect, MachineCase

BAD = {"release": "2.0.0"}
PACE = ("consecutive", "interval_seconds", "timeout_seconds", "deadline_seconds", "stability_seconds")


def smoke(line: str, *, alone: bool = False, **changes: object) -> Callable[[Machine], None]:
    """A world in which a smoke test, a line of the shell, is run for 2.0.0, which answers well."""

    def arrange(machine: Machine) -> None:
        machine.push("2.0.0", "ok")
        machine.adopted()
        # what serves was adopted without it: its own recorded probe brings it back
        machine.probe_changes = {"command": ["sh", "-c", line], **changes}
        if alone:
            command = {key: value for key, value in machine.probe().items() if key in PACE}
            machine.options = {**machine.options, "probe": {**command, **machine.probe_changes}}

    return arrange


OF_ITS_VERSION = 'test "$STEADY_VERSION" != 2.0.0 || { echo checkout answered 500; exit 4; }'


def _missing(machine: Machine) -> None:
    smoke("exit 0")(machine)
    machine.probe_changes = {"command": ["/no/such/smoke-test"]}


def _dies_in_the_window(machine: Machine) -> None:
    count = shlex.quote(str(machine.directory / "count"))
    smoke(f"echo x >> {count}; test $(wc -l < {count}) -lt 4", stability_seconds=3.0)(machine)


CASES = (
    MachineCase(
        "smoke_test_passes", "the smoke test passes", "probe", Expect(OK, serves="2.0.0"), smoke("exit 0"), BAD
    ),
    MachineCase(
        "smoke_test_alone_passes",
        "there is no URL, and the smoke test passes",
        "probe",
        Expect(OK, serves="2.0.0"),
        smoke("exit 0", alone=True),
        BAD,
    ),
    MachineCase(
        "smoke_test_fails",
        "it answers well and its smoke test fails",
        "probe",
        Expect(UNDONE, sent=2, words=("ended with 4: checkout answered 500",)),
        smoke(OF_ITS_VERSION),
        BAD,
    ),
    MachineCase(
        "smoke_test_alone_fails",
        "there is no URL, and the smoke test fails",
        "probe",
        Expect(UNDONE, sent=2, words=("ended with 4: checkout answered 500",)),
        smoke(OF_ITS_VERSION, alone=True),
        BAD,
    ),
    MachineCase(
        "smoke_test_hangs",
        "the smoke test hangs, and so does what it started",
        "probe",
        Expect(UNDONE, sent=2, words=("gave no result within 0.5 s",)),
        smoke("sleep 60 & sleep 60", timeout_seconds=0.5),
        BAD,
    ),
    MachineCase(
        "smoke_test_killed",
        "the smoke test is killed",
        "probe",
        Expect(UNDONE, sent=2, words=("was ended by signal 9",)),
        smoke("kill -9 $$"),
        BAD,
    ),
    MachineCase(
        "smoke_test_missing",
        "there is no such smoke test",
        "probe",
        Expect(UNDONE, sent=2, words=("The program /no/such/smoke-test cannot be started",)),
        _missing,
        BAD,
    ),
    MachineCase(
        "smoke_test_lacks_a_variable",
        "the smoke test wants a variable that the machine does not hold",
        "probe",
        Expect(UNDONE, sent=2, words=("wants SMOKE_TOKEN",)),
        smoke("exit 0", environment=["SMOKE_TOKEN"]),
        BAD,
    ),
    MachineCase(
        "smoke_test_fails_later",
        "the smoke test passes three times and then fails",
        "stability window",
        Expect(UNDONE, sent=2, words=("into the stability window",)),
        _dies_in_the_window,
        BAD,
    ),
)
