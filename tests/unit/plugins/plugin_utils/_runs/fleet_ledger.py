"""What a ledger says of hosts of one component, written as short as tests read."""

from __future__ import annotations

import hashlib
from typing import Any

from ansible_collections.steady.ops.plugins.module_utils._release.values import Release

Records = list[dict[str, Any]]


def release(version: str) -> Release:
    return Release(f"sha256:{hashlib.sha256(version.encode()).hexdigest()}", f"api:{version}", version)


def served(version: str, *hosts: str, how: str = "deploy") -> Records:
    """The records of hosts on which a release served; C(how) is rollback, undo, adopt or outside otherwise."""
    known = release(version)
    return [
        record
        for host in hosts
        for record in (
            {"kind": "release", "component": host, **known.as_dict()},
            {"kind": "verdict", "component": host, "release": known.id, "verdict": "verified"},
            {"kind": "served", "component": host, "release": known.id, "how": how},
        )
    ]


def returned(left: str, to: str, *hosts: str) -> Records:
    """The records of hosts that were rolled back."""
    gone = [
        {"kind": "verdict", "component": host, "release": release(left).id, "verdict": "withdrawn"} for host in hosts
    ]
    switches = [each for host in hosts for each in intent(host, left, to, runbook="rollback", state="settled")]
    return [*gone, *served(to, *hosts, how="rollback"), *switches]


def intent(
    host: str, before: str, after: str, *, runbook: str = "deploy", unit: str = "", state: str = "open"
) -> Records:
    change = {
        "from": release(before).id if before else None,
        "to": release(after).id,
        "from_release": release(before).as_dict() if before else None,
        "to_release": release(after).as_dict(),
    }
    within = {"unit_run": unit} if unit else {}
    return [{"kind": "intent", "runbook": runbook, **within, "components": {host: change}, "state": state}]
