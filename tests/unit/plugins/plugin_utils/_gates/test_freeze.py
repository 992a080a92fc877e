"""The gate freeze."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from ansible_collections.steady.ops.plugins.plugin_utils._gates import freeze
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Request, refusal_text
from tests.unit.plugins.plugin_utils._gates.gate_world import LAB, LIVE, asks, text

NOW = datetime(2026, 12, 24, tzinfo=UTC)
CHRISTMAS = {
    "name": "christmas",
    "zone": "Europe/Berlin",
    "from": "2026-12-20",
    "to": "2027-01-03T06:00",
    "reason": "nobody is there",
}
FROZEN = replace(LIVE, freezes=[CHRISTMAS])


def test_a_deploy_in_a_freeze_is_refused_until_it_ends() -> None:
    (verdict,) = freeze.judge(asks(where=FROZEN), NOW)
    assert refusal_text([verdict]) == (
        "Refused by the gate freeze: toy/production is frozen (christmas) until Sunday 2027-01-03 06:00 Europe/Berlin"
        " (2027-01-03T05:00:00Z): nobody is there. Wait until then; a rollback is never stopped; when it cannot wait,"
        " name the open incident and why: `ansible-playbook x.yml -e ops_override=freeze -e ops_incident=ID"
        " -e ops_reason=REASON -e ops_override_confirm=toy/production/override`"
    )
    silent = {key: value for key, value in CHRISTMAS.items() if key != "reason"}
    (verdict,) = freeze.judge(asks(where=replace(LAB, freezes=[silent])), NOW)
    assert verdict.sentence.endswith("(2027-01-03T05:00:00Z)")


def test_it_stops_what_deploys_and_nothing_else() -> None:
    def says(request: Request) -> list[str]:
        return [line.partition(":")[0] for line in text(freeze.judge(request, NOW))]

    asked = asks(where=FROZEN)
    assert says(asked) == says(replace(asked, runbook="acme.nomad.deploy")) == ["refuse"]
    assert says(replace(asked, runbook="restart", extra_gates=frozenset({"freeze"}))) == ["refuse"]
    assert says(replace(asked, runbook="rollback", action="rollback")) == []
    assert says(replace(asked, action="adopt")) == says(replace(asked, risk="read")) == []
    assert says(replace(asked, runbook="restart", disruptive=True)) == []


def test_outside_it_passes() -> None:
    assert text(freeze.judge(asks(where=FROZEN), datetime(2027, 1, 3, 5, tzinfo=UTC))) == ["pass"]
    assert freeze.judge(asks(), NOW) == []


def test_a_wrong_declaration_is_named() -> None:
    (verdict,) = freeze.judge(asks(where=replace(LIVE, freezes=[{**CHRISTMAS, "to": "2026-12-01"}])), NOW)
    assert refusal_text([verdict]) == (
        "Refused by the gate freeze: ops_freezes[christmas].to is not after from. Name an end that comes after the"
        " beginning: `ansible-playbook steady.ops.window`"
    )
