"""Verdicts and refusals."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import (
    refusal_text,
    refusals,
    refused,
)


def test_check_mode_is_stopped_by_firm_refusals_only() -> None:
    soft, firm = refused("hold", "a", "b"), refused("policy", "c", "d", firm=True)
    assert refusals([soft, firm], check=True) == [firm]
    assert refusals([soft, firm], check=False) == [soft, firm]
    assert refusal_text([soft]) == "Refused by the gate hold: a. b."
    assert refusal_text([soft, firm]) == "Refused for 2 reasons\n  hold: a. b.\n  policy: c. d."
    finding = soft.as_finding().as_dict()
    assert (finding["id"], finding["severity"], finding["remedy"]) == ("gate.hold", "critical", "b")
