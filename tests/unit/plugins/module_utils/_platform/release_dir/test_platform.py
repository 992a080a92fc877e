"""The platform under the real engine, on real directories and processes: outcomes, kills, other hands."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._command import CommandResult
from ansible_collections.steady.ops.plugins.module_utils._errors import AccessDenied, NotFound, RequestRefused
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.bringing import Bringer
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.layout import Layout
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.pruning import Bounds
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.systemd import Systemd
from ansible_collections.steady.ops.plugins.module_utils._release.protocol import Ending, Operation, Proof, Release
from tests.release_world import Killed
from tests.unit.plugins.module_utils._platform.release_dir.machine import Machine, UnitProber


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
    # every eleventh boundary here, every one of them in the counted suite
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
        boundary += 11
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
        boundary += 9
    assert boundary > 45


class TestInterrupted:
    """What a killed run had done is found, not done again."""

    def killed_after(self, machine: Machine, monkeypatch: pytest.MonkeyPatch, target: object, name: str) -> str:
        first(machine)
        machine.pack("1.1.0")
        real = getattr(target, name)

        def then_killed(*args: Any, **named: Any) -> None:
            real(*args, **named)
            raise Killed

        with monkeypatch.context() as patched, pytest.raises(Killed):
            patched.setattr(target, name, then_killed)
            machine.run(release="1.1.0")
        link = machine.platform().layout.link()
        assert link is not None
        return link.id

    def test_it_restarts_over_and_over_before_the_next_run(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first(machine)
        machine.pack("1.1.0", "loop")
        switch = Systemd.switch

        def then_killed(supervisor: Systemd, release: str) -> None:
            switch(supervisor, release)
            raise Killed

        with monkeypatch.context() as patched, pytest.raises(Killed):
            patched.setattr(Systemd, "switch", then_killed)
            machine.run(release="1.1.0")
        result = machine.run(release="1.1.0")
        assert (result["failed"], result["rolled_back"], machine.serves) == (True, True, "1.0.0"), result["msg"]

    def test_it_restarts_while_the_next_run_probes_it(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        first(machine)
        machine.pack("1.1.0", "later")
        proved = UnitProber.prove

        def killed(prober: UnitProber, release: Release, *, brief: bool = False) -> Proof:
            if machine.serves == "1.1.0":
                raise Killed
            return proved(prober, release, brief=brief)

        with monkeypatch.context() as patched, pytest.raises(Killed):
            patched.setattr(UnitProber, "prove", killed)
            machine.run(release="1.1.0")
        result = machine.run(release="1.1.0")
        assert (result["failed"], result["rolled_back"], machine.serves) == (True, True, "1.0.0"), result["msg"]
        assert "its process restarted while it was proved" in result["msg"]

    @pytest.mark.parametrize(
        ("target", "name", "restarts"),
        [(Layout, "put_link", 1), (Systemd, "switch", 0)],
        ids=["before the supervisor was told", "after it was told"],
    )
    def test_the_rest_is_done(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch, target: object, name: str, restarts: int
    ) -> None:
        switched = self.killed_after(machine, monkeypatch, target, name)
        seen = machine.platform(resumes=True).observe()
        assert seen.operation is not None
        assert (seen.operation.id, seen.operation.status) == (switched, "INTERRUPTED")
        # without an intent in the ledger it holds up nobody
        assert machine.platform().observe().operation is None
        asked = len(machine.unit.asked)
        result = machine.run(release="1.1.0")
        assert (result["failed"], machine.serves) == (False, "1.1.0")
        assert [finding["id"] for finding in result["findings"]] == ["unfinished_run"]
        assert machine.platform().observe().last_operation == switched
        assert machine.unit.asked[asked:].count("restart") == restarts


class TestOtherHands:
    def test_the_link_was_moved_by_hand(self, machine: Machine) -> None:
        first(machine)
        machine.pack("1.1.0")
        assert not machine.run(release="1.1.0")["failed"]
        relink(machine, "1.0.0")
        seen = machine.platform().observe()
        assert (seen.digest, seen.exists) == (None, True)
        assert seen.unknown_because.endswith(f"but process {machine.unit.process.pid} runs {machine.id('1.1.0')}")
        machine.unit.restart()
        assert machine.platform().observe().digest == machine.digest("1.0.0")

    def test_another_run_holds_it(self, machine: Machine) -> None:
        first(machine)
        machine.pack("1.1.0")
        other = machine.platform()
        other.lock.take()
        seen = machine.platform().observe()
        assert seen.operation is not None
        assert (seen.operation.status, seen.operation.ending) == ("HELD BY ANOTHER RUN", Ending.RUNNING)
        assert machine.platform().progress(seen.operation) == seen.operation
        assert "is under way and no run of steady.ops began it" in machine.run(release="1.1.0")["msg"]
        other.lock.free()
        assert not machine.run(release="1.1.0")["failed"]

    def test_another_run_begins_in_between(self, machine: Machine) -> None:
        first(machine)
        machine.pack("1.1.0")
        other, platform = machine.platform(), machine.platform("1.1.0")
        release = platform.resolve("1.1.0")
        other.lock.take()
        with pytest.raises(RequestRefused, match="Another run changes"):
            platform.switch(release)
        assert (machine.serves, machine.linked) == ("1.0.0", machine.id("1.0.0"))
        other.lock.free()

    def test_another_run_holds_what_was_never_switched(self, machine: Machine) -> None:
        machine.base.mkdir()
        other = machine.platform()
        other.lock.take()
        seen = machine.platform().observe()
        assert seen.operation is not None
        assert (seen.exists, seen.operation.id) == (False, "of another run")
        other.lock.free()

    def test_somebody_switches_while_it_is_proved(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        first(machine)
        machine.pack("1.1.0")
        machine.pack("1.2.0")
        assert not machine.run(release="1.1.0")["failed"]
        prove = UnitProber.prove

        def meanwhile(self: UnitProber, release: Release, *, brief: bool = False) -> Proof:
            if not brief:
                relink(machine, "1.0.0")
            return prove(self, release, brief=brief)

        monkeypatch.setattr(UnitProber, "prove", meanwhile)
        result = machine.run(release="1.2.0")
        assert (result["failed"], result["rolled_back"]) == (True, False)
        assert [finding["id"] for finding in result["findings"]] == ["outside_change"]
        assert machine.linked == machine.id("1.0.0")

    def test_an_operation_that_another_replaced(self, machine: Machine) -> None:
        first(machine)
        gone = Operation("link-00000000", "SWITCH", "TOLD", Ending.RUNNING)
        assert machine.platform().progress(gone).ending is Ending.REVERTED
        shutil.rmtree(machine.base)
        machine.base.mkdir()
        assert machine.platform().progress(gone).status == "REPLACED"

    def test_one_that_has_ended(self, machine: Machine) -> None:
        first(machine)
        last = machine.platform().observe().last_operation
        ended = machine.platform().progress(Operation(last, "SWITCH", "TOLD", Ending.RUNNING))
        assert (ended.status, ended.ending) == ("STEADY", Ending.SUCCEEDED)


def relink(machine: Machine, name: str) -> None:
    """What an administrator does by hand."""
    layout = machine.platform().layout
    layout.put_link(layout.make_link(layout.releases / machine.id(name)))


class TestWhatIsNotKnown:
    def test_a_link_to_nowhere(self, machine: Machine) -> None:
        first(machine)
        shutil.rmtree(machine.base / "releases" / machine.id("1.0.0"))
        seen = machine.platform().observe()
        assert (seen.digest, seen.exists) == (None, True)
        assert seen.unknown_because.endswith("which is not there")

    def test_a_link_to_somewhere_else(self, machine: Machine) -> None:
        (machine.base / "old").mkdir(parents=True)
        (machine.base / "current").symlink_to("old")
        assert "does not lie in" in machine.platform().observe().unknown_because

    def test_a_half_copied_release(self, machine: Machine) -> None:
        first(machine)
        page = machine.base / "releases" / machine.id("1.0.0") / ".steady-release.json"
        page.write_text(page.read_text().replace('"finished":true', '"finished":false'))
        seen = machine.platform().observe()
        assert seen.unknown_because.startswith("what serves has no digest: ")
        assert not machine.platform().available(Release(machine.digest("1.0.0")))

    def test_what_is_in_the_way(self, machine: Machine) -> None:
        first(machine)
        (machine.base / "current").unlink()
        (machine.base / "current").mkdir()
        assert "is a directory and should be a link to a release" in machine.run("rollback")["msg"]

    def test_a_unit_that_is_not_there(self, machine: Machine) -> None:
        machine.unit.properties["LoadState"] = "not-found"
        machine.pack("1.0.0")
        assert machine.run(release="1.0.0")["msg"].startswith("The systemd unit api.service is not-found.")

    def test_a_process_that_restarts_while_it_is_proved(self, machine: Machine) -> None:
        machine.pack("1.0.0")
        platform = machine.platform("1.0.0")
        operation = platform.switch(platform.resolve("1.0.0"))
        while operation.ending is Ending.RUNNING:
            operation = platform.progress(operation)
            machine.clock.sleep(1)
        assert platform.observe().digest == machine.digest("1.0.0")
        machine.unit.crash()
        assert platform.observe().unknown_because == "its process restarted while it was proved"
        platform.lock.free()


class TestArtefacts:
    def test_a_way_back_that_was_changed_meanwhile_still_serves(self, machine: Machine) -> None:
        first(machine)
        machine.pack("1.1.0", "bad")
        before = machine.platform().observe()
        assert machine.run(release="1.1.0")["rolled_back"]
        (machine.base / "releases" / machine.id("1.0.0") / "name").write_text("changed")
        release = Release(machine.digest("1.0.0"))
        platform = machine.platform()
        with pytest.raises(RequestRefused, match="name in it was changed"):
            platform.switch(release)
        assert platform.switch(release, like=before).ending is Ending.RUNNING
        platform.lock.free()

    def test_one_that_is_gone_is_no_way_back(self, machine: Machine) -> None:
        first(machine)
        machine.pack("1.1.0")
        assert not machine.run(release="1.1.0")["failed"]
        (machine.base / "releases" / machine.id("1.0.0") / "name").write_text("changed")
        assert "its artefact no longer exists" in machine.run("rollback")["msg"]
        assert machine.serves == "1.1.0"

    def test_by_name_from_the_disk(self, machine: Machine) -> None:
        first(machine)
        digest = machine.digest("1.0.0")
        for selector in (machine.id("1.0.0"), digest, "1.0.0", digest[7:12]):
            assert machine.platform().resolve(selector).digest == digest
        for selector in ("2.0.0", digest[7:10], "sha256:" + "0" * 64):
            with pytest.raises(NotFound, match=r"is no release in .* name one that is there: 1\.0\.0\.") as caught:
                machine.platform().resolve(selector)
            near = {"playbook": "deploy", "variables": {"deploy_release": "1.0.0"}}
            assert caught.value.next == (near if selector == "2.0.0" else {"playbook": "releases"})

    def test_a_name_of_two(self, machine: Machine) -> None:
        first(machine)
        shutil.copytree(machine.base / "releases" / machine.id("1.0.0"), machine.base / "releases/copy")
        with pytest.raises(NotFound, match="fits more than one release") as caught:
            machine.platform().resolve("1.0.0")
        assert caught.value.next == {"playbook": "releases"}

    def test_nothing_to_name(self, machine: Machine) -> None:
        with pytest.raises(NotFound, match=r"name one that is there: none\."):
            machine.platform().resolve("1.0.0")

    def test_one_that_is_gone_when_it_is_needed(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        first(machine)
        machine.pack("1.1.0")
        monkeypatch.setattr(Bringer, "preflight", lambda bringer, release: os.unlink(bringer.artefact.path))
        result = machine.run(release="1.1.0")
        assert (result["failed"], result["intent_open"], machine.serves) == (True, False, "1.0.0")
        assert "nothing changed: artefact_path" in result["msg"]

    def test_leftovers_are_swept(self, machine: Machine) -> None:
        first(machine)
        (machine.base / "releases/.x.partial-01234567").mkdir()
        machine.pack("1.1.0")
        machine.run(release="1.1.0")
        assert len(os.listdir(machine.base / "releases")) == 2


class TestPruning:
    def test_what_nobody_needs_leaves(self, machine: Machine) -> None:
        first(machine)
        machine.pack("1.1.0")
        machine.run(release="1.1.0")
        (machine.base / "releases" / "theirs").mkdir()
        given = {"order": [machine.id("1.1.0")], "verdicts": {}, "protected": (), "bounds": Bounds(2, 0)}
        for check, left in ((True, 3), (False, 2)):
            platform = machine.platform()
            steps, findings = platform.prune("shop/lab/api", check=check, **given)
            platform.lock.free()
            assert (len(steps), findings, len(os.listdir(machine.base / "releases"))) == (1, (), left)

    def test_a_disk_that_cannot_be_looked_at_is_a_warning(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first(machine)

        def broken(*_: object) -> None:
            raise OSError(5, "broken")

        monkeypatch.setattr(Layout, "link", broken)
        given = {"order": [], "verdicts": {}, "protected": (), "bounds": Bounds(2, 0), "check": False}
        steps, (finding,) = machine.platform().prune("shop/lab/api", **given)
        assert (steps, finding.id) == ((), "not_pruned")
        assert finding.message.startswith("What could be removed cannot be seen: ")


class TestAdoption:
    def test_what_another_tool_put_there(self, machine: Machine) -> None:
        release = machine.base / "releases/20260101"
        release.mkdir(parents=True)
        (release / "behaviour").write_text("good")
        (release / "name").write_text("theirs")
        (machine.base / "current").symlink_to("releases/20260101")
        machine.unit.restart()
        result = machine.run("adopt")
        assert (result["failed"], result["serving"]["ref"]) == (False, "20260101")
        machine.pack("1.0.0", "bad")
        result = machine.run(release="1.0.0")
        assert (result["rolled_back"], machine.serves) == (True, "theirs")
        machine.pack("1.1.0")
        assert not machine.run(release="1.1.0")["failed"]
        assert not machine.run("rollback")["failed"]
        assert machine.serves == "theirs"


class TestLastWords:
    def test_a_log_that_is_not_readable(self, machine: Machine) -> None:
        lost = Operation("x", "SWITCH", "DOWN", Ending.FAILED)
        machine.unit.journal = "password=canary " + "x" * 400
        (line,) = machine.platform().explain(lost)
        assert ("canary" in line, len(line)) == (False, 300)
        machine.unit.run = lambda *_a, **_k: CommandResult(1, "", "No journal files were opened")  # type: ignore[method-assign]
        (line,) = machine.platform().explain(lost)
        assert line.startswith(
            "(log not readable: journalctl --no-pager -q ended with 1: No journal files were opened."
        )

    def test_there_are_no_settings(self, machine: Machine) -> None:
        assert machine.platform().differences(machine.platform().observe()) == {}


class TestSupervisors:
    def test_it_would_not_be_told(self, machine: Machine) -> None:
        first(machine)
        machine.pack("1.1.0")
        machine.unit.refuses = "Interactive authentication required."
        pid = machine.unit.process and machine.unit.process.pid
        result = machine.run(release="1.1.0")
        # what served was never stopped: it is left alone
        assert (result["failed"], result["rolled_back"], machine.serves) == (True, True, "1.0.0")
        assert (machine.unit.process and machine.unit.process.pid, machine.linked) == (pid, machine.id("1.0.0"))
        assert "Interactive authentication required" in " ".join(result["explanation"])

    def test_its_answer_is_lost(self, machine: Machine) -> None:
        first(machine)
        machine.pack("1.1.0")
        machine.unit.answers = False
        assert not machine.run(release="1.1.0")["failed"]
        assert machine.serves == "1.1.0"
        assert machine.unit.asked.count("restart") == 2


class TestWhatMayNotBeSeen:
    def test_a_target_that_may_not_be_looked_at(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        first(machine)
        target, is_dir = machine.base / "releases" / machine.id("1.0.0"), Path.is_dir

        def denied(path: Path) -> bool:
            if path == target:
                raise PermissionError(errno.EACCES, "Permission denied", str(path))
            return is_dir(path)

        monkeypatch.setattr(Path, "is_dir", denied)
        with pytest.raises(AccessDenied, match=r"^What serves cannot be looked at: .*does not permit it to the user"):
            machine.platform().observe()

    def test_releases_are_a_file(self, machine: Machine) -> None:
        machine.base.mkdir()
        (machine.base / "releases").touch()
        machine.pack("1.0.0")
        result = machine.run(release="1.0.0", without_way_back=True)
        assert (result["failed"], result["changed"]) == (True, False)
        assert f"{machine.base}/releases is no directory. Move it away, or correct path" in result["msg"]
