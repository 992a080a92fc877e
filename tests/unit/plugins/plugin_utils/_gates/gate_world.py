"""What the tests of the gates share: a request, and verdicts as short lines."""

from __future__ import annotations

from datetime import UTC, datetime

from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import (
    Policy,
    Request,
    Verdict,
)
from ansible_collections.steady.ops.plugins.plugin_utils._runs.next_command import Commands

NOW = datetime(2026, 11, 21, tzinfo=UTC)


LIVE = Policy("toy", "production", "file:///ledger")


LAB = Policy("toy", "lab", "file:///ledger")


API = "toy/production/api"


def asks(risk: str = "change", where: Policy = LIVE, **more: object) -> Request:
    values: dict[str, object] = {"objects": (API,), "commands": Commands(["ansible-playbook", "x.yml"]), **more}
    return Request("deploy", "deploy", risk, where, **values)  # type: ignore[arg-type]


def text(verdicts: list[Verdict]) -> list[str]:
    return [f"{verdict.says.value}: {verdict.sentence}".rstrip(": ") for verdict in verdicts]
