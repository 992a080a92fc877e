"""Overrides: exactly what was named is waived, under an open incident, and each wrong one ends in the right command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._redact import Redactor
from ansible_collections.steady.ops.plugins.plugin_utils._gates import override
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Request, Says, Verdict, passed, refused
from ansible_collections.steady.ops.plugins.plugin_utils._incidents.standing import unacknowledged
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger
from tests.unit.plugins.plugin_utils._gates.gate_world import asks
from tests.unit.plugins.plugin_utils._incidents.incident_world import OPEN, does, ledger

__all__ = ["ledger"]
SHUT = [
    passed("identity"),
    refused("hold", "ann holds it", "Ask ann"),
    refused("window", "It is shut", "Wait"),
    refused("confirm", "Type it", "Type it", firm=True),
]
RIGHT: dict[str, Any] = {
    "override": ("hold",),
    "incident": "A",
    "reason": "the API is down",
    "override_confirm": "toy/production/override",
}


@pytest.fixture
def opened(ledger: Ledger) -> Ledger:
    does(ledger, "open", id="A", **OPEN)
    return ledger


def judged(ledger: Ledger | None, risk: str = "change", **more: Any) -> tuple[dict[str, Says], Any, Verdict | None]:
    verdicts, notes = override.judge(asks(risk, **{**RIGHT, **more}), SHUT, ledger)
    wrong = [verdict for verdict in verdicts if verdict.gate == "override"]
    return {verdict.gate: verdict.says for verdict in verdicts[: len(SHUT)]}, notes, wrong[0] if wrong else None


def test_exactly_what_was_named_is_waived(opened: Ledger) -> None:
    says, notes, wrong = judged(opened)
    assert wrong is None
    assert says == {"identity": Says.PASS, "hold": Says.WAIVED, "window": Says.REFUSE, "confirm": Says.REFUSE}
    assert notes == {
        "overrides": [{"gate": "hold", "sentence": "ann holds it"}],
        "incident": "A",
        "reason": "the API is down",
    }
    assert judged(opened, check=True) == (says, notes, None)


def test_a_named_gate_that_is_open_was_not_used(opened: Ledger) -> None:
    says, notes, wrong = judged(opened, override=("backup", "approval", "freeze"))
    assert (says["hold"], notes, wrong) == (Says.REFUSE, {}, None)


def test_without_an_override_nothing_is_looked_up(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "ledger" / "incidents").write_text("{")
    assert judged(ledger, override=()) == ({verdict.gate: verdict.says for verdict in SHUT}, {}, None)
    assert judged(ledger, risk="read")[2] is None, "a reader meets no gate that could be waived"
    assert override.open_incidents(ledger) == ("unknown",)


AGAIN = (
    "ansible-playbook x.yml -e ops_override={gates} -e ops_incident={id} -e 'ops_reason=\"the API is down\"'"
    " -e ops_override_confirm=toy/production/override"
)


@pytest.mark.parametrize(
    ("more", "sentence", "gates"),
    [
        ({"reason": ""}, "ops_reason is empty", "hold"),
        ({"override_confirm": ""}, "ops_override_confirm is empty", "hold"),
        ({"override_confirm": "toy/lab/override"}, "ops_override_confirm is 'toy/lab/override'", "hold"),
        ({"incident": ""}, "ops_incident is empty; open are A", "hold"),
        ({"incident": "B"}, "ops_incident is B, which is no incident; open are A", "hold"),
        ({"override": ("all",)}, "ops_override is 'all', and gates are waived by name", "hold,window"),
        (
            {"override": ("windows",)},
            "ops_override names 'windows', which is no gate; waivable are window, freeze, hold, backup, approval",
            "window",
        ),
        (
            {"override": ("hold", "lease")},
            "ops_override names lease, which nothing waives,"
            " because somebody is at work on the same thing at this moment",
            "hold",
        ),
        (
            {"override": ("hold",), "incident": "", "reason": "", "override_confirm": "x"},
            "ops_incident is empty; open are A, ops_reason is empty and ops_override_confirm is 'x'",
            "hold",
        ),
    ],
)
def test_a_wrong_override_waives_nothing_and_ends_in_the_right_one(
    opened: Ledger, more: dict[str, Any], sentence: str, gates: str
) -> None:
    says, notes, wrong = judged(opened, **more)
    assert says == {verdict.gate: verdict.says for verdict in SHUT} and notes == {}
    assert wrong is not None and (wrong.sentence, wrong.firm) == (sentence, False)
    reason = "'ops_reason=\"the API is down\"'" if more.get("reason") != "" else "ops_reason=REASON"
    assert wrong.next == AGAIN.format(gates=gates, id="A").replace("'ops_reason=\"the API is down\"'", reason)


@pytest.mark.parametrize("name", sorted(override._NEVER))
def test_what_nothing_waives_is_refused_with_why(opened: Ledger, name: str) -> None:
    _says, _notes, wrong = judged(opened, override=(name,))
    assert wrong is not None
    assert wrong.sentence == f"ops_override names {name}, which nothing waives, because {override._NEVER[name]}"
    assert wrong.next == "ansible-playbook x.yml"
    assert wrong.remedy == "Leave it out: the refusal of that gate says the way on"


def test_a_name_that_is_like_none_has_no_command_but_the_bare_one(opened: Ledger) -> None:
    _says, _notes, wrong = judged(opened, override=("x" * 99,))
    assert wrong is not None and wrong.sentence.startswith(f"ops_override names '{'x' * 40}', which is no gate")
    assert wrong.next == "ansible-playbook x.yml"


def test_where_no_incident_is_open_the_command_that_opens_one_comes_first(ledger: Ledger) -> None:
    _says, _notes, wrong = judged(ledger)
    assert wrong is not None and wrong.sentence == "ops_incident is A, which is no incident; none is open"
    assert wrong.remedy == (
        "Open one with `ansible-playbook steady.ops.incident -e incident_action=open -e incident_id=A"
        " -e incident_severity=P1 -e 'incident_title=\"the API is down\"'`, and then go on"
    )
    assert wrong.next == AGAIN.format(gates="hold", id="A")


@pytest.mark.parametrize("typed", ["", "A", "a b"])
def test_the_id_of_the_incident_to_be_opened_is_a_free_one(opened: Ledger, typed: str) -> None:
    does(opened, "close", resolution="x")
    _says, _notes, wrong = judged(opened, incident=typed, reason="")
    assert wrong is not None and "none is open" in wrong.sentence
    assert ("which is closed" in wrong.sentence) is (typed == "A")
    assert ("ops_incident is 'a b', which is no incident" in wrong.sentence) is (typed == "a b")
    id = f"INC-{opened.store.now():%Y%m%d}-1"
    assert f"-e ops_incident={id} " in wrong.next
    assert f"-e incident_id={id} -e incident_severity=P1 -e incident_title=WHAT-HAPPENS" in wrong.remedy


def test_without_a_ledger_or_with_a_damaged_document_nothing_is_waived(ledger: Ledger, tmp_path: Path) -> None:
    _says, notes, wrong = judged(None)
    assert notes == {} and wrong is not None
    assert wrong.sentence == "ops_incident cannot be looked up while the ledger is out of reach"
    assert judged(None, incident="")[2].next.count("ops_incident=ID-OF-THE-INCIDENT") == 1  # type: ignore[union-attr]
    (tmp_path / "ledger" / "incidents").write_text("{")
    _says, notes, wrong = judged(ledger)
    assert notes == {} and wrong is not None
    assert wrong.sentence.startswith("Whether ops_incident is open cannot be told: The incidents of the ledger")
    assert wrong.next == "ansible-playbook steady.ops.incident"


def waiving(**more: Any) -> Request:
    return asks(**{**RIGHT, **more})


def test_a_run_that_goes_past_a_gate_says_so_and_leaves_it_under_the_incident(opened: Ledger) -> None:
    request = waiving(reason="the API\nis\x1b[2J down; password=hush")
    verdicts, notes = override.judge(request, SHUT, opened)
    assert override.told(request, verdicts) == ["  override: hold waived for A: the API is�[2J down; password=********"]
    assert override.told(request, SHUT) == []
    opening = {"run": "R1", "runbook": "deploy", "action": "deploy", "who": {}, "allowed": True, **notes}
    for passing in ({**opening, "allowed": False}, {**opening, "overrides": []}):
        override.remember(request, opened, passing, Redactor())
    override.remember(waiving(check=True), opened, opening, Redactor())
    assert unacknowledged(opened) == []
    override.remember(request, opened, opening, Redactor())
    assert [(use.run, use.reason) for use in unacknowledged(opened)] == [
        ("R1", "the API\nis�[2J down; password=********")
    ]
