# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every C(<platform>_release_info) module wires: the history's options, and the listing as a result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ._errors import Unreachable
from ._findings import Finding
from ._release.listing import findings_on, list_releases, table, unknown_history
from ._release.values import Observation, Release
from ._release.ways import ADOPT

HISTORY_OPTIONS: dict[str, dict[str, Any]] = {
    "history": {"type": "list", "elements": "dict", "default": []},
    "history_unknown": {"type": "str", "default": ""},
}


class Seen(Protocol):
    """What a listing asks of a platform."""

    def observe(self) -> Observation:
        """Say what serves."""

    def available(self, release: Release) -> bool:
        """Tell whether an artefact is there."""


@dataclass(frozen=True)
class Unseen:
    """A platform that gave no answer: what serves and whether an artefact is there is unknown.

    :param why: the sentence that says why.
    """

    why: str

    def observe(self) -> Observation:
        """Say that it is not known what serves."""
        return Observation(unknown_because=self.why)

    def available(self, release: Release) -> bool:
        """Tell nobody that an artefact is there, or not.

        :raises Unreachable: always.
        """
        raise Unreachable(self.why)


def list_out(platform: Seen, options: Mapping[str, Any], name: str) -> dict[str, Any]:
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
        "lines": [*lines, *(line_of(finding) for finding in findings)],
        "findings": [finding.as_dict() for finding in findings],
        "next": {} if listed or options["history_unknown"] else ADOPT,
    }


def line_of(finding: Finding) -> str:
    """Return a finding as a list of releases says it, with the remedy where there is one."""
    said = f"{finding.severity.value}: {finding.message}"
    return f"{said}. {finding.remedy}" if finding.remedy else said
