"""The guard and the front end over real processes: what passes, what is refused, what a killed run leaves behind."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.toy import SWITCH, World, kill, wait_for


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.initialise()
    yield made
    made.kill_all()


def test_a_change_is_recorded_and_leaves_nothing_behind(world: World) -> None:
    seen = world.run(*SWITCH, "-e", "value=first")
    assert seen.code == 0, seen
    assert "toy/lab | acme.toy.switch: switch | run 01" in seen.text
    assert "  api | plan: Write first, 1 left (undo: none)" in seen.text
    assert seen.text.rstrip().endswith("LAB: no real system was touched")
    assert world.words() == ["first"]
    events = [(record["event"], record.get("result")) for record in world.records("journal")[1:]]
    assert events == [("opened", None), ("step", "ok"), ("closed", "ok")]
    kinds = [(record["kind"], record.get("state")) for record in world.records("releases")[1:]]
    assert kinds == [("intent", "open"), ("served", None), ("intent", "settled")]
    assert world.records("releases")[2]["component"] == "api"
    assert b'"leases":[]' in world.files()["leases"]
    assert list(world.runs.iterdir()) == []
    wait_for(lambda: not world.processes("keeper"), 5)


def test_a_repeated_change_does_nothing(world: World) -> None:
    world.run(*SWITCH)
    before = world.records("releases")
    seen = world.run(*SWITCH)
    assert seen.code == 0 and "changed=0" in seen.text, seen
    assert (world.words(), world.records("releases")) == (["one"], before)


def test_check_mode_writes_the_journal_and_nothing_else(world: World) -> None:
    before = world.files()
    left = world.base / "home" / "remote" / f"ansible-tmp-1.5-{2**22 + 1}-9"
    left.mkdir(parents=True)
    seen = world.run(*SWITCH, "--check", "--diff")
    assert seen.code == 0 and left.exists(), seen
    assert "  api | would: Write one, 1 left (undo: none)" in seen.text and "+words: one" in seen.text
    after = world.files()
    assert {name for name in after if after[name] != before.get(name)} == {
        "journal/head",
        "journal/entries/000000000001",
        "journal/entries/000000000002",
    }
    assert world.words() == [] and not world.runs.exists()


def test_secrets_are_in_no_line_and_no_file(world: World) -> None:
    seen = world.run(*SWITCH, "-e", "seconds=2", "-vvv")
    assert seen.code == 0 and "writing, ********" in seen.text, seen
    assert "canary-7c1f2e" not in seen.text.replace("secret_key: canary-7c1f2e", "")
    kept = [path for path in world.base.rglob("*") if path.is_file() and b"canary-7c1f2e" in path.read_bytes()]
    assert kept == [world.play]


@pytest.mark.parametrize(
    ("extra", "name"),
    [
        ("ops_environment=production", "ops_environment"),
        ("ops_ledger=file:///nowhere", "ops_ledger"),
        ('{"component_identity": {}}', "component_identity"),
        ("ops_windows=always", "ops_windows"),
    ],
)
def test_policy_on_the_command_line_is_refused(world: World, extra: str, name: str) -> None:
    world.environment("lab", "component_identity: {machine_id: m}\n")
    before = world.records("releases")
    seen = world.run(*SWITCH, "-e", extra)
    assert seen.code == 2
    assert (
        f"Refused by the gate policy: {name} was passed as an extra variable, and policy comes only from the inventory."
        f" Leave out -e {name}=... and set {name} in the inventory's group_vars." in seen.text
    ), seen
    assert (world.words(), world.records("releases")) == ([], before)
    # the header and the journal are those of the inventory, whatever was typed
    assert "toy/lab | acme.toy.switch: switch | run 01" in seen.text and "not journalled" not in seen.text
    assert "| target machine m (pinned; not asked)" in seen.text
    events = [(record["event"], record.get("allowed"), record.get("result")) for record in world.records("journal")[1:]]
    assert events == [("opened", False, None), ("closed", None, "REFUSED")]
    assert (
        f"Next: {shlex.quote(world.command()[0])} {world.play} -i {world.inventory} -e switch_action=switch\n"
        in seen.text
    )


def test_a_directory_as_inventory_merges_environments_and_is_refused(world: World) -> None:
    world.environment("production")
    seen = world.run(*SWITCH, inventory=world.inventory.parent)
    assert seen.code == 2
    assert "api is in the environment groups lab and production at once." in seen.text, seen
    assert f"steady.ops.inventory_check -i {world.inventory.parent}" in seen.text
    assert "not journalled: The ledger file://" in seen.text, "production, which comes last, has none yet"
    assert world.words() == []


@pytest.mark.parametrize(
    "way",
    [("--tags", "nothing"), ("--skip-tags", "always"), ("--start-at-task", "Write"), ("--skip-tags", "always,write")],
    ids=" ".join,
)
def test_no_way_around_the_guard_changes_anything(world: World, way: tuple[str, str]) -> None:
    before = world.records("releases")
    seen = world.run(*SWITCH, *way)
    assert seen.code != 0 and (world.words(), world.records("releases")) == ([], before), seen


def test_a_forged_permit_changes_nothing(world: World) -> None:
    forged = {"run": "01X", "runbook": "x", "action": "x", "mode": "real", "lab": True}
    lease = {"object": "toy/lab/api", "token": 1, "lease_deadline_path": str(world.base / "forged.json")}
    world.put(world.base / "forged.json", '{"deadline": 1e12, "stop": false}')
    play = world.play.read_text().replace(
        '"{{ ops_run.permit }}"', str({**forged, "objects": [lease]}).replace("True", "true")
    )
    seen = world.run(*SWITCH, "--skip-tags", "always", play=world.put(world.base / "forged.yml", play))
    assert seen.code == 2 and "The lease on toy/lab/api (token 1) was lost" in seen.text, seen
    assert world.words() == []


def test_a_run_without_hosts_is_red(world: World) -> None:
    empty = world.put(world.base / "empty.yml", world.play.read_text().replace("hosts: services", "hosts: redis"))
    seen = world.run(play=empty)
    assert seen.code == 2 and "empty.yml processed no host, so nothing was done" in seen.text, seen
    program = shlex.quote(str(Path(world.command()[0]).with_name("ansible-inventory")))
    assert f"{program} --graph -i {world.inventory}\n" in seen.text


def test_a_run_that_fails_before_its_guard_says_what_failed(world: World) -> None:
    first = "  tasks:\n    - name: Look around\n      ansible.builtin.fail: {msg: it is dark}\n"
    early = world.put(world.base / "early.yml", world.play.read_text().replace("  tasks:\n", first))
    seen = world.run(*SWITCH, play=early)
    assert seen.code == 2 and "went past its guard" not in seen.text, seen
    assert "early.yml failed before its guard, so nothing may be changed and nothing was recorded" in seen.text
    assert "the task 'Look around' on api said: it is dark." in seen.text


def test_a_lab_that_points_elsewhere_is_not_changed(world: World) -> None:
    world.environment("lab", "aws_connection: {region: us-east-1}\n")
    seen = world.run(*SWITCH)
    assert seen.code == 2 and world.words() == []
    assert "Refused by the gate lab: ops_environment is lab, but aws_connection.endpoint_url of api" in seen.text, seen
    seen = world.run("-e", "switch_action=look")
    assert seen.code == 0 and "warning: ops_environment is lab, but" in seen.text, seen
    assert "no real system was touched" not in seen.text


def test_foreign_playbooks_are_left_alone(world: World) -> None:
    play = "- hosts: redis\n- hosts: all\n  gather_facts: false\n  tasks: [{debug: {msg: hello}}]\n"
    seen = world.run(play=world.put(world.base / "foreign.yml", play))
    assert seen.code == 0 and "toy/lab" not in seen.text, seen


def test_a_change_wants_the_journal_callback(world: World) -> None:
    seen = world.run(*SWITCH, ANSIBLE_CALLBACKS_ENABLED="ansible.builtin.default")
    assert seen.code == 2 and world.words() == []
    assert "The callback steady.ops.journal, which records this run, is not active." in seen.text, seen
    assert world.run("-e", "switch_action=look", ANSIBLE_CALLBACKS_ENABLED="ansible.builtin.default").code == 0


def test_all_gates_are_reported_together(world: World) -> None:
    seen = world.run("-e", "switch_action=raze", "-e", "ops_override=window")
    assert seen.code == 2 and "Refused for 3 reasons" in seen.text, seen
    assert "-e switch_action=raze -e ops_override=window -e ops_confirm=toy/lab/api`" in seen.text
    for gate in ("confirm: ", "backup: ", "override: "):
        assert f"\n  {gate}" in seen.text


def test_a_hold_stops_changes_until_it_is_lifted(world: World) -> None:
    hold = ("-e", "lease_action=hold", "-e", "lease_object=api", "-e", "lease_until=2096-01-01T00:00:00Z")
    assert world.tool(*hold, "-e", '{"lease_message": "restoring"}', name="lease").code == 0
    assert "changed=0" in world.tool(*hold, "-e", '{"lease_message": "restoring"}', name="lease").text
    seen = world.run(*SWITCH)
    assert seen.code == 2 and "holds toy/lab/api until 2096-01-01T00:00:00Z: restoring." in seen.text, seen
    program = shlex.quote(world.command()[0])
    lift = f"`{program} steady.ops.lease -i {world.inventory} -e lease_action=lift -e lease_object"
    assert lift in seen.text
    assert world.tool("-e", "lease_action=lift", "-e", "lease_object=toy/lab/api", name="lease").code == 0
    assert world.run(*SWITCH).code == 0 and world.words() == ["one"]


def test_production_pins_who_it_is(world: World) -> None:
    production = world.environment("production", "ops_ledger_persistent: true\n")
    world.initialise("production")
    seen = world.run(*SWITCH, inventory=production)
    assert seen.code == 2 and world.words() == []
    assert "api does not pin who it is in production. Set component_identity: {aws_account" in seen.text, seen
    assert world.run("-e", "switch_action=look", inventory=production).code == 0


def test_production_keeps_no_ledger_in_a_container(world: World) -> None:
    production = world.environment("production")
    seen = world.tool("-e", "ledger_action=initialise", inventory=production, container="podman")
    assert seen.code == 2 and "set ops_ledger_persistent: true in the inventory" in seen.text, seen


def test_two_runs_at_once_have_one_winner(world: World) -> None:
    first = world.start(*SWITCH, "-e", "seconds=6")
    wait_for(lambda: world.records("releases")[1:])
    seen = world.run(*SWITCH, "-e", "value=second")
    assert seen.code == 2, seen
    run = world.records("releases")[1]["run"]
    assert f"toy/lab/api is being changed by run {run} (acme.toy.switch) of " in seen.text
    assert f"process {first.pid}." in seen.text and f"end it with `kill {first.pid}`" in seen.text
    assert first.wait(30) == 0 and world.words() == ["one"]


def test_the_next_run_takes_over_when_the_orphan_has_stopped(world: World) -> None:
    first = world.start(*SWITCH, "-e", "seconds=4", "-e", "steps=3")
    wait_for(lambda: world.processes("AnsiballZ_toy_deploy.py") and world.records("releases")[1:])
    time.sleep(1)
    first.kill()
    first.wait()
    assert world.processes("AnsiballZ_toy_deploy.py"), "the module must outlive its run, or this test shows nothing"
    seen = world.run(*SWITCH, "-e", "value=next")
    assert seen.code == 0, seen
    # the step in flight was finished, none was begun after it, and the next run came after it
    assert world.words() == ["one", "next"]
    assert "waiting for toy/lab/api: run 01" in seen.text
    intents = [(record["state"], record["run"]) for record in world.records("releases") if record["kind"] == "intent"]
    assert intents[0][1] != intents[1][1]


def test_nothing_is_waited_for_when_everything_is_dead(world: World) -> None:
    first = world.start(*SWITCH, "-e", "seconds=60", "-e", "steps=2")
    wait_for(lambda: world.processes("keeper") and world.processes("AnsiballZ_toy_deploy.py"))
    home = world.base / "home"
    for pid in [*world.processes("keeper"), first.pid, *world.processes("")]:
        kill(pid)
    first.wait()
    left = [path for path in home.rglob("ansible-*") if path.is_dir()]
    assert [path for path in left if list(path.glob("AnsiballZ_toy_deploy.py"))], "a killed run leaves module files"
    seen = world.run(*SWITCH, "-e", "value=next")
    assert seen.code == 0, seen
    assert "waiting for" not in seen.text and world.words() == ["next"]
    assert not [path for path in left if path.exists()]
    assert len(world.records("journal")[-3]["taken_over"]) == 1
    assert list(world.runs.iterdir()) == []


def test_a_keeper_frees_a_killed_run_by_itself(world: World) -> None:
    first = world.start(*SWITCH, "-e", "seconds=2", "-e", "steps=5")
    wait_for(lambda: world.processes("AnsiballZ_toy_deploy.py") and world.records("releases")[1:])
    first.kill()
    first.wait()
    wait_for(lambda: b'"leases":[]' in world.files()["leases"], 15)
    wait_for(lambda: not world.processes("keeper"), 5)
    assert len(world.words()) <= 1 and list(world.runs.iterdir()) == []


def test_a_silent_module_is_heard_of_every_ten_seconds(world: World) -> None:
    seen = world.run(*SWITCH, "-e", "seconds=11", "-e", "silent=true")
    assert seen.code == 0 and "  api | toy_deploy is at work, nothing new for 9" in seen.text, seen


def test_run_directories_are_private(world: World) -> None:
    first = world.start(*SWITCH, "-e", "seconds=3")
    wait_for(lambda: world.runs.exists() and list(world.runs.rglob("lease-*.json")))
    (directory,) = world.runs.iterdir()
    assert directory.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in directory.iterdir() if path.suffix == ".json"} == {0o600}
    assert first.wait(30) == 0
    assert {os.stat(path).st_mode & 0o077 for path in world.ledger.rglob("*")} == {0}
