"""What schedule.yml writes, as systemd itself takes it: words, environment, the next time, and who outlives a run."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from conftest import PROJECT
from machine import CONTAINER
from testinfra.host import Host

sys.path.insert(0, str(PROJECT / ".ansible" / "collections"))

from ansible_collections.steady.ops.plugins.plugin_utils._schedules.declared import Expected, unit_name
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.rule import Rule, next_due
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.starting import Start
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.systemd import units_of

testinfra_hosts = [f"docker://{CONTAINER}"]
PLACE = "/opt/a $b %h dir"
UNITS = "/etc/systemd/system"
# each of them means something to a shell, to systemd, or to both
WORDS = ["-e", "a=$HOME ${HOME} 100% %h \"q\" \\ \\n 's'", "ü 字", "", ";", "&&", "@x", "-", "  two  blanks "]
PROGRAM = """#!/usr/bin/python3
import json, os, subprocess, sys, time
if "keeper-of-leases" in sys.argv:
    time.sleep(600)
seen = {"words": sys.argv[1:], "environment": dict(os.environ), "directory": os.getcwd()}
with open("/srv/seen.new", "w") as stream:
    json.dump(seen, stream)
if os.environ["MODE"] == "long":
    subprocess.Popen([sys.executable, __file__, "keeper-of-leases"], start_new_session=True)
os.rename("/srv/seen.new", "/srv/seen")
if os.environ["MODE"] == "long":
    time.sleep(600)
"""
RULE = Rule("Europe/Berlin", ("daily",), ("02:30",))


@pytest.fixture
def root(host: Host) -> Iterator[Host]:
    with host.sudo():
        yield host
        host.run("systemctl stop 'steady-toy-*'; pkill -f '[k]eeper-of-leases'")
        host.run(f"rm -rf {UNITS}/steady-toy-* {UNITS}/timers.target.wants/steady-toy-* '{PLACE}' /srv/seen")
        host.run("systemctl daemon-reload")


def put(root: Host, path: str, text: str) -> None:
    root.check_output("printf %%s %s > %s && chmod 755 %s", text, path, path)


def install(root: Host, mode: str, **changed: str) -> str:
    """Install the units of a run; return their name."""
    root.check_output("mkdir -p %s", PLACE)
    put(root, f"{PLACE}/ansible-playbook", PROGRAM)
    put(root, f"{PLACE}/secrets", "TOKEN=canary\n")
    unit = unit_name("toy/x-lab", "switch", "look", mode)
    expected = Expected("nightly/api", unit, "switch", "look", "api", RULE, timeout_minutes=130)
    environment = {"MODE": mode, "ODD": 'x "y" $Z 100% \\', "STEADY_SCHEDULE": "nightly/api"}
    start = Start((f"{PLACE}/ansible-playbook", *WORDS), environment, PLACE, "root", f"{PLACE}/secrets")
    for name, text in units_of(expected, start, "# of a test", user=False).items():
        for old, new in changed.items():
            text = text.replace(old, new)
        put(root, f"{UNITS}/{name}", text)
    root.check_output("systemctl daemon-reload")
    return unit


def wait_for(root: Host, path: str) -> None:
    until = time.monotonic() + 60
    while not root.file(path).exists:
        assert time.monotonic() < until, f"there is no {path}"
        time.sleep(0.2)


def test_a_timer_starts_the_words_that_were_meant(root: Host) -> None:
    unit = install(root, "short", Persistent="OnActiveSec=1s\nPersistent")
    root.check_output("systemctl enable --now %s", f"{unit}.timer")
    wait_for(root, "/srv/seen")
    seen = json.loads(root.file("/srv/seen").content_string)
    assert seen["words"] == WORDS and seen["directory"] == PLACE
    told = {name: seen["environment"][name] for name in ("ODD", "TOKEN", "STEADY_SCHEDULE")}
    assert told == {"ODD": 'x "y" $Z 100% \\', "TOKEN": "canary", "STEADY_SCHEDULE": "nightly/api"}
    assert root.check_output("systemctl is-enabled %s", f"{unit}.timer") == "enabled"


def test_the_next_time_is_the_one_that_is_promised(root: Host) -> None:
    unit = install(root, "short")
    root.check_output("systemctl enable --now %s", f"{unit}.timer")
    shown = root.check_output("TZ=UTC systemctl show --value --property=NextElapseUSecRealtime %s", f"{unit}.timer")
    now = int(root.check_output("date +%s"))
    assert shown == f"{next_due(RULE, datetime.fromtimestamp(now, UTC)):%a %Y-%m-%d %H:%M:%S} UTC"
    assert not root.file("/srv/seen").exists


def test_a_changed_time_takes_effect_and_a_timer_that_comes_back_catches_nothing_up(root: Host) -> None:
    unit = install(root, "short")
    root.check_output("systemctl enable --now %s", f"{unit}.timer")
    install(root, "short", **{"02:30:00 Europe/Berlin": "05:45:00 UTC"})
    root.check_output("systemctl enable --now %s", f"{unit}.timer")
    shown = root.check_output("TZ=UTC systemctl show --value --property=NextElapseUSecRealtime %s", f"{unit}.timer")
    assert shown.endswith(" 05:45:00 UTC")
    stamp = f"/var/lib/systemd/timers/stamp-{unit}.timer"
    root.check_output("touch -d 2020-01-01 %s", stamp)
    root.check_output("systemctl disable --now %s", f"{unit}.timer")
    root.check_output("systemctl clean --what=state %s", f"{unit}.timer")
    assert not root.file(stamp).exists
    root.check_output("systemctl enable --now %s", f"{unit}.timer")
    time.sleep(3)
    assert not root.file("/srv/seen").exists


@pytest.mark.parametrize(("mode", "lives"), [("process", True), ("mixed", False), ("control-group", False)])
def test_what_keeps_the_leases_outlives_a_run_that_is_ended(root: Host, mode: str, lives: bool) -> None:
    unit = install(root, "long", **{"KillMode=process": f"KillMode={mode}"})
    root.check_output("systemctl start --no-block %s", f"{unit}.service")
    wait_for(root, "/srv/seen")
    root.check_output("systemctl stop %s", f"{unit}.service")
    assert root.run("pgrep -f '[k]eeper-of-leases'").succeeded is lives
