"""The ledger's tool and what a broken ledger stops, over real runs."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.toy import SWITCH, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.kill_all()


def test_a_ledger_is_initialised_once(world: World) -> None:
    seen = world.run(*SWITCH)
    command = f"{shlex.quote(world.command()[0])} steady.ops.ledger -i {world.inventory} -e ledger_action=initialise"
    told = f"there is no directory {world.ledger}. If it existed before, mount or restore it;"
    told += " if it is new, initialise it:"
    assert seen.code == 2 and f"of toy/lab is not initialised: {told} `{command}`" in seen.text, seen
    assert world.words() == [] and not world.ledger.exists()

    initialise = ("-e", "ledger_action=initialise")
    checked = world.tool(*initialise, "--check")
    assert checked.code == 0 and "would be initialised" in checked.text and not world.ledger.exists(), checked
    assert "changed=1" in world.tool(*initialise).text
    before = world.files()["identity"]
    again = world.tool(*initialise)
    assert again.code == 0 and "changed=0" in again.text, again
    assert world.files()["identity"] == before

    shown = world.tool("-e", "ledger_action=")
    assert shown.code == 0 and "no lease, no hold, nothing unfinished" in shown.text, shown
    assert world.run(*SWITCH).code == 0


def test_another_environments_ledger_is_refused(world: World) -> None:
    world.initialise()
    staging = world.environment("staging")
    values = world.base / "inventory" / "group_vars" / "staging.yml"
    values.write_text(f"ops_environment: staging\nops_ledger: file://{world.ledger}\n")
    seen = world.run(*SWITCH, inventory=staging)
    assert seen.code == 2, seen
    assert f"The ledger file://{world.ledger} belongs to toy/lab, not to toy/staging." in seen.text


def test_a_ledger_that_vanished_is_not_begun_anew_by_mistake(world: World) -> None:
    initialise = ("-e", "ledger_action=initialise")
    staging = world.environment("staging")
    assert "changed=1" in world.tool(*initialise, inventory=staging).text
    ledger = world.base / "ledger-staging"
    identity = json.loads((ledger / "identity").read_text())["id"]
    ledger.rename(world.base / "elsewhere")
    # what an unmounted file system leaves
    ledger.mkdir(mode=0o700)
    look = world.run("-e", "switch_action=look", inventory=staging)
    assert look.code == 0 and "nothing of this run is journalled: The ledger file://" in look.text, look
    assert f"is not initialised: {ledger} holds none. If it existed before, mount or restore it" in look.text, look
    refused = world.tool(*initialise, inventory=staging)
    assert refused.code == 2 and "is not there any more. Mount it or restore it" in refused.text, refused
    told = f"-i {staging} -e ledger_action=initialise -e ledger_lost={identity}\n"
    assert told in refused.text and list(ledger.iterdir()) == [], refused
    assert "changed=1" in world.tool(*initialise, "-e", f"ledger_lost={identity}", inventory=staging).text


def edit(world: World) -> None:
    path = world.ledger / "releases" / "entries" / f"{2:012d}"
    entry = json.loads(path.read_text())
    entry["records"][0]["release"] = "forged"
    path.write_text(json.dumps(entry))


def tear(world: World) -> None:
    path = world.ledger / "releases" / "entries" / f"{1:012d}"
    path.write_bytes(path.read_bytes()[:40])


def cut(world: World) -> None:
    (world.ledger / "releases" / "entries" / f"{2:012d}").unlink()


def lose(world: World) -> None:
    shutil.rmtree(world.ledger / "releases")


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (edit, "entry 2 was changed after it was written"),
        (tear, "entry 1 is damaged and cannot be read"),
        (cut, "entry 2 is missing: the chain was cut"),
        (lose, "its head is missing: the chain is lost"),
    ],
)
def test_a_broken_history_is_found_and_stops_changes(
    world: World, harm: Callable[[World], None], sentence: str
) -> None:
    world.initialise()
    assert world.run(*SWITCH).code == 0
    harm(world)
    whole = f"The chain releases of the ledger file://{world.ledger} cannot be trusted: {sentence}."
    checked = world.tool("-e", "ledger_action=check")
    if harm is lose:
        whole = whole.replace("its head is missing", "entry 0 is missing") if whole not in checked.text else whole
    assert checked.code == 2 and whole in checked.text, checked
    seen = world.run(*SWITCH, "-e", "value=two")
    assert seen.code == 2 and "cannot be trusted" in seen.text and world.words() == ["one"], seen


def test_no_change_without_an_opening_entry_but_reading_goes_on(world: World) -> None:
    world.initialise()
    (world.ledger / "journal" / "head").unlink()
    seen = world.run(*SWITCH)
    assert seen.code == 2 and world.words() == []
    assert "Refused by the gate journal: The chain journal of the ledger" in seen.text, seen
    assert list(world.runs.iterdir()) == [] and b'"leases":[]' in world.files()["leases"]
    look = world.run("-e", "switch_action=look")
    assert look.code == 0 and "nothing of this run is journalled: The chain journal of the ledger" in look.text, look


def test_a_ledger_out_of_reach_stops_changes_but_not_reading(world: World) -> None:
    world.initialise()
    identity = world.ledger / "identity"
    identity.unlink()
    # what a directory in its place does to every user, root included: a read error
    identity.mkdir()
    seen = world.run(*SWITCH)
    assert seen.code == 2 and world.words() == []
    assert f"The ledger file://{world.ledger} cannot be read: Is a directory." in seen.text, seen
    assert world.run("-e", "switch_action=look").code == 0


def test_others_may_not_write_into_a_ledger(world: World) -> None:
    world.initialise()
    world.ledger.chmod(0o777)
    seen = world.run(*SWITCH)
    assert seen.code == 2 and f"Run chmod 700 '{world.ledger}', then look at it: `" in seen.text, seen


@pytest.mark.parametrize(
    ("tool", "extra", "sentence"),
    [
        ("ledger", ("ledger_action=looks",), "ledger_action is 'looks'. Use one of show, check, initialise."),
        ("lease", ("lease_action=holds",), "lease_action is 'holds'. Use one of show, hold, lift, break."),
        ("lease", ("lease_action=hold",), "-e lease_action=hold -e lease_object=toy/lab/NAME-OF-THE-COMPONENT"),
        ("lease", ("lease_action=hold", "lease_object=other/lab/api"), "and this ledger is that of toy/lab."),
        (
            "lease",
            ("lease_action=hold", "lease_object=apii", "lease_message=x", "lease_until=2096-01-01T00:00:00Z"),
            "Name a component, or toy/lab for all of it; the nearest are toy/lab/api.",
        ),
        ("lease", ("lease_action=hold", "lease_object=api"), "lease_message is empty."),
        ("lease", ("lease_action=hold", "lease_object=api", "lease_message=x"), "lease_until is empty."),
        (
            "lease",
            ("lease_action=hold", "lease_object=api", "lease_message=x", "lease_until=noon"),
            "'noon' is not a time. Write it as",
        ),
        ("lease", ("lease_action=lift", "lease_objct=api"), "Did you mean lease_object?"),
    ],
)
def test_wrong_input_is_named(world: World, tool: str, extra: tuple[str, ...], sentence: str) -> None:
    world.initialise()
    before = world.files()
    seen = world.tool(*(part for value in extra for part in ("-e", value)), name=tool)
    assert seen.code == 2 and sentence in seen.text, seen
    assert "Next: " in seen.text or ": `" in seen.text, seen
    assert " | REFUSED after " in seen.text, seen
    if "objct" not in extra[-1]:
        assert world.files() == before
