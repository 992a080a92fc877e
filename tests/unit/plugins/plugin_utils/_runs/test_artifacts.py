"""What a run leaves for the machine that started it; a whole job is in tests/integration/test_awx_layout.py."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._runs import artifacts
from ansible_collections.steady.ops.plugins.plugin_utils._runs.artifacts import NAME, Artifacts, offer

GUARD = {"run": "01", "system": "shop", "environment": "lab", "runbook": "deploy", "action": "deploy", "mode": "real"}
GONE = {"id": "x", "severity": "critical", "message": "Gone.", "value": 1}


def left(*, red: bool = False, failed: bool = False, mode: str = "real", **result: object) -> dict[str, Any]:
    made = Artifacts()
    made.passed({**GUARD, "mode": mode}, failed=failed)
    if result:
        made.note("api", result)
    return made.as_dict(red=red)


def test_what_a_run_came_to() -> None:
    found = left(plan=[], changed=True, serving={"id": "abc"}, findings=[GONE, {**GONE, "severity": "ok"}])
    assert {**GUARD, "target": None}.items() <= found.items()
    assert (found["outcome"], found["changed"], found["rolled_back"]) == ("ok", True, False)
    assert found["serving"] == {"api": {"id": "abc"}}
    assert found["findings"] == [{"component": "api", "id": "x", "severity": "critical", "message": "Gone."}]


@pytest.mark.parametrize(
    ("shown", "outcome"),
    [({"red": True}, "failed"), ({"red": True, "failed": True}, "refused"), ({"mode": "check"}, "ok")],
)
def test_outcomes(shown: dict[str, Any], outcome: str) -> None:
    assert left(**shown)["outcome"] == outcome


def test_the_newest_result_of_a_component_counts_and_others_do_not() -> None:
    made = Artifacts()
    made.passed(GUARD, failed=False)
    made.note("api", {"plan": [], "serving": {"id": "a"}, "refused": "No way back."})
    made.note("api", {"plan": [], "serving": {"id": "b"}, "rolled_back": True})
    made.note("web", {"changed": True, "stdout": "x"})
    made.failed({"msg": "api went back, password=canary-5f2b0e4c"})
    found = made.as_dict(red=True)
    assert found["serving"] == {"api": {"id": "b"}} and (found["changed"], found["rolled_back"]) == (False, True)
    assert found["would_refuse"] and "canary" not in str(found) and str(found["msg"]).startswith("api went back")


def test_a_refusal_stays_and_what_no_guard_saw_leaves_nothing() -> None:
    made = Artifacts()
    assert made.as_dict(red=True) == {}
    made.passed({**GUARD, "would_refuse": True}, failed=True)
    made.passed(GUARD, failed=False)
    assert made.as_dict(red=True)["outcome"] == "refused" and made.as_dict(red=True)["would_refuse"]


class Stats:
    def __init__(self) -> None:
        self.custom: dict[str, object] = {}

    def set_custom_stats(self, which: str, what: object) -> None:
        self.custom[which] = what


def test_the_statistics_are_completed_before_anybody_sees_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "_making", [])
    seen: list[tuple[str, dict[str, object]]] = []

    class Manager:
        def send_callback(self, method_name: str, *args: Any) -> None:
            seen.append((method_name, dict(args[0].custom) if args else {}))

    offer(Manager, lambda _stats: {"run": "01"})
    # the next playbook of the same command
    offer(Manager, lambda _stats: {"run": "02"})
    manager = Manager()
    manager.send_callback("v2_playbook_on_play_start", Stats())
    manager.send_callback("v2_playbook_on_stats", Stats())
    manager.send_callback("v2_playbook_on_stats")
    assert seen == [
        ("v2_playbook_on_play_start", {}),
        ("v2_playbook_on_stats", {NAME: {"run": "02"}}),
        ("v2_playbook_on_stats", {}),
    ]
    offer(Manager, lambda _stats: {})
    manager.send_callback("v2_playbook_on_stats", Stats())
    assert seen[-1] == ("v2_playbook_on_stats", {})
    # a fault keeps nobody else from hearing of the end
    offer(Manager, lambda _stats: {"run": str(1 // 0)})
    manager.send_callback("v2_playbook_on_stats", Stats())
    fault = {"outcome": "unknown", "msg": "a fault of steady.ops itself (ZeroDivisionError)"}
    assert seen[-1] == ("v2_playbook_on_stats", {NAME: fault})


def test_another_ansible_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "_making", [])
    offer(object, lambda _stats: {})
