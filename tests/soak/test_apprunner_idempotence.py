"""A second run changes nothing, and check mode shows what the real run then does without touching anything."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.faults.arena import REPOSITORY, SERVICE, Arena

CRITERION = {
    "count": 7,
    "sample": 4,
    "seed": 20261121,
    "covers": [
        "plugins/module_utils/_deploy.py",
        "plugins/module_utils/_hooks.py",
        "plugins/module_utils/_http",
        "plugins/module_utils/_own_command.py",
        "plugins/module_utils/_permit.py",
        "plugins/module_utils/_plan.py",
        "plugins/module_utils/_platform/apprunner",
        "plugins/module_utils/_release",
        "plugins/modules/apprunner_deploy.py",
        "plugins/plugin_utils/_ledger",
        "plugins/plugin_utils/_runs/conduct.py",
        "plugins/plugin_utils/_runs/conductor.py",
        "plugins/plugin_utils/_runs/recording.py",
        "plugins/plugin_utils/_runs/records.py",
        "lab/app",
        "lab/fakes/apprunner",
        "tests/faults",
    ],
}


@dataclass(frozen=True)
class Row:
    """One command in one world."""

    id: str
    arrange: Callable[[Arena], None]
    job: dict[str, Any]


def _outside(arena: Arena) -> None:
    arena.adopted()
    arena.control.outside(SERVICE, image=f"{REPOSITORY}:1.2.0")
    arena.control.wait(SERVICE)


BACK = {"state": "rolled_back"}
ROWS = (
    Row("adopt", lambda arena: arena.serve(), {"state": "adopted"}),
    Row("deploy", lambda arena: arena.adopted(), {"release": "1.1.0"}),
    Row("deploy_unadopted", lambda arena: arena.serve(), {"release": "1.1.0"}),
    Row("deploy_over_another_tool", _outside, {"release": "1.1.0"}),
    Row(
        "deploy_with_settings",
        lambda arena: arena.adopted(environment={"KEPT": "1"}, instance={"Cpu": "1024", "Memory": "2048"}),
        {"release": "1.1.0", "environment": {"ADDED": "2", "KEPT": None}, "cpu": "2 vCPU", "memory": "4096"},
    ),
    Row("rollback", lambda arena: arena.deployed("1.1.0"), {**BACK, "rollback_from": "1.1.0"}),
    Row(
        "rollback_named",
        lambda arena: arena.deployed("1.1.0", "1.2.0"),
        {**BACK, "rollback_from": "1.2.0", "rollback_to": "1.0.0"},
    ),
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each row: all of them, or the sample."""
    if "row" in metafunc.fixturenames:
        full = metafunc.config.getoption("--full")
        chosen = ROWS if full else random.Random(CRITERION["seed"]).sample(ROWS, k=int(str(CRITERION["sample"])))
        metafunc.parametrize("row", chosen, ids=lambda row: row.id)


def test_check_then_real_then_again(row: Row, arena: Arena, count_outcome: Callable[[str], None]) -> None:
    row.arrange(arena)
    observer = arena.observer
    before, records, since = observer.look(), observer.records(), observer.request_count()

    planned = arena.conduct(**row.job, job_check=True)
    assert not planned["failed"], planned["msg"]
    assert observer.sent(since) == [], "check mode sent a mutating request"
    assert (observer.look(), observer.records()) == (before, records), "check mode changed something"

    real = arena.conduct(**row.job)
    assert not real["failed"], real["msg"]
    assert planned["changed"] and real["changed"]
    assert _told(planned) == _told(real), "the plan that check mode showed is not the one that was carried out"
    assert planned["diff"] == real["diff"]
    assert {step["state"] for step in planned["plan"]} == {"would do"}
    assert {step["state"] for step in real["plan"]} == {"done"}
    assert set(planned) == set(real), "check mode has other keys"

    served, records, since = observer.look(), observer.records(), observer.request_count()
    second = arena.conduct(**row.job)
    assert not second["failed"] and not second["changed"], second["msg"]
    assert observer.sent(since) == [], "the second run sent a mutating request"
    assert (observer.look(), observer.records()) == (served, records), "the second run wrote something"
    count_outcome(f"{row.id}: same plan, nothing twice")


def _told(result: dict[str, Any]) -> tuple[object, ...]:
    steps = [{key: value for key, value in step.items() if key not in ("state", "why")} for step in result["plan"]]
    return steps, result["plan_hash"], result["release"], result["previous"]


def test_the_criterion_counts_the_rows() -> None:
    assert CRITERION["count"] == len(ROWS)
