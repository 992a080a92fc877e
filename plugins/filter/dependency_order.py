# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
name: dependency_order
short_description: Order components so that each stands behind all that it depends on
version_added: 0.1.0
description:
  - Reads C(component_depends_on) of each component; one that is left out depends on nothing.
  - Dependencies that go in a circle or name no component of the inventory are an error that says which.
  - A dependency that the run is not about (C(--limit)) is left out of the order.
positional: _input
options:
  _input:
    description: The variables of all hosts, C(hostvars).
    type: dict
    required: true
  components:
    description: Names of the components to order.
    type: list
    elements: str
    required: true
author:
  - steady.ops contributors (@steady-ops)
"""

EXAMPLES = r"""
- name: Say in which order the components are looked at
  ansible.builtin.debug:
    msg: "{{ hostvars | steady.ops.dependency_order(ansible_play_hosts_all) }}"
"""

RETURN = r"""
_value:
  description: The names, leaf first; else in the order given.
  type: list
  elements: str
"""

from collections.abc import Mapping, Sequence

from ansible.errors import AnsibleFilterError

from ..module_utils._errors import OpsError
from ..module_utils._health.walk import leaf_first, needs


def dependency_order(hostvars: Mapping[str, Mapping[str, object]], components: Sequence[str]) -> list[str]:
    """Return the components leaf first."""
    try:
        depends_on = {name: needs(hostvars[name].get("component_depends_on")) for name in components}
        return leaf_first(depends_on, list(hostvars))
    except OpsError as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, object]:
        """Return the filters of this file."""
        return {"dependency_order": dependency_order}
