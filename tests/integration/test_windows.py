"""Windows and freezes over real runs: what is refused and what passes, in every mode, and the tool's own playbook."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.toy import CONTRACT, SWITCH, World

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# whenever the tests run, over midnight too: three days from their beginning is not now
DAY = datetime.now(UTC) + timedelta(days=3)
SHUT = WEEKDAYS[DAY.weekday()]
WEEKLY = f'{{name: weekly, zone: UTC, days: [{SHUT}], from: "02:00", to: "04:00"}}'


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    disruptive = CONTRACT.replace("switch: {risk: change,", "switch: {risk: change, disruptive: true,")
    assert disruptive != CONTRACT
    made.put(tmp_path / "collections/ansible_collections/acme/toy/roles/switch/meta/runbook.yml", disruptive)
    made.initialise("staging")
    yield made
    made.kill_all()


def staging(world: World, values: str = "") -> Path:
    return world.environment("staging", values)


def test_nothing_declared_refuses_and_names_the_key(world: World) -> None:
    seen = world.run(*SWITCH, inventory=staging(world))
    assert seen.code == 2 and world.words() == [], seen
    assert "the inventory does not declare ops_windows" in seen.text, seen
    assert "group_vars/staging.yml, ops_windows: always, or a list" in seen.text
    assert "-e ops_override=window -e ops_incident=ID -e ops_reason=REASON" in seen.text
    assert "-e ops_override_confirm=toy/staging/override" in seen.text


def test_always_passes(world: World) -> None:
    seen = world.run(*SWITCH, inventory=staging(world, "ops_windows: always\n"))
    assert seen.code == 0 and world.words() == ["one"], seen


def test_shut_refuses_with_the_next_opening_and_in_check_mode_only_says_so(world: World) -> None:
    inventory = staging(world, f"ops_windows: [{WEEKLY}]\n")
    seen = world.run(*SWITCH, inventory=inventory)
    assert seen.code == 2 and world.words() == [], seen
    assert f"next opens weekly, {SHUT.capitalize()} {DAY:%Y-%m-%d} 02:00 UTC for 2 h 0 min" in seen.text, seen
    checked = world.run(*SWITCH, "--check", inventory=inventory)
    assert checked.code == 0 and world.words() == [], checked
    assert re.search(r"a real run would refuse: .*Outside the window of toy/staging \(weekly\)", checked.text), checked
    reading = world.run("-e", "switch_action=look", inventory=inventory)
    assert reading.code == 0, reading


def test_an_open_window_passes_once_notice_was_given(world: World) -> None:
    emergency = "{name: emergency, announced: true}"
    inventory = staging(world, f"ops_windows: [{WEEKLY}, {emergency}]\n")
    refused = world.run(*SWITCH, inventory=inventory)
    # what the refusal offers, as a person copies it
    (offered,) = re.findall(r"`([^`]* steady\.ops\.window [^`]*)`", refused.text)
    words = [word for word in shlex.split(offered) if word not in ("ansible-playbook", "steady.ops.window")]
    chosen = [word.replace("REASON", "leak") for word in words[words.index("-e") :]]
    for said in ("is announced: leak", "is announced already: leak"):
        seen = world.tool(*chosen, name="window", inventory=inventory)
        assert seen.code == 0 and said in seen.text, seen
    assert world.run(*SWITCH, inventory=inventory).code == 0 and world.words() == ["one"]
    shown = world.tool(name="window", inventory=inventory)
    assert f"weekly: shut, opens {SHUT.capitalize()}" in shown.text and "emergency: open until" in shown.text, shown
    gone = world.tool("-e", "window_action=withdraw", "-e", "window_name=emergency", name="window", inventory=inventory)
    assert gone.code == 0 and "the notice is withdrawn" in gone.text, gone
    assert world.run(*SWITCH, "-e", "value=two", inventory=inventory).code == 2 and world.words() == ["one"]


def test_the_last_command_of_a_refusal_goes_past_it_under_an_open_incident(world: World) -> None:
    inventory = staging(world, f"ops_windows: [{WEEKLY}]\n")
    refused = world.run(*SWITCH, inventory=inventory)
    opening = {"action": "open", "severity": "P1", "title": "leak", "owner": "ann"}
    said = [word for name, value in opening.items() for word in ("-e", f"incident_{name}={value}")]
    assert world.run(*said, play="steady.ops.incident", inventory=inventory).code == 0
    (known,) = json.loads((world.base / "ledger-staging" / "incidents").read_text())["incidents"]
    words = shlex.split(re.findall(r"`([^`]*ops_override=window[^`]*)`", refused.text)[0])
    # what a person must say is said; the placeholders alone are nothing said
    assert world.run(*words[words.index("-e") :], inventory=inventory).code == 2 and world.words() == []
    own = {"=ID": f"={known['id']}", "=REASON": "=leak"}
    chosen = [re.sub("=(ID|REASON)$", lambda found: own[found[0]], word) for word in words[words.index("-e") :]]
    seen = world.run(*chosen, inventory=inventory)
    assert seen.code == 0 and world.words() == ["one"], seen


def test_a_wrong_declaration_is_one_sentence(world: World) -> None:
    inventory = staging(world, "ops_windows: [{name: weekly, zone: Berlin, days: daily, from: 11:00, to: 12:00}]\n")
    for seen in (world.run(*SWITCH, inventory=inventory), world.tool(name="window", inventory=inventory)):
        assert seen.code == 2 and "ops_windows[weekly].zone is 'Berlin', which is no IANA zone" in seen.text, seen


def test_a_freeze_that_yaml_read_as_dates_is_shown(world: World) -> None:
    freeze = "{name: christmas, zone: Europe/Berlin, from: 2096-12-20, to: 2097-01-03T06:00:00, reason: away}"
    seen = world.tool(name="window", inventory=staging(world, f"ops_freezes: [{freeze}]\n"))
    assert seen.code == 0, seen
    assert "freeze christmas: comes, from Thursday 2096-12-20 00:00 Europe/Berlin" in seen.text, seen
    assert "ops_windows is not declared: disruptive actions are refused" in seen.text
