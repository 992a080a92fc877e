"""Release directories under real systemd: changed by the collection's own playbooks, judged from outside.

The playbooks run on the controller as a person would start them; the machine is asked by commands in the container. The
tests follow one another: each begins where the one before has left the machine.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from pathlib import Path

import pytest
from conftest import MOST_SECONDS, Runbooks, changes
from machine import CONTAINER, CURRENT, everything, serves
from testinfra.host import Host

testinfra_hosts = [f"docker://{CONTAINER}"]
pytestmark = pytest.mark.usefixtures("nothing_left")

MARK = "the-run-that-is-killed"


def kill_those_called(mark: str) -> int:
    """Kill at once all processes of the controller with the mark among their arguments; return how many there were."""
    killed = 0
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark.encode() in (place / "cmdline").read_bytes():
                os.kill(int(place.name), signal.SIGKILL)
                killed += 1
    return killed


def test_the_plan_touches_nothing_and_the_run_does_what_it_said(host: Host, runbooks: Runbooks) -> None:
    serves(host, "1.0.0")
    before = everything(host)
    planned = runbooks.green("deploy", "--check", "--diff", deploy_release="2.0.0")
    assert everything(host) == before
    plan = re.search(r"would: (Serve 2\.0\.0 \(\w+\) instead of 1\.0\.0 \(\w+\))", planned)
    assert plan
    done = runbooks.green("deploy", deploy_release="2.0.0")
    assert f"plan: {plan[1]}" in done and changes(done) == 1
    seen = serves(host, "2.0.0")
    assert seen.restarts == "0"

    again = runbooks.green("deploy", deploy_release="2.0.0")
    assert "nothing to do: machine1 serves 2.0.0" in again and changes(again) == 0
    assert serves(host, "2.0.0") == seen, "the second run restarted nothing"


@pytest.mark.parametrize(
    ("release", "why"),
    [
        ("9.1.0", "states version 2.0.0, wanted 9.1.0"),
        ("9.0.0", "fatal: cannot load application"),
        # on a machine that starves the probe itself may meet the next end
        ("9.2.0", "its process restarted while it was proved|closed the connection without an answer"),
    ],
    ids=["answers for another", "restarts at once, over and over", "restarts after some seconds, and answers again"],
)
def test_a_release_that_does_not_pass_is_put_back(host: Host, runbooks: Runbooks, release: str, why: str) -> None:
    serves(host, "2.0.0")
    said = runbooks.red("deploy", deploy_release=release)
    assert "machine1 went back to 2.0.0" in said and re.search(why, said)
    seen = serves(host, "2.0.0")
    time.sleep(2)
    assert serves(host, "2.0.0") == seen, "what was put back stays"


def test_a_rollback_returns_to_what_served_before_and_not_to_what_failed_later(host: Host, runbooks: Runbooks) -> None:
    serves(host, "2.0.0")
    said = runbooks.green("rollback")
    assert "machine1 serves 1.0.0" in said and changes(said) == 1
    assert serves(host, "1.0.0").restarts == "0"


@pytest.mark.parametrize("mode", [[], ["--check"]], ids=["run", "plan"])
def test_a_person_who_may_not_become_root_is_told_so(host: Host, runbooks: Runbooks, mode: list[str]) -> None:
    before = everything(host)
    said = runbooks.red("deploy", *mode, deploy_release="3.0.0", ansible_user="guest")
    assert (
        "failed: [machine1] The login user may not become root on the machine (sudo: a password is required). Allow it"
        " there with sudo, or give its password with --ask-become-pass. " in said
    )
    assert everything(host) == before


def test_a_run_that_was_killed_is_finished_by_the_next(host: Host, runbooks: Runbooks) -> None:
    before = serves(host, "1.0.0")
    runbooks.start("deploy", deploy_release="3.0.0", deploy_reason=MARK)
    until = time.monotonic() + MOST_SECONDS
    while host.check_output("readlink --canonicalize %s", CURRENT) == before.link:
        assert time.monotonic() < until, "the link was not switched"
        time.sleep(0.1)
    assert kill_those_called(MARK) > 1, "the run and the process of its task"
    assert host.check_output("pgrep --full '[r]elease_dir_deploy'"), "on the machine it goes on"
    said = runbooks.green("deploy", deploy_release="3.0.0")
    assert re.search(r"plan: Finish the deploy of 3\.0\.0 \(\w+\) that run \w+ left unfinished", said)
    assert serves(host, "3.0.0").restarts == "0"
