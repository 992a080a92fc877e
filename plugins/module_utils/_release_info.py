# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every C(<platform>_release_info) module wires: the history's options, and the listing as a result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._release.listing import findings_on, list_releases, table, unknown_history
from ._release.protocol import Platform
from ._release.ways import ADOPT

HISTORY_OPTIONS: dict[str, dict[str, Any]] = {
    "history": {"type": "list", "elements": "dict", "default": []},
    "history_unknown": {"type": "str", "default": ""},
}


def list_out(platform: Platform, options: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the arguments of C(exit_json): the releases, what serves, and what a person should know of them.

    :param name: how to call the component where the history does not.
    :raises OpsError: the platform cannot be observed.
    """
    seen = platform.observe()
    component = next((item["component"] for item in options["history"] if item.get("component")), "")
    if why := options["history_unknown"]:
        listed, lines, findings = [], [], unknown_history(why, seen, name)
    else:
        listed = list_releases(options["history"], component, seen, platform.available)
        lines = table(listed) or ["No release is recorded; adopting what serves begins."]
        findings = findings_on(listed, seen, component or name, options["history"])
    return {
        "changed": False,
        "releases": [item.as_dict() for item in listed],
        "lines": [*lines, *(f"{finding.severity.value}: {finding.message}" for finding in findings)],
        "findings": [finding.as_dict() for finding in findings],
        "next": {} if listed or options["history_unknown"] else ADOPT,
    }
