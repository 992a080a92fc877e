"""Verdicts and refusals."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.module_utils._findings import Severity
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import (
    RISKS,
    Component,
    Says,
    Verdict,
    passed,
    refusal_text,
    refusals,
    refused,
)
from tests.unit.plugins.plugin_utils._gates.gate_world import LAB, LIVE, asks


def test_check_mode_is_stopped_by_firm_refusals_only() -> None:
    soft, firm = refused("hold", "a", "b"), refused("policy", "c", "d", firm=True)
    assert refusals([soft, firm], check=True) == [firm]
    assert refusals([soft, firm], check=False) == [soft, firm]
    assert refusal_text([soft]) == "Refused by the gate hold: a. b."
    assert refusal_text([soft, firm]) == "Refused for 2 reasons\n  hold: a. b.\n  policy: c. d."
    finding = soft.as_finding().as_dict()
    assert (finding["id"], finding["severity"], finding["remedy"]) == ("gate.hold", "critical", "b")


def test_what_is_shown_of_a_verdict() -> None:
    assert passed("hold").as_finding().as_dict()["message"] == "The gate hold is open"
    found = Verdict("identity", Says.UNKNOWN, "a").as_finding()
    assert (found.severity, found.message) == (Severity.UNKNOWN, "a")
    assert refusals([passed("hold"), Verdict("identity", Says.UNKNOWN, "a")], check=False) == []


@pytest.mark.parametrize(
    ("sentence", "remedy", "told"),
    [
        ("a", "", "a."),
        ("a.", "b!", "a. b!"),
        ("a?", "run `b`", "a? run `b`"),
        ("", "", ""),
    ],
)
def test_sentences_end_once(sentence: str, remedy: str, told: str) -> None:
    assert refusal_text([refused("hold", sentence, remedy)]) == f"Refused by the gate hold: {told}".rstrip()


def test_a_request_says_whether_it_changes_and_never_shows_a_connection() -> None:
    assert [asks(risk).changes for risk in RISKS] == [False, True, True]
    assert (LAB.lab, LIVE.lab, LAB.path) == (True, False, "toy/lab")
    component = Component("api", aws_connection={"secret_key": "canary"})
    assert "canary" not in repr(asks(components=(component,)))
