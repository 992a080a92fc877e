"""What follows from what was read, and the steps that every course is made of."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._findings import Severity
from ansible_collections.steady.ops.plugins.module_utils._release.facts import (
    Facts,
    adoption,
    outside_change,
    switch_step,
)
from ansible_collections.steady.ops.plugins.module_utils._release.values import Observation
from tests.release_world import OBJECT
from tests.unit.plugins.module_utils._release.stories import facts, history, label, release, wanted


def test_what_was_not_probed_does_not_serve_well() -> None:
    assert not facts().serves_well
    assert facts().said == "it was not probed"
    assert facts("a").serves_well
    failing = facts("a", passes=False)
    assert (failing.serves_well, failing.said) == (False, "answered 500")


@pytest.mark.parametrize("story", [(), ("a",), ("b", "a")])
def test_what_served_last_or_before_the_ledger_began_is_no_outside_change(story: tuple[str, ...]) -> None:
    assert outside_change(wanted(), history(*story), release("a")) is None


def test_an_outside_change_names_both() -> None:
    finding = outside_change(wanted(), history("a"), release("b"))

    assert finding is not None
    assert finding.as_dict() == {
        "id": "outside_change",
        "severity": "warning",
        "value": release("b").id,
        "threshold": release("a").id,
        "unit": "",
        "message": f"api serves {label('b')}, which another tool put there:"
        f" {label('a')} served last as far as the ledger knows",
        "remedy": "",
    }


def test_adoption_records_what_the_ledger_does_not_know_as_last_served() -> None:
    assert adoption(wanted(), history("a"), release("a")) == ((), ())
    (step,), findings = adoption(wanted(), history(), release("a"))
    assert (step.kind, step.target, step.sentence, step.undo) == (
        "adopt",
        OBJECT,
        f"Record {label('a')}, which serves and passes its probe",
        "none needed",
    )
    assert findings == ()
    _rest, (finding,) = adoption(wanted(), history("a", "b"), release("a"))
    assert (finding.id, finding.severity) == ("outside_change", Severity.WARNING)


CHANGED = {"memory": ("1 GB", "2 GB"), "cpu": ("1 vCPU", "2 vCPU")}


@pytest.mark.parametrize(
    ("seen", "to", "back", "sentence", "undo"),
    [
        (facts(), "a", "", f"Create the service and serve {label('a')}", ""),
        (facts("a"), "b", "a", f"Serve {label('b')} instead of {label('a')}", f"serve {label('a')}"),
        (
            facts("a", differences=CHANGED),
            "b",
            "a",
            f"Serve {label('b')} instead of {label('a')}, with cpu, memory changed",
            f"serve {label('a')}",
        ),
        (facts("a", differences=CHANGED), "a", "a", f"Change cpu, memory of {label('a')}", f"serve {label('a')}"),
        (Facts(Observation(ref="api:latest")), "b", "", f"Serve {label('b')} instead of api:latest", ""),
        (Facts(Observation()), "b", "", f"Serve {label('b')} instead of what serves", ""),
    ],
)
def test_the_one_step_as_a_person_would_say_it(seen: Facts, to: str, back: str, sentence: str, undo: str) -> None:
    step = switch_step(wanted(), seen, release(to), release(back) if back else None)

    assert (step.kind, step.target, step.sentence, step.undo) == ("switch", OBJECT, sentence, undo)


def test_the_bounds_name_releases_and_settings_but_no_values() -> None:
    bounds: dict[str, Any] = dict(switch_step(wanted(), facts("a"), release("b"), None).bounds)
    assert bounds == {"to": release("b").id, "back": None}
    bounds = dict(switch_step(wanted(), facts("a", differences=CHANGED), release("b"), release("a")).bounds)
    assert bounds == {"to": release("b").id, "back": release("a").id, "settings": ["cpu", "memory"]}
