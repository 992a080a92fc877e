"""schedule.yml over real runs: what it writes is read by the real systemd's own tools, and started as a unit is."""

from __future__ import annotations

import json
import os
import pwd
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import available_timezones

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import open_ledger
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.register import Register, overdue, seen
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.rule import calendars, due_times, rule_of
from tests.integration.toy import PLAY, World

ANALYZE = shutil.which("systemd-analyze")
APPLY = ("-e", "schedule_action=apply")
UNIT = "steady-toy-lab-acme.toy.switch-switch-api"
SCHEDULES = """
ops_schedules:
  - name: nightly
    runbook: acme.toy.switch
    action: switch
    components: [api]
    zone: Europe/Berlin
    days: [daily, first sun]
    at: "02:30"
    random_delay_minutes: 10
    variables: {value: "it's-$HOME-100%-\\"q\\"-\\\\"}
"""
# what systemctl is told, and what it says, where no systemd is in charge
SYSTEMCTL = """import os, sys
words, state = [word for word in sys.argv[1:] if not word.startswith("--")], {state!r}
timers = [word for word in words if word.endswith(".timer")]
enabled = open(state).read().split() if os.path.exists(state) else []
if words[0] in os.environ.get("REFUSES", "").split():
    sys.exit("Refused.")
if words[0] == "show":
    for name in timers:
        words = ("enabled", "active") if name in enabled else ("disabled", "inactive")
        print("Id=%s\\nUnitFileState=%s\\nActiveState=%s\\n" % (name, *words))
if words[0] == "enable":
    open(state, "w").write(" ".join({{*enabled, *timers}}))
if words[0] == "disable":
    open(state, "w").write(" ".join({{*enabled}} - {{*timers}}))
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.environment("lab", SCHEDULES)
    made.put(tmp_path / "collections" / "ansible_collections" / "acme" / "toy" / "playbooks" / "switch.yml", PLAY)
    program = made.put(tmp_path / "systemctl.py", SYSTEMCTL.format(state=str(tmp_path / "enabled")))
    # through sh: the first line of a script holds no path with a blank
    shim = f'#!/bin/sh\nexec "{sys.executable}" "{program}" "$@"\n'
    made.put(tmp_path / "bin" / "systemctl", shim).chmod(0o755)
    made.initialise()
    yield made
    made.kill_all()


def schedule(world: World, *args: str, **more: str) -> str:
    path = f"{world.base / 'bin'}:{os.environ['PATH']}"
    seen = world.tool(*args, "-e", f"schedule_directory={world.base / 'units'}", name="schedule", PATH=path, **more)
    assert seen.code == 0, seen
    return seen.text


def test_what_is_declared_is_installed_shown_and_removed(world: World) -> None:
    place = world.base / "units"
    place.mkdir()
    assert "1 not as declared" in schedule(world)
    assert "+OnCalendar=Sun *-*-01..07 02:30:00 Europe/Berlin" in schedule(world, *APPLY, "--check")
    assert list(place.iterdir()) == []
    assert "changed=1" in schedule(world, *APPLY) and "changed=0" in schedule(world, *APPLY)
    assert "1 declared, nothing to do" in schedule(world)
    assert sorted(path.name for path in place.iterdir()) == [f"{UNIT}.service", f"{UNIT}.timer"]
    assert (world.base / "enabled").read_text() == f"{UNIT}.timer"
    assert world.records("journal")[-1]["runbook"] == "schedule"
    if ANALYZE:
        for path in place.iterdir():
            done = subprocess.run([ANALYZE, "verify", str(path)], capture_output=True, text=True, check=False)
            assert done.returncode == 0 and path.name not in done.stderr, done
    assert "changed=1" in schedule(world, "-e", "schedule_action=remove") and list(place.iterdir()) == []
    assert json.loads(world.files()["schedules"]) == {"schedules": []}


def test_a_unit_starts_the_run_and_the_journal_names_its_schedule(world: World) -> None:
    (world.base / "units").mkdir()
    schedule(world, *APPLY)
    service = (world.base / "units" / f"{UNIT}.service").read_text()
    # as systemd reads it: quotes are taken off, %% and $$ are one character
    line = next(line for line in service.splitlines() if line.startswith("ExecStart="))
    words = [word.replace(r"\"", '"').replace("\\\\", "\\") for word in re.findall(r'"((?:[^"\\]|\\.)*)"', line)]
    argv = [word.replace("%%", "%").replace("$$", "$") for word in words]
    given = dict(re.findall(r'^Environment="(\w+)=(.*)"$', service, re.MULTILINE))
    done = subprocess.run(argv, env={**given, "HOME": str(world.base)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    assert world.words() == ['it\'s-$HOME-100%-"q"-\\']
    (opened,) = [event for event in world.records("journal") if event.get("allowed") and event["runbook"] != "schedule"]
    assert opened["who"]["schedule"] == "nightly/api"


def test_a_line_for_cron_starts_the_run_when_it_is_due(world: World) -> None:
    place = world.base / "units"
    place.mkdir()
    assert "changed=1" in schedule(world, *APPLY, "-e", "schedule_by=cron")
    assert "changed=0" in schedule(world, *APPLY, "-e", "schedule_by=cron")
    line = (place / "steady-toy-lab").read_text().splitlines()[-1]
    minutes, *stars, account, command = line.split(" ", 6)
    assert (minutes, stars, account) == ("0,15,30,45", ["*"] * 4, pwd.getpwuid(os.geteuid()).pw_name)
    jobs = place / ".steady-toy-lab.json"
    # nobody waits ten minutes in a test
    jobs.write_text(jobs.read_text().replace('"random_delay_minutes": 10', '"random_delay_minutes": 0'))
    # as cron does it: a shell, no more than a home and an account, and a bare % would end the line
    shell = ["/bin/sh", "-c", command.replace(r"\%", "%")]
    given = {"HOME": str(world.base), "LOGNAME": account, "PATH": "/usr/bin:/bin"}
    assert subprocess.run(shell, env=given, cwd="/", check=False).returncode == 0 and world.words() == []
    os.utime(world.base / ".local" / "state" / "steady.ops" / "schedules" / UNIT, (0, 0))
    os.utime(jobs, (0, 0))
    for _again in range(2):
        assert subprocess.run(shell, env=given, cwd="/", check=False).returncode == 0
        assert world.words() == ['it\'s-$HOME-100%-"q"-\\']
    assert "changed=1" in schedule(world, "-e", "schedule_action=remove", "-e", "schedule_by=cron")
    assert list(place.iterdir()) == []


@pytest.mark.parametrize(("word", "told"), [("show", "No systemd answers here"), ("daemon-reload", "nothing was")])
def test_a_systemd_that_refuses_leaves_nothing_half(world: World, word: str, told: str) -> None:
    (world.base / "units").mkdir()
    path = f"{world.base / 'bin'}:{os.environ['PATH']}"
    options = (*APPLY, "-e", f"schedule_directory={world.base / 'units'}", "-e", "schedule_by=systemd")
    refused = world.tool(*options, name="schedule", PATH=path, REFUSES=word)
    assert refused.code == 2 and told in refused.text and list((world.base / "units").iterdir()) == [], refused
    assert "schedules" not in world.files()


def test_what_never_started_is_handed_out_once(world: World) -> None:
    (world.base / "units").mkdir()
    schedule(world, *APPLY)
    ledger = open_ledger(f"file://{world.ledger}", "toy", "lab")
    now = ledger.store.now()
    assert [each.name for each in Register(ledger.store).all()] == ["nightly/api"] and overdue(ledger, now) == []
    seen(ledger, "nightly/api", now)
    later = now + timedelta(days=3)
    (told,) = overdue(ledger, later)
    assert told.count in (2, 3) and overdue(ledger, later) == []


@pytest.mark.skipif(ANALYZE is None, reason="NOT RUN: there is no systemd-analyze on this machine")
def test_due_times_are_those_of_systemd() -> None:
    """Random zones, most of them with a change of clocks at the time asked for, over 400 days each."""
    chance = random.Random(20261121)
    zones = sorted(
        zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc", "posix", "right"))
    )
    changing = [
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Africa/Cairo",
        "Asia/Beirut",
        "Africa/Casablanca",
    ]
    days = (
        ["daily"],
        ["sun"],
        ["mon", "sun"],
        ["first sun"],
        ["last sun"],
        ["second sun", "last fri"],
        [28],
        [1, "sat"],
    )
    for _number in range(30):
        at = f"{chance.choice((0, 1, 2, 2, 3, 23)):02d}:{chance.choice((0, 15, 30, 45)):02d}"
        zone = chance.choice([chance.choice(zones), chance.choice(changing)])
        try:
            rule = rule_of({"zone": zone, "days": chance.choice(days), "at": at}, "x")
            lines = calendars(rule)
        except InvalidInput:
            continue
        base = datetime(2026 + chance.randrange(12), chance.randrange(1, 13), 1, tzinfo=UTC)
        theirs = {instant for line in lines for instant in elapses(line, base)}
        until = base + timedelta(days=400)
        assert {each for each in theirs if each <= until} == set(due_times(rule, base, until)), (rule, base)


def elapses(line: str, base: datetime) -> set[datetime]:
    command = [str(ANALYZE), "calendar", "--iterations=402", f"--base-time={base:%Y-%m-%d %H:%M:%S} UTC", line]
    done = subprocess.run(command, env={"TZ": "UTC", "LC_ALL": "C"}, capture_output=True, text=True, check=True)
    found = re.findall(r"(?:elapse|#\d+|\(in UTC\)): \w{3} (\S+ \S+) UTC", done.stdout)
    return {instant for text in found if (instant := datetime.fromisoformat(f"{text}+00:00")) > base}
