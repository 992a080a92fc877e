"""What a module is told on a machine."""

from __future__ import annotations

from typing import Any

from ansible_collections.steady.ops.plugins.plugin_utils._runs.machine_options import (
    changing_options,
    lease_path_of,
    planning_options,
)

API = "toy/lab/api"
MINE = {"object": API, "token": 3, "lease_deadline_path": "/here/lease-1.json"}
OTHER = {"object": "toy/lab/web", "token": 4, "lease_deadline_path": "/here/lease-2.json"}
PERMIT: dict[str, Any] = {"run": "01A", "objects": [OTHER, "nonsense", MINE], "mode": "real"}


def test_the_controller_s_files_are_not_named_to_a_machine() -> None:
    options = {"path": "/srv", "permit": PERMIT, "progress_path": "/here/progress"}
    planned = planning_options(options, API)
    assert planned["permit"] == {**PERMIT, "objects": [{**MINE, "lease_deadline_path": ""}]}
    changed = changing_options(options, API, lease="/there/lease.json", progress="/there/p", artefact="/there/artefact")
    assert changed["permit"] == {**PERMIT, "objects": [{**MINE, "lease_deadline_path": "/there/lease.json"}]}
    assert (changed["progress_path"], changed["artefact_path"]) == ("/there/p", "/there/artefact")
    assert options == {"path": "/srv", "permit": PERMIT, "progress_path": "/here/progress"}, (
        "nothing is changed in place"
    )


def test_nothing_is_added_that_was_not_asked_for() -> None:
    changed = changing_options({"permit": PERMIT}, API, lease="/there/lease.json", progress="/there/p")
    assert set(changed) == {"permit"}
    assert planning_options({"path": "/srv"}, API) == {"path": "/srv"}


def test_where_the_lease_lies() -> None:
    assert lease_path_of(PERMIT, API) == "/here/lease-1.json"
    for permit in (None, {}, {"objects": None}, {"objects": [OTHER]}, {"objects": [{"object": API}]}):
        assert lease_path_of(permit, API) == ""
