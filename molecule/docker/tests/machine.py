"""The machine as it is seen from outside: by commands in the container, without Ansible and without the collection."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

from testinfra.host import Host

CONTAINER = "steady-molecule-machine1"
CURRENT = "/srv/app/current"
ARTEFACTS = Path(os.environ["STEADY_ARTEFACTS"])
ASK = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:3000%s', timeout=5).read().decode())"
VERSION = "import json, urllib.request as u; print(json.load(u.urlopen('http://127.0.0.1:3000/version'))['version'])"


@dataclass(frozen=True)
class Seen:
    """What stands on the machine.

    :param answers: the version that the port answers; empty when nothing does.
    :param runs: the directory that the unit's main process works in.
    """

    answers: str
    link: str
    runs: str
    active: str
    account: str
    process: str
    restarts: str


def look(host: Host) -> Seen:
    """Look once."""
    shown = host.check_output("systemctl show app --property=ActiveState,MainPID,NRestarts")
    said = dict(line.split("=", 1) for line in shown.splitlines())
    pid = said["MainPID"]
    return Seen(
        answers=host.run("python3 -c %s", VERSION).stdout.strip(),
        link=host.check_output("readlink --canonicalize %s", CURRENT),
        runs=host.check_output("readlink /proc/%s/cwd", pid),
        active=said["ActiveState"],
        account=host.check_output("stat --format=%%U /proc/%s", pid),
        process=pid,
        restarts=said["NRestarts"],
    )


def directory_of(version: str) -> str:
    """Return where a release lies: it is named by its archive's content."""
    content = hashlib.sha256((ARTEFACTS / f"app-{version}.tar.gz").read_bytes()).hexdigest()
    return f"/srv/app/releases/{content[:12]}"


def serves(host: Host, version: str) -> Seen:
    """Assert that a release serves, whole and as its own account, and return what was seen."""
    seen, where = look(host), directory_of(version)
    assert seen == Seen(version, where, where, "active", "app", seen.process, seen.restarts)
    assert host.check_output(f"find {where} -not -user app -not -name '.steady-*'") == ""
    assert host.check_output(f"find {where} /srv/app -maxdepth 1 -perm /o+w -not -type l") == ""
    return seen


def answers_again(host: Host) -> None:
    """Wait until something answers."""
    until = time.monotonic() + 30
    while host.run("python3 -c %s", VERSION).failed:
        assert time.monotonic() < until, "nothing answers"
        time.sleep(0.2)


def everything(host: Host) -> str:
    """Return all that could have been touched: files with their times, links, what runs."""
    found = host.check_output("find /srv/app /var/tmp/steady.ops-* -printf '%%p %%l %%u %%m %%T@ %%C@\\n' | sort")
    return f"{found}\n{look(host)}"
