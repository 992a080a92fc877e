"""How long nobody answers while systemd switches a release, measured on the machine while deploy.yml runs.

A restart leaves a gap, which is measured and said; a unit that can be reloaded is to fail no request.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import PROJECT, Runbooks, changes
from machine import CONTAINER, answers_again, look, serves
from testinfra.host import Host

testinfra_hosts = [f"docker://{CONTAINER}"]
pytestmark = pytest.mark.usefixtures("nothing_left")
Captured = pytest.CaptureFixture[str]
RELEASES = {"3.0.0": "2.0.0", "2.0.0": "3.0.0"}
# where the benchmark of the gap wants it
MEASURED = os.environ.get("STEADY_MEASURED", "")
SWITCHES = 7 if MEASURED else 1

# asks over and over, each time on a connection of its own, until its standard input ends; then says what came of it
ASKER = """
import http.client, json, select, sys, time, urllib.request
asked = failed = 0
gap, last = 0.0, time.monotonic()
while not select.select([sys.stdin], [], [], 0.002)[0]:
    try:
        with urllib.request.urlopen('http://127.0.0.1:3000/health', timeout=10) as answer:
            good = answer.status == 200 and 'version' in json.load(answer)
    # an answer that was cut off is none
    except (OSError, ValueError, http.client.HTTPException):
        good = False
    asked, failed = asked + 1, failed + (not good)
    if good:
        gap, last = max(gap, time.monotonic() - last), time.monotonic()
    if asked == 20:
        print('asking', flush=True)
print(json.dumps({'requests': asked, 'failed_requests': failed, 'longest_without_an_answer_seconds': round(gap, 2)}))
"""
RELOADING = """[Service]
ExecStart=
ExecStart=/usr/bin/python3 /usr/local/lib/reloading.py
ExecReload=/bin/kill -HUP $MAINPID
"""


@contextmanager
def asked_all_the_time(found: dict[str, float]) -> Iterator[None]:
    """Have somebody ask on the machine meanwhile; what came of it is in C(found) afterwards."""
    command = ["docker", "exec", "--interactive", CONTAINER, "python3", "-c", ASKER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as asker:
        assert asker.stdin and asker.stdout
        try:
            assert asker.stdout.readline() == "asking\n"
            yield
        finally:
            asker.stdin.close()
            said = asker.stdout.read()
    found.update(json.loads(said))


@pytest.fixture
def reloading(host: Host) -> None:
    """The unit goes over to another release when it is told to reload, on the socket that it has."""
    for text, place in (
        ((PROJECT / "molecule/docker/reloading.py").read_text(), "/usr/local/lib/reloading.py"),
        (RELOADING, "/etc/systemd/system/app.service.d/reloading.conf"),
    ):
        host.check_output("mkdir -p %s", str(Path(place).parent))
        host.check_output("printf %%s %s > %s", text, place)
    host.check_output("systemctl daemon-reload")
    host.check_output("systemctl restart app")
    answers_again(host)


def measured(host: Host, runbooks: Runbooks, style: str) -> dict[str, float]:
    """Switch from one release to the other, asking meanwhile; keep sums and longest gap where they are wanted."""
    each: list[dict[str, float]] = []
    for _number in range(SWITCHES):
        release = RELEASES[look(host).answers]
        found: dict[str, float] = {}
        with asked_all_the_time(found):
            said = runbooks.green("deploy", deploy_release=release, machine_switch_style=style)
        assert changes(said) == 1
        serves(host, release)
        each.append(found)
    summed = {name: sum(found[name] for found in each) for name in ("requests", "failed_requests")}
    gap = max(found["longest_without_an_answer_seconds"] for found in each)
    report = {"switches": SWITCHES, **summed, "longest_without_an_answer_seconds": gap}
    if MEASURED:
        kept = Path(MEASURED)
        kept.write_text(json.dumps({**json.loads(kept.read_text()), style: report}))
    return report


def test_a_restart_leaves_a_gap_that_is_said(host: Host, runbooks: Runbooks, capsys: Captured) -> None:
    report = measured(host, runbooks, "restart")
    with capsys.disabled():
        print(f"\nsystemd, restart: {json.dumps(report)}")
    assert report["failed_requests"] > 0, "otherwise nothing was measured"


@pytest.mark.usefixtures("reloading")
def test_a_reload_fails_no_request(host: Host, runbooks: Runbooks, capsys: Captured) -> None:
    process = look(host).process
    report = measured(host, runbooks, "reload")
    with capsys.disabled():
        print(f"\nsystemd, reload: {json.dumps(report)}")
    assert report["failed_requests"] == 0 and report["requests"] > 100
    assert look(host).process == process, "it was not restarted"
