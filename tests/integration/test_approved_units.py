"""An approved change of two components that goes wrong: both are put back, although nobody approved that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lab.fakes.apprunner.control import start
from tests.integration.test_units import TwoServices


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[TwoServices]:
    with start(tmp_path / "fake", 600) as fake:
        fake.control.settings(durations={"startup": 12_000.0})
        yield TwoServices(tmp_path, fake.control, fake.endpoint).open_both()


def test_an_approved_unit_is_put_back_whole(stage: TwoServices, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stage.home / "inventory" / "hosts.yml"
    tree = yaml.safe_load(path.read_text())
    for host in tree["all"]["children"]["services"]["hosts"].values():
        host["ops_approvers"] = {"people": ["ann", "bob"], "proofs": ["account"]}
    path.write_text(yaml.safe_dump(tree, sort_keys=False))

    monkeypatch.setenv("SUDO_USER", "ann")
    assert stage.play("deploy", deploy_release="3.0.0").rc != 0 and stage.mutations() == []
    assert stage.play("deploy", check=True, deploy_release="3.0.0").rc == 0
    run = [record for record in stage.journal() if record.get("event") == "planned"]
    assert [record["object"].rpartition("/")[2] for record in run] == ["web", "api"]
    monkeypatch.setenv("SUDO_USER", "bob")
    approved = stage.play("approve", approve_action="approve", approve_run=run[0]["run"])
    assert approved.rc == 0 and "bob approves (account)" in approved.output, approved.output

    monkeypatch.setenv("SUDO_USER", "ann")
    other = stage.play("deploy", deploy_release="2.0.0")
    assert other.rc != 0 and stage.mutations() == [], "nothing is switched by another plan"
    done = stage.play("deploy", deploy_release="3.0.0")
    assert done.rc != 0 and "is not the one that was approved" not in done.output, done.output
    assert stage.serving() == {"web": "1.0.0", "api": "1.0.0"}
    assert stage.units()[-1] == ("deploy", "settled")
