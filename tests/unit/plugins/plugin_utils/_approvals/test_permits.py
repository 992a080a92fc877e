"""What approvals add to permits."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.plugin_utils._approvals.permits import is_marked, marks, unbound


def test_the_plan_of_a_check_run_is_kept_where_approval_is_asked_for() -> None:
    assert marks({}) == {} and is_marked({"mode": "check", **marks({"approval": {}})})
    assert not is_marked({"mode": "real", **marks({"approval": {}})})
    assert not is_marked({"mode": "check"}) and not is_marked(None)


def test_what_no_check_run_shows_is_bound_to_no_plan() -> None:
    def step() -> dict[str, object]:
        return {"component": "api", "permit": {"run": "1", "approved_plan_hashes": ["h"]}}

    free = {"component": "api", "permit": {"run": "1", "approved_plan_hashes": []}}
    unit = {part: [step()] for part in ("settle", "rehearse", "switch", "undo")}
    assert unbound({**unit, "told": ["x"]}) == {
        "settle": [free],
        "rehearse": [step()],
        "switch": [step()],
        "undo": [free],
        "told": ["x"],
    }
    assert unbound({"undo": None}) == {"undo": []}
