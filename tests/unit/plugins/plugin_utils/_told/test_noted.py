"""What is noted of a run's tasks."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.module_utils._redact import Redactor
from ansible_collections.steady.ops.plugins.plugin_utils._told.noted import Noted
from tests.unit.plugins.plugin_utils._told.test_ends import critical


def test_what_is_noted_is_masked_before_it_is_cut() -> None:
    secret = "canary-2c5f"
    made = Noted(Redactor([secret]))
    made.task(
        "api", {"serving": {"version": secret}, "findings": [{"severity": "critical", "message": secret}]}, failed=False
    )
    assert secret not in made.failure("x", "y" * 3995 + secret)
    assert secret[:5] not in made.why and secret not in str(made.critical) + str(made.serving)


def test_a_run_of_findings_is_bounded() -> None:
    made = Noted()
    for number in range(100):
        made.task("api", critical(str(number)), failed=False)
    assert len(made.critical) == 50
    made.task("api", {"serving": None, "findings": "odd"}, failed=False)
    made.task("api", {"serving": {"ref": "sha"}}, failed=False)
    assert made.serving == {"api": "sha"}
