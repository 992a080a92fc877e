"""The ledger cannot be reached: what brings back what served goes on, and what it did is not lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.fakes.apprunner.control import start
from tests.integration.stage import SERVICE, Stage
from tests.integration.test_killed_run import begin, kill_all, until_accepted

GONE = "is not initialised: there is no directory"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with start(tmp_path / "fake", 600) as fake:
        made = Stage(tmp_path, fake.control, fake.endpoint).open()
        assert made.play("deploy", deploy_action="adopt").rc == 0
        assert made.play("deploy", deploy_release="2.0.0").rc == 0
        yield made


def away(stage: Stage) -> Path:
    """Take the ledger away, as a file system that is not mounted does."""
    return (stage.home / "ledger").rename(stage.home / "unmounted")


def back(stage: Stage) -> None:
    (stage.home / "unmounted").rename(stage.home / "ledger")


def served(stage: Stage) -> list[tuple[str, str]]:
    files = sorted((stage.home / "ledger" / "releases" / "entries").iterdir())
    records = [record for file in files for record in json.loads(file.read_text())["records"]]
    return [(str(record["how"]), str(record["release"])) for record in records if record["kind"] == "served"]


def test_a_rollback_goes_on_and_is_brought_in_by_the_next_run(stage: Stage) -> None:
    before = served(stage)
    away(stage)
    seen = stage.play("rollback", rollback_reason="it is on fire")
    assert seen.rc == 0 and stage.answers()["version"] == "1.0.0", seen.output
    assert GONE in seen.output and "so this goes on with what this controller knew" in seen.output, seen.output
    assert not (stage.home / "ledger").exists()
    again = stage.play("rollback", rollback_from="2.0.0")
    assert again.rc == 0 and stage.answers()["version"] == "1.0.0", again.output
    back(stage)
    listed = stage.play("releases")
    assert listed.rc == 0 and "brought in what was done while this ledger could not be reached" in listed.output
    assert served(stage)[:-1] == before and served(stage)[-1][0] == "rollback", served(stage)
    runs = [record for record in stage.journal() if record.get("spooled")]
    assert [record["event"] for record in runs if record["run"] == runs[0]["run"]][:1] == ["opened"]
    # what it left is withdrawn, with its reason, as if the ledger had been there all the time
    assert "withdrawn" in listed.output and "it is on fire" in listed.output, listed.output
    assert "brought in" not in stage.play("releases").output


def test_what_is_no_way_back_refuses(stage: Stage) -> None:
    away(stage)
    refused = stage.play("deploy", deploy_release="3.0.0")
    assert refused.rc == 2 and GONE in refused.output and stage.answers()["version"] == "2.0.0", refused.output


def test_check_mode_plans_the_same_from_the_copy(stage: Stage) -> None:
    away(stage)
    planned = stage.play("rollback", check=True)
    assert planned.rc == 0 and "instead of 2.0.0" in planned.output, planned.output
    assert stage.answers()["version"] == "2.0.0" and len(stage.mutations()) == 1
    real = stage.play("rollback")
    assert real.rc == 0 and stage.answers()["version"] == "1.0.0", real.output


def test_a_controller_that_knows_nothing_says_so(tmp_path: Path) -> None:
    with start(tmp_path / "fake", 600) as fake:
        stage = Stage(tmp_path, fake.control, fake.endpoint).open()
        away(stage)
        seen = stage.play("rollback")
        assert seen.rc == 2 and "this controller has no copy of it" in seen.output, seen.output
        assert stage.mutations() == []


def test_a_run_that_is_killed_without_its_ledger_is_finished_by_the_next(stage: Stage, tmp_path: Path) -> None:
    away(stage)
    stage.control.hold(SERVICE, "pull")
    temporary = tmp_path / "ansible temporary"
    begun = begin(stage, temporary, "rollback", "rollback_reason=fire")
    until_accepted(stage, 2)
    kill_all(begun, temporary)
    back(stage)
    stage.control.release(SERVICE)
    finished = stage.play("rollback")
    assert finished.rc == 0 and stage.answers()["version"] == "1.0.0", finished.output
    assert served(stage)[-1][0] == "rollback" and len(stage.mutations()) == 2, finished.output


def test_an_incident_is_opened_without_the_ledger_and_opens_a_gate(stage: Stage) -> None:
    until = "2096-01-01T00:00:00Z"
    placed = stage.play("lease", lease_action="hold", lease_object="api", lease_message="wait", lease_until=until)
    assert placed.rc == 0, placed.output
    # a hold is copied by the next run that changes something
    opened = stage.play("incident", incident_action="open", incident_title="outage", incident_severity="P1")
    assert opened.rc == 0, opened.output
    away(stage)
    held = stage.play("rollback")
    assert held.rc == 2 and "wait" in held.output and stage.answers()["version"] == "2.0.0", held.output
    second = stage.play(
        "incident", incident_action="open", incident_id="INC-X", incident_title="ledger gone", incident_severity="P0"
    )
    assert second.rc == 0, second.output
    waived = {"ops_override": "hold", "ops_incident": "INC-X", "ops_reason": "it burns"}
    done = stage.play("rollback", **waived, ops_override_confirm="shop/lab/override")
    assert done.rc == 0 and stage.answers()["version"] == "1.0.0", done.output
    back(stage)
    listed = stage.play("incident")
    assert listed.rc == 0 and "INC-X" in listed.output and "brought in" in listed.output, listed.output
