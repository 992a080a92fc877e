"""The platform under the real engine, on real directories and processes: outcomes, kills, other hands."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.unit.plugins.module_utils._platform.release_dir.machine import Machine


def first(machine: Machine) -> None:
    """1.0.0 serves and is recorded."""
    machine.pack("1.0.0")
    result = machine.run(release="1.0.0", without_way_back=True)
    assert not result["failed"], result["msg"]


class TestOutcomes:
    def test_the_first_one(self, machine: Machine) -> None:
        machine.pack("1.0.0")
        assert "nothing serves yet" in machine.run(release="1.0.0")["msg"]
        result = machine.run(release="1.0.0", without_way_back=True)
        assert (result["failed"], result["changed"], machine.serves) == (False, True, "1.0.0")
        assert machine.linked == machine.id("1.0.0")

    def test_good_then_good_then_back(self, machine: Machine) -> None:
        first(machine)
        machine.pack("1.1.0", "late")
        assert not machine.run(release="1.1.0")["failed"]
        assert machine.serves == "1.1.0"
        result = machine.run("rollback")
        assert (result["failed"], machine.serves, result["release"]["id"]) == (False, "1.0.0", machine.id("1.0.0"))

    def test_the_same_again(self, machine: Machine) -> None:
        first(machine)
        asked = len(machine.unit.asked)
        result = machine.run(release="1.0.0")
        assert (result["changed"], result["failed"]) == (False, False)
        assert set(machine.unit.asked[asked:]) == {"show"}

    @pytest.mark.parametrize(
        ("behaviour", "why"),
        [
            ("bad", "bad answered 500"),
            ("crash", "its supervisor says failed/failed"),
            ("loop", "it restarted 3 times within"),
            ("hang", "it does not run steadily after"),
            ("stays", "it does not run steadily after"),
        ],
    )
    def test_one_that_does_not_pass(self, machine: Machine, behaviour: str, why: str) -> None:
        first(machine)
        machine.pack("1.1.0", behaviour)
        result = machine.run(release="1.1.0")
        assert (result["failed"], result["rolled_back"], machine.serves) == (True, True, "1.0.0")
        assert machine.linked == machine.id("1.0.0")
        assert why in f"{result['msg']} {result['explanation']}"
        assert result["explanation"][-1] == "the application says goodbye"


@pytest.mark.parametrize(("behaviour", "start"), [("good", 0), ("bad", 3)])
def test_killed_anywhere(machine: Machine, behaviour: str, start: int) -> None:
    # every seventh boundary here, every one of them in the counted suite
    first(machine)
    machine.pack("1.1.0", behaviour)
    ends = "1.1.0" if behaviour == "good" else "1.0.0"
    known, boundary = list(machine.records), start
    while True:
        with machine.killed_at(boundary):
            machine.run(release="1.1.0")
            break
        result = machine.run(release="1.1.0")
        about = (boundary, result["msg"])
        assert (machine.serves, machine.linked) == (ends, machine.id(ends)), about
        assert result["failed"] is (behaviour == "bad"), about
        assert [record for record in machine.records if record["kind"] == "intent"][-1]["state"] == "settled", about
        assert not machine.run(release=ends)["changed"], about
        if behaviour == "good":
            assert not machine.run("rollback")["failed"], about
        machine.records = list(known)
        shutil.rmtree(machine.base / "releases" / machine.id("1.1.0"))
        boundary += 7
    assert boundary > 60
    assert not [name for name in os.listdir(machine.base) if name.startswith("current.")]


@pytest.mark.parametrize("then", ["1.2.0", "rollback", "1.0.0"])
def test_killed_and_then_another_wish(machine: Machine, then: str) -> None:
    first(machine)
    machine.pack("1.1.0")
    machine.pack("1.2.0")
    assert not machine.run(release="1.1.0")["failed"]
    known, boundary = list(machine.records), 30
    machine.pack("1.3.0")
    while True:
        with machine.killed_at(boundary):
            machine.run(release="1.3.0")
            break
        result = machine.run("rollback") if then == "rollback" else machine.run(release=then)
        assert not result["failed"] or then == "rollback", (boundary, result["msg"])
        ends = {"rollback": ("1.0.0", "1.1.0", "1.3.0")}.get(then, (then,))
        assert machine.serves in ends, (boundary, result["msg"])
        assert machine.linked == machine.id(machine.serves), boundary
        assert not machine.run(release="1.1.0")["failed"]
        machine.records = list(known)
        boundary += 5
    assert boundary > 45


class TestOtherHands:
    def test_the_link_was_moved_by_hand(self, machine: Machine) -> None:
        first(machine)
        machine.pack("1.1.0")
        assert not machine.run(release="1.1.0")["failed"]
        machine.platform().layout.put_link(
            machine.platform().layout.make_link(machine.base / "releases" / machine.id("1.0.0"))
        )
        seen = machine.platform().observe()
        assert (seen.digest, seen.exists) == (None, True)
        assert seen.unknown_because.endswith(f"but process {machine.unit.process.pid} runs {machine.id('1.1.0')}")
        machine.unit.restart()
        assert machine.platform().observe().digest == machine.digest("1.0.0")
