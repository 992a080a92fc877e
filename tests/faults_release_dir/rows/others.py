"""Other hands, other controllers, a clock that jumps, runs that are killed, and ways back that are gone."""

from __future__ import annotations

import shutil
import subprocess
import time
from typing import Any

from tests.faults.arena import Running
from tests.faults_release_dir.arena import Machine, until
from tests.faults_release_dir.case import (
    OK,
    RED,
    REFUSED,
    UNCHANGED,
    UNDONE,
    Expect,
    MachineCase,
    adopted,
    at,
    shell,
)
from tests.faults_release_dir.rows.releases import bad

BAD = {"release": "2.0.0"}
BACK = {"state": "rolled_back"}
AGAIN = ({"release": "1.1.0"}, Expect(OK, serves="1.1.0"))


def _link_is(what: str) -> Any:
    def arrange(machine: Machine) -> None:
        machine.adopted()
        current = machine.base / "current"
        place = machine.base / current.readlink()
        current.unlink()
        if what == "directory":
            shutil.copytree(place, current)
        elif what == "file":
            current.write_text(str(place))
        elif what == "dangling":
            current.symlink_to("releases/gone")
        elif what == "outside":
            elsewhere = machine.directory / "elsewhere"
            shutil.copytree(place, elsewhere)
            current.symlink_to(elsewhere)

    return arrange


def _becomes_directory(machine: Machine) -> list[dict[str, Any]]:
    words = shell("cd {base}; t=$(readlink current); rm current; cp -r $t current", base=machine.base)
    return [at("symlink", "current.", do=words)]


def _releases_is_file(machine: Machine) -> None:
    (machine.base).mkdir()
    (machine.base / "releases").write_text("no")


def _no_parent(machine: Machine) -> None:
    machine.base.parent.rmdir()


def _theirs(machine: Machine, *, restart: bool) -> None:
    """Another tool switches to 1.2.0."""
    machine.deployed("1.2.0", "1.0.0")
    current = machine.base / "current"
    current.unlink()
    current.symlink_to(f"releases/{machine.release('1.2.0').name}")
    if restart:
        machine.supervise("stop")
        machine.supervise("start")


def _theirs_while_probed(machine: Machine) -> list[dict[str, Any]]:
    target = machine.release("1.2.0").name
    words = shell("cd {base} && ln -sfn releases/{target} current", base=machine.base, target=target)
    return [at("fetch", nth=2, when="after", switched=True, do=words)]


def _ours_again(machine: Machine) -> list[dict[str, Any]]:
    """Somebody restarts the application by hand while it is probed."""
    pid = machine.home / "pid"
    call = machine.module_options()["supervisor"]
    words = "STEADY_CURRENT={current} {stop}; STEADY_CURRENT={current} {start}; :".replace(
        "{stop}", " ".join(call["stop"])
    ).replace("{start}", " ".join(call["start"]))
    return [at("fetch", nth=2, when="after", switched=True, do=shell(words, current=machine.base / "current", pid=pid))]


def _locked(machine: Machine) -> None:
    machine.adopted()
    machine.stranger("flock", "--no-fork", str(machine.base / ".steady-lock"), "sleep", "60")
    time.sleep(0.2)


def _unlocked(machine: Machine) -> None:
    machine.strangers[-1].kill()
    machine.strangers[-1].wait()


def _second_controller(machine: Machine, running: Running) -> None:
    """While 1.1.0 is switched to, another controller with another ledger wants 1.2.0."""
    until(lambda: machine.observer.linked() == machine.digests["1.1.0"], "the first did not switch")
    other = machine.second()
    result = other.conduct(release="1.2.0", deploy_without_way_back=True)
    machine.answer["other"] = result
    ours = machine.digests["1.2.0"]
    if not result.get("failed"):
        seen = machine.observer.look()
        assert seen.digest == ours and seen.good, f"FALSE GREEN of the second controller: {seen}"


def _old_is_removed(machine: Machine) -> list[dict[str, Any]]:
    return [at("replace", "/current", when="after", do=shell("rm -rf {old}", old=machine.release("1.0.0")))]


def _stops_lease(machine: Machine) -> list[dict[str, Any]]:
    """What the keeper does when the run is gone, right after the application was told to start."""
    words = """for page in {place}/run-*/lease-*.json; do echo '{{"deadline": 0, "stop": true}}' > $page; done"""
    return [at("run", "start", when="after", do=shell(words, place=machine.directory))]


def _four(machine: Machine) -> None:
    machine.options = {"keep_releases": 2}
    machine.deployed("1.1.0")
    old = machine.release("1.0.0")
    subprocess.run(["mount", "--bind", str(old), str(old)], check=True)
    machine.mounted.append(old)


def _dies(*acts: dict[str, Any]) -> Any:
    return lambda machine: list(acts)


def killed(id: str, point: str, act: dict[str, Any], job: dict[str, Any], expect: Expect, arrange: Any) -> MachineCase:
    """A run is ended by SIGKILL at that step, and the same command is given again."""
    return MachineCase(
        id,
        "the run is killed",
        point,
        expect,
        arrange,
        job,
        acts=_dies(act),
        dies=True,
        leaves=True,
        back="1.0.0" if expect.outcome == UNDONE else "",
        then=(job, expect),
    )


def _target_is_ill(machine: Machine) -> None:
    """What would be gone back to does not start any more: its file was made unreadable for it."""
    machine.push("1.1.0", "ok", {"lives": "99"})
    machine.deployed("1.1.0", "1.2.0")
    machine.rules(start={"only": "1.1.0", "refuse": "its licence ran out"})


def _only_one(machine: Machine) -> None:
    machine.adopted()


def _foreign(machine: Machine) -> None:
    machine.foreign()


CASES = (
    MachineCase(
        "link_is_directory",
        "the link is a directory",
        "before the run",
        Expect(REFUSED, sent=0, words=("is a directory",)),
        _link_is("directory"),
    ),
    MachineCase(
        "link_is_file",
        "the link is a file",
        "before the run",
        Expect(REFUSED, sent=0, words=("is a file",)),
        _link_is("file"),
    ),
    MachineCase(
        "link_dangles",
        "the link leads nowhere",
        "before the run",
        Expect(OK, serves="1.1.0"),
        _link_is("dangling"),
        {"release": "1.1.0", "deploy_without_way_back": True},
    ),
    MachineCase(
        "link_leads_out",
        "the link leads elsewhere",
        "before the run",
        Expect(OK, serves="1.1.0"),
        _link_is("outside"),
        {"release": "1.1.0", "deploy_without_way_back": True},
    ),
    MachineCase(
        "link_becomes_directory",
        "the link is a directory",
        "at the switch",
        Expect(REFUSED, sent=0),
        adopted,
        acts=_becomes_directory,
    ),
    MachineCase(
        "releases_is_file",
        "releases is a file",
        "before the run",
        Expect(REFUSED, serves="", sent=0, words=("is no directory",)),
        _releases_is_file,
        {"release": "1.1.0", "deploy_without_way_back": True},
    ),
    MachineCase(
        "no_parent",
        "the directory above is not there",
        "before the run",
        Expect(REFUSED, serves="", sent=0, words=("is not there",)),
        _no_parent,
        {"release": "1.1.0", "deploy_without_way_back": True},
    ),
    MachineCase(
        "theirs_served",
        "another tool switched and restarted",
        "before the run",
        Expect(OK, serves="1.1.0", finding="outside_change"),
        lambda machine: _theirs(machine, restart=True),
    ),
    MachineCase(
        "theirs_unserved",
        "another tool switched and did not restart",
        "before the run",
        Expect(OK, serves="1.1.0"),
        lambda machine: _theirs(machine, restart=False),
        {"release": "1.1.0", "deploy_without_way_back": True},
    ),
    MachineCase(
        "theirs_while_probed",
        "another tool switches",
        "while it is probed",
        Expect(RED, serves="1.1.0", finding="outside_change"),
        lambda machine: machine.deployed("1.2.0", "1.0.0"),
        acts=_theirs_while_probed,
    ),
    MachineCase(
        "restart_while_probed",
        "somebody restarts it",
        "while it is probed",
        Expect(UNDONE, sent=3, words=("restarted",)),
        adopted,
        acts=_ours_again,
    ),
    MachineCase(
        "held_by_another",
        "another run holds the lock",
        "before the run",
        Expect(REFUSED, sent=0),
        _locked,
        then=AGAIN,
        mend=_unlocked,  # type: ignore[arg-type]
    ),
    MachineCase(
        "two_controllers",
        "two controllers at once",
        "after the first switched",
        Expect(OK, serves="1.1.0"),
        adopted,
        middle=_second_controller,  # type: ignore[arg-type]
    ),
    MachineCase(
        "clock_forward",
        "the clock jumps ahead by a day",
        "whole run",
        Expect(OK, serves="1.1.0"),
        adopted,
        {"release": "1.1.0", "job_jump": 86400},
    ),
    MachineCase(
        "clock_back",
        "the clock jumps back by a day",
        "whole run",
        Expect(OK, serves="1.1.0"),
        adopted,
        {"release": "1.1.0", "job_jump": -86400},
    ),
    MachineCase(
        "clock_back_and_bad",
        "the clock jumps back and the release is bad",
        "undo",
        Expect(UNDONE, sent=2, words=("fatal:",)),
        bad("crash"),
        {**BAD, "job_jump": -86400},
    ),
    MachineCase(
        "old_is_removed",
        "what served is removed",
        "undo",
        Expect(RED, serves=""),
        bad("crash"),
        BAD,
        acts=_old_is_removed,
    ),
    MachineCase(
        "lease_stops",
        "the lease is lost",
        "before the undo",
        Expect(RED, serves="", is_open=True),
        bad("crash"),
        BAD,
        acts=_stops_lease,
        back="1.0.0",
        then=(BAD, Expect(UNDONE, sent=2)),
    ),
    MachineCase(
        "prune_refused",
        "an old release cannot be removed",
        "pruning",
        Expect(OK, serves="1.2.0", finding="not_pruned"),
        _four,
        {"release": "1.2.0"},
    ),
    killed(
        "killed_unpacking",
        "while it is unpacked",
        at("open", ".steady-content.json", die=True),
        {"release": "1.1.0"},
        Expect(OK, serves="1.1.0"),
        adopted,
    ),
    killed(
        "killed_before_switch",
        "before the switch",
        at("replace", "/current", die=True),
        {"release": "1.1.0"},
        Expect(OK, serves="1.1.0"),
        adopted,
    ),
    killed(
        "killed_after_switch",
        "between link and supervisor",
        at("replace", "/current", when="after", die=True),
        {"release": "1.1.0"},
        Expect(OK, serves="1.1.0"),
        adopted,
    ),
    killed(
        "killed_between_stop_and_start",
        "between stop and start",
        at("run", "stop", when="after", die=True),
        {"release": "1.1.0"},
        Expect(OK, serves="1.1.0"),
        adopted,
    ),
    killed(
        "killed_probing",
        "while it is probed",
        at("fetch", nth=1, switched=True, die=True),
        BAD,
        Expect(UNDONE, sent=2),
        bad("errors"),
    ),
    killed(
        "killed_undoing",
        "in the undo",
        at("replace", "/current", nth=2, when="after", die=True),
        BAD,
        Expect(UNDONE, sent=2),
        bad("crash"),
    ),
    killed(
        "killed_rolling_back",
        "in a rollback",
        at("replace", "/current", when="after", die=True),
        BACK,
        Expect(OK, sent=1),
        lambda machine: machine.deployed("1.1.0"),
    ),
    MachineCase(
        "adopt", "another tool's release serves", "adoption", Expect(OK, sent=0), _foreign, {"state": "adopted"}
    ),
    MachineCase(
        "foreign_and_bad",
        "a bad release over another tool's",
        "undo",
        Expect(UNDONE, sent=2),
        lambda machine: (_foreign(machine), machine.push("2.0.0", "errors"))[0],
        BAD,
    ),
    MachineCase("again", "the same release again", "begin", Expect(UNCHANGED, sent=0), adopted, {"release": "1.0.0"}),
    MachineCase("back", "a rollback", "rollback", Expect(OK), lambda machine: machine.deployed("1.1.0"), BACK),
    MachineCase(
        "back_to_nothing", "there is nothing to go back to", "rollback", Expect(REFUSED, sent=0), _only_one, BACK
    ),
    MachineCase(
        "back_to_one_that_is_ill",
        "what is gone back to does not start",
        "rollback",
        Expect(UNDONE, serves="1.2.0", sent=2),
        _target_is_ill,
        BACK,
    ),
)
