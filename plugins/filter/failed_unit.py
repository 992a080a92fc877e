# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
name: failed_unit
short_description: Say what came of a unit of components that did not pass
version_added: 0.1.0
description:
  - What came of each component comes first, then why the unit did not pass, with the one next command.
  - Of a single component, which went back by itself, only the second is said.
positional: _input
options:
  _input:
    description: The result of the task that failed.
    type: dict
    required: true
  undone:
    description: The result of the last undo; empty when there was none.
    type: dict
    default: {}
author:
  - steady.ops contributors (@steady-ops)
"""

EXAMPLES = r"""
- name: Say what happened
  ansible.builtin.fail:
    msg: "{{ ansible_failed_result | steady.ops.failed_unit(undone) }}"
"""

RETURN = r"""
_value:
  description: The sentences, one after the other.
  type: str
"""

from collections.abc import Mapping


def failed_unit(failed: Mapping[str, object], undone: Mapping[str, object]) -> str:
    """Return what came of the components, and why."""
    parts = [str(part) for part in (undone.get("unit_told"), failed.get("msg")) if part]
    return " ".join(parts) or "The run failed without a word"


class FilterModule:
    """The filter plugin."""

    def filters(self) -> dict[str, object]:
        """Return the filters of this file."""
        return {"failed_unit": failed_unit}
