# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a module that only looks: findings, one sentence, and whether they make it red. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .._findings import Finding, fails, worst

FAIL_ON_OPTION: dict[str, object] = {
    "type": "str",
    "choices": ["critical", "warning", "never"],
    "default": "critical",
}


def result_of(findings: Sequence[Finding], fail_on: str, facts: Mapping[str, object]) -> dict[str, object]:
    """Return the keys of C(exit_json) or, where C(failed) is true, of C(fail_json).

    :param fail_on: C(critical), C(warning) or C(never).
    :param facts: what else the module found out, by the noun it is returned under.
    """
    severity = worst(findings)
    speaking = [finding for finding in findings if finding.severity is severity]
    sentences = [f"{finding.message}. {finding.remedy}".strip() for finding in speaking]
    return {
        "changed": False,
        "failed": fails(findings, fail_on),
        "msg": " ".join(sentences) or "Nothing was looked at.",
        "severity": severity.value,
        "findings": [finding.as_dict() for finding in findings],
        **facts,
    }
