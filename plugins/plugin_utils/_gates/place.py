# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate ledger: production keeps its ledger where it outlives the process that writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from .request import Policy, Verdict, refused

GATE = "ledger"
_MARKS = ("/.dockerenv", "/run/.containerenv")


def is_passing(environment: Mapping[str, str], exists: Callable[[str], bool] = lambda path: Path(path).exists()) -> str:
    """Return what this process runs in that will be thrown away: C(AWX), C(a container), or nothing."""
    if environment.get("AWX_HOST") or environment.get("AWX_ISOLATED_DATA_DIR"):
        return "AWX"
    if environment.get("container") or environment.get("KUBERNETES_SERVICE_HOST") or any(map(exists, _MARKS)):
        return "a container"
    return ""


def judge(policy: Policy, passing: str) -> list[Verdict]:
    """Refuse a production ledger in a directory that ends with the container it is in."""
    if policy.environment != "production" or not policy.ledger.startswith("file:") or not passing:
        return []
    if policy.ledger_persistent:
        return []
    return [
        refused(
            GATE,
            f"This runs in {passing} and the ledger {policy.ledger} of {policy.path} may vanish with it",
            "Keep the ledger on a mounted volume and set ops_ledger_persistent: true in the inventory",
            firm=True,
        )
    ]
