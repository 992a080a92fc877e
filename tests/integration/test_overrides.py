"""Overrides over real runs: a hold is passed within two printed commands, and stays until somebody looked at it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.toy import SWITCH, Seen, World

LATER = "2099-01-01T00:00:00Z"
OPEN = ("-e", "incident_action=open", "-e", "incident_severity=P1", "-e", "incident_title=down", "-e", "incident_id=A")
RIGHT = {
    "ops_override": "hold",
    "ops_incident": "A",
    "ops_reason": "the API answers nobody; 'now'",
    "ops_override_confirm": "toy/lab/override",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.initialise()
    hold = ("lease_action=hold", "lease_object=api", f"lease_until={LATER}", "lease_message=demo")
    assert made.tool(*(part for each in hold for part in ("-e", each)), name="lease").code == 0
    yield made
    made.kill_all()


def typed(**changes: object) -> tuple[str, ...]:
    given = {key: value for key, value in {**RIGHT, **changes}.items() if value is not None}
    return (*SWITCH, "-e", json.dumps(given))


def copied(world: World, command: str) -> Seen:
    """Run a command as it was printed."""
    done = subprocess.run(
        shlex.split(command),
        env=world.variables(),
        cwd=world.base,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    return Seen(done.returncode, done.stdout + done.stderr)


def opened(world: World) -> list[dict[str, object]]:
    found = [record for record in world.records("journal") if record.get("event") == "opened"]
    return [record for record in found if record.get("runbook") == "acme.toy.switch"]


def test_a_shut_gate_is_passed_within_two_printed_commands_and_stays_until_acknowledged(world: World) -> None:
    assert world.run(*SWITCH).code != 0 and world.words() == []
    refused = world.run(*SWITCH, "-e", "ops_override=hold", "-e", 'ops_reason="the API is down"')
    assert refused.code != 0 and world.words() == [], refused
    assert "ops_incident is empty; none is open and ops_override_confirm is empty" in refused.text
    first, second = re.findall(r"`([^`]*ansible-playbook'? [^`]*)`", _line(refused.text, "override: ops_incident"))
    assert copied(world, first).code == 0
    done = copied(world, second)
    assert done.code == 0 and world.words() == ["one"], done
    assert re.search(r"\n  override: hold waived for INC-\d{8}-1: the API is down\n", done.text)
    entry = opened(world)[-1]
    assert [each["gate"] for each in entry["overrides"]] == ["hold"]  # type: ignore[attr-defined]
    assert (entry["reason"], entry["incidents"]) == ("the API is down", [entry["incident"]])

    waits = "not acknowledged: acme.toy.switch switch of "
    assert waits in world.tool(name="incident").text
    assert waits in world.tool("-e", "incident_action=close", "-e", "incident_resolution=up", name="incident").text
    assert waits in world.tool(name="incident").text, "closing is not looking"
    seen = world.tool("-e", "incident_action=acknowledge", name="incident")
    assert seen.code == 0 and "acknowledged the overrides of" in seen.text
    assert waits not in world.tool(name="incident").text
    again = copied(world, second)
    assert again.code != 0 and "which is closed" in again.text, "it was for that incident"


def _line(text: str, part: str) -> str:
    return next(line for line in text.splitlines() if part in line)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ops_override": "all"}, "ops_override is 'all', and gates are waived by name"),
        ({"ops_override": ["hold", "identity"]}, "ops_override names identity, which nothing waives"),
        ({"ops_override": "lease"}, "ops_override names lease, which nothing waives"),
        ({"ops_override": "holds"}, "ops_override names 'holds', which is no gate"),
        ({"ops_incident": "B"}, "ops_incident is B, which is no incident; open are A"),
        ({"ops_reason": " "}, "ops_reason is empty"),
        ({"ops_override_confirm": "toy/lab"}, "ops_override_confirm is 'toy/lab'"),
    ],
)
def test_a_wrong_override_waives_nothing_in_check_mode_as_for_real(
    world: World, changes: dict[str, object], sentence: str
) -> None:
    assert world.tool(*OPEN, name="incident").code == 0
    refused = world.run(*typed(**changes))
    assert refused.code != 0 and sentence in refused.text and world.words() == [], refused
    checked = world.run(*typed(**changes), "--check")
    assert checked.code == 0 and "a real run would refuse: Refused by the gate override: " in checked.text, checked
    assert sentence in checked.text and "override: hold waived" not in checked.text
    assert not [entry for entry in opened(world) if entry.get("overrides")]


def test_an_override_is_of_one_run_and_of_nothing_but_what_it_names(world: World) -> None:
    assert world.tool(*OPEN, name="incident").code == 0
    checked = world.run(*typed(), "--check")
    assert checked.code == 0 and "override: hold waived for A: " in checked.text and world.words() == []
    assert "not acknowledged" not in world.tool(name="incident").text, "a check run goes past nothing"
    assert world.run(*typed(value="two")).code == 0
    assert world.run(*SWITCH, "-e", "value=three").code != 0, "the next run meets the hold again"
    razed = world.run(*("-e", "switch_action=raze"), "-e", json.dumps(RIGHT))
    assert razed.code != 0 and "confirm: " in razed.text and "hold: " not in razed.text, razed
    assert world.words() == ["two"]


def test_what_a_survey_leaves_empty_and_what_an_inventory_sets_waives_nothing(world: World) -> None:
    assert world.tool(*OPEN, name="incident").code == 0
    blank = world.run(*typed(**dict.fromkeys(RIGHT, "")))
    assert blank.code != 0 and "hold: " in blank.text and "override" not in blank.text, blank
    inventory = world.environment("lab", "".join(f"{key}: {json.dumps(value)}\n" for key, value in RIGHT.items()))
    stated = world.run(*SWITCH, inventory=inventory)
    assert stated.code != 0 and "hold: " in stated.text and world.words() == [], stated
