"""Deploy, rollback and releases on their real playbooks, run as AWX runs them, judged from outside."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.fakes.apprunner.control import start
from tests.integration.stage import REPOSITORY, SERVICE, Stage
from tests.proofs.plugin import ProveProcedure


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with start(tmp_path / "fake", 600) as fake:
        yield Stage(tmp_path, fake.control, fake.endpoint).open()
        assert fake.control.broken() == []


@pytest.mark.procedure("SU-08")
def test_a_deployment_is_green_only_when_the_release_answers(stage: Stage, prove_procedure: ProveProcedure) -> None:
    adopted = stage.play("deploy", deploy_action="adopt")
    assert adopted.rc == 0, adopted.output
    assert stage.mutations() == []

    planned = stage.play("deploy", check=True, deploy_release="2.0.0").result("apprunner_deploy")
    assert stage.mutations() == []
    deployed = stage.play("deploy", deploy_release="2.0.0")
    done = deployed.result("apprunner_deploy")
    assert (deployed.rc, done["changed"], stage.answers()["version"]) == (0, True, "2.0.0"), deployed.output
    assert planned["diff"] == done["diff"]
    assert planned["plan_hash"] == done["plan_hash"]

    # the hazard: the runbook's one describe-service says RUNNING after App Runner has gone back by itself
    bad = stage.play("deploy", deploy_release="9.0.0")
    result = bad.result("apprunner_deploy")
    truth = stage.control.truth(SERVICE)
    assert truth["status"] == "RUNNING", "the original procedure's check is green here"
    assert bad.rc != 0
    assert result["rolled_back"]
    assert stage.answers()["version"] == "2.0.0"
    assert "Next: ansible-playbook playbooks/releases.yml" in bad.output

    before = len(stage.mutations())
    again = stage.play("deploy", deploy_release="2.0.0").result("apprunner_deploy")
    assert (again["changed"], len(stage.mutations())) == (False, before)
    observation = "2.0.0 answered; after 9.0.0 the platform said RUNNING, the run was red and 2.0.0 answered"
    prove_procedure("SU-08", "deploy", stage.journal(), observation)


@pytest.mark.procedure("SU-10")
def test_a_rollback_goes_back_by_one_and_further_the_next_time(stage: Stage, prove_procedure: ProveProcedure) -> None:
    stage.play("deploy", deploy_action="adopt")
    for version in ("2.0.0", "3.0.0"):
        assert stage.play("deploy", deploy_release=version).rc == 0
    left = stage.control.truth(SERVICE)["serving_digest"].removeprefix("sha256:")[:12]

    # the hazard: list-operations names no image, and retagging latest destroys the record of what ran
    operations = stage.control.truth(SERVICE)["operations"]
    assert not any("image" in str(operation).lower() for operation in operations)
    tags_before = stage.control.call("GET", "/_lab/images")

    first = stage.play("rollback", rollback_from=left, rollback_reason="it is slow")
    assert (first.rc, stage.answers()["version"]) == (0, "2.0.0"), first.output
    before = len(stage.mutations())
    again = stage.play("rollback", rollback_from=left)
    assert (again.rc, again.result("apprunner_deploy")["changed"]) == (0, False), again.output
    assert len(stage.mutations()) == before
    second = stage.play("rollback")
    assert (second.rc, stage.answers()["version"]) == (0, "1.0.0"), second.output
    third = stage.play("rollback")
    assert third.rc != 0
    assert "no release to go back to" in third.output
    assert stage.answers()["version"] == "1.0.0"
    assert stage.control.call("GET", "/_lab/images") == tags_before, "no tag was moved"
    observation = "3.0.0 -> 2.0.0 -> 1.0.0 answered in turn, no tag was moved, a repeated rollback_from changed nothing"
    prove_procedure("SU-10", "rollback", stage.journal(), observation)


def test_releases_shows_what_served_when(stage: Stage) -> None:
    stage.play("deploy", deploy_action="adopt")
    stage.play("deploy", deploy_release="2.0.0")
    stage.play("rollback", rollback_reason="it is slow")
    stage.control.delete_image(REPOSITORY, tag="2.0.0")
    listed = stage.play("releases")
    shown = {item["version"]: item for item in listed.result("apprunner_release_info")["releases"]}
    assert (shown["1.0.0"]["serving"], shown["1.0.0"]["verdict"]) == (True, "verified")
    assert (shown["2.0.0"]["verdict"], shown["2.0.0"]["reason"]) == ("withdrawn", "it is slow")
    assert shown["2.0.0"]["artefact"] == "gone"
    assert listed.rc == 0
    assert "serves now" in listed.output


def test_releases_shows_what_is_recorded_of_a_platform_that_is_dead(tmp_path: Path) -> None:
    with start(tmp_path / "fake", 600) as fake:
        stage = Stage(tmp_path, fake.control, fake.endpoint).open()
        assert stage.play("deploy", deploy_action="adopt").rc == 0
    listed = stage.play("releases")
    result = listed.result("apprunner_release_info")
    assert listed.rc != 0 and "FAILED after" in listed.output, listed.output
    assert [(item["version"], item["serving"], item["artefact"]) for item in result["releases"]] == [
        ("1.0.0", None, "unknown")
    ]
    assert {finding["severity"] for finding in result["findings"]} == {"unknown"}
    assert "serving unknown" in listed.output
    assert "Next: ansible-playbook playbooks/health_check.yml" in listed.output


def test_check_mode_changes_nothing_but_the_journal(stage: Stage) -> None:
    stage.play("deploy", deploy_action="adopt")
    releases = stage.home / "ledger" / "releases" / "entries"
    before, requests = sorted(releases.iterdir()), len(stage.mutations())
    journal = len(stage.journal())
    assert stage.play("deploy", check=True, deploy_release="2.0.0").rc == 0
    assert (sorted(releases.iterdir()), len(stage.mutations())) == (before, requests)
    assert len(stage.journal()) > journal, "that somebody looked is journalled"


def test_a_damaged_ledger_without_a_backup_is_left_behind_and_what_runs_is_adopted(stage: Stage) -> None:
    stage.play("deploy", deploy_action="adopt")
    assert stage.play("deploy", deploy_release="2.0.0").rc == 0
    ledger = stage.home / "ledger"
    (ledger / "releases" / "entries" / f"{1:012d}").write_text("{")
    (ledger / "journal" / "head").unlink()

    listed = stage.play("releases")
    assert listed.rc == 0, listed.output
    assert "nothing of this run is journalled" in listed.output
    result = listed.result("apprunner_release_info")
    assert result["lines"][0].startswith("unknown: The recorded history is unknown: The chain releases of the ledger")
    assert "No release is recorded" not in listed.output
    assert [finding["id"] for finding in result["findings"]] == ["history", "serving"]
    refused = stage.play("rollback")
    assert refused.rc != 0
    assert "cannot be trusted" in refused.output and "docs/ledger.md" in refused.output
    assert stage.answers()["version"] == "2.0.0"

    ledger.rename(stage.home / "ledger.damaged")
    gone = stage.play("releases")
    assert gone.rc == 0 and "If it existed before, mount or restore it" in gone.output, gone.output
    assert stage.play("ledger", ledger_action="initialise").rc == 0
    sent = len(stage.mutations())
    adopted = stage.play("deploy", deploy_action="adopt")
    assert adopted.rc == 0, adopted.output
    assert len(stage.mutations()) == sent
    assert "no release to go back to" in stage.play("releases").output
    assert stage.play("deploy", deploy_release="3.0.0").rc == 0
    assert stage.play("rollback").rc == 0
    assert stage.answers()["version"] == "2.0.0"
    assert stage.play("ledger", ledger_action="check").rc == 0


def test_releases_names_the_deploy_that_a_killed_run_left(stage: Stage) -> None:
    stage.play("deploy", deploy_action="adopt")
    assert stage.play("deploy", deploy_release="2.0.0").rc == 0
    # what a run that is killed before its records leaves: all but the last entry
    entries = sorted((stage.home / "ledger" / "releases" / "entries").iterdir())
    intent = json.loads(entries[-2].read_text())
    assert [record["kind"] for record in intent["records"]] == ["intent"]
    entries[-1].unlink()
    head = {"sequence": intent["sequence"], "hash": f"sha256:{hashlib.sha256(entries[-2].read_bytes()).hexdigest()}"}
    (stage.home / "ledger" / "releases" / "head").write_text(json.dumps(head))
    listed = stage.play("releases")
    assert listed.rc == 0, listed.output
    (line,) = (line for line in listed.result("apprunner_release_info")["lines"] if "unfinished" in line)
    run, since = (intent["records"][0][key] for key in ("run", "at"))
    assert line.startswith("warning: unfinished: deploy of ") and f" since {since} (run {run}). Wait for" in line
