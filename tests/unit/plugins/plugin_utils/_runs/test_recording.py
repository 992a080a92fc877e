"""What the front end writes: stamped, under the lease's token, and the end of a unit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._clock import SystemClock
from ansible_collections.steady.ops.plugins.module_utils._errors import OpsError
from ansible_collections.steady.ops.plugins.module_utils._permit import Permit
from ansible_collections.steady.ops.plugins.plugin_utils._runs.conductor import Conductor
from ansible_collections.steady.ops.plugins.plugin_utils._runs.recording import append, end_unit, is_open, note_stay
from ansible_collections.steady.ops.plugins.plugin_utils._runs.units import UNDO, Step, Unit
from tests.unit.plugins.plugin_utils._runs.test_conduct import API, Stage

INTENT: dict[str, Any] = {"kind": "intent", "state": "open", "unit_run": "01A", "components": {"api": {"to": "2"}}}
UNIT = Unit("01A", "deploy", ("web", "api"))
LAST = Step("api", UNDO, UNIT, closes=True)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def conductor(stage: Stage, **more: Any) -> Conductor:
    return Conductor("toy_deploy", API, lambda _options, _check: {}, stage.ledger, print, SystemClock(), **more)


def permit(stage: Stage) -> Permit:
    return Permit.from_option(stage.permit, check=False, object=API)


def test_records_carry_run_and_time_and_keep_their_own(stage: Stage) -> None:
    append(conductor(stage), {"permit": stage.permit}, permit(stage), [{"kind": "x"}, {"kind": "y", "run": "r0"}])
    kept = stage.ledger.releases.records()[1:]
    assert [(record["kind"], record["run"]) for record in kept] == [("x", "01A"), ("y", "r0")]
    assert all(str(record["at"]).endswith("Z") for record in kept)


def test_nothing_is_written_with_a_token_that_is_not_ours(stage: Stage) -> None:
    stolen = {**stage.permit, "objects": [{"object": API, "token": 99, "lease_deadline_path": "/x"}]}
    with pytest.raises(OpsError):
        append(conductor(stage), {"permit": stolen}, permit(stage), [{"kind": "x"}])
    with pytest.raises(OpsError):
        append(conductor(stage), {"permit": {**stage.permit, "objects": []}}, permit(stage), [{"kind": "x"}])
    assert len(stage.ledger.releases.records()) == 1


def test_an_intent_is_open_until_it_is_settled(stage: Stage) -> None:
    assert not is_open(conductor(stage), INTENT)
    stage.ledger.releases.append([INTENT])
    assert is_open(conductor(stage), None)


def test_what_cannot_be_read_counts_as_open(stage: Stage) -> None:
    for path in (Path(stage.ledger.url.removeprefix("file://")) / "releases" / "entries").iterdir():
        path.unlink()
    assert is_open(conductor(stage), INTENT)
    assert not is_open(conductor(stage), None)


@pytest.mark.parametrize(("left", "ends"), [([], True), ([INTENT], False)])
def test_a_unit_ends_unless_a_component_is_in_an_unknown_state(stage: Stage, left: list[Any], ends: bool) -> None:
    stage.ledger.releases.append([UNIT.record("toy/lab", "open"), *left])
    end_unit(conductor(stage), {"permit": stage.permit}, LAST)
    last = stage.ledger.releases.records()[-1]
    assert (last.get("state") == "settled") is ends
    if ends:
        assert (last["told"], last["settled_by"]) == ("The deploy of web, api was not begun.", "01A")


@pytest.mark.parametrize(
    ("failure", "serving"),
    [({}, "unsaid"), ({"details": {"serving": {"id": "9"}}}, {"id": "9"}), ({"details": 1}, None)],
)
def test_what_is_not_undone_is_kept(stage: Stage, failure: dict[str, Any], serving: object) -> None:
    note_stay(conductor(stage), {"permit": stage.permit}, LAST, failure)
    kept = stage.ledger.releases.records()[-1]
    assert (kept["components"], kept["unit_run"], kept["state"], kept["stays"]) == ({"api": {}}, "01A", "settled", True)
    assert (kept.get("given_up", False), kept.get("serving", "unsaid")) == (bool(failure), serving)
