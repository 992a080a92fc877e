# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option by which a module is allowed to change something."""

from __future__ import annotations


class ModuleDocFragment:
    """What the guard hands to the modules that change something."""

    DOCUMENTATION = r"""
options:
  permit:
    description:
      - What this run may change, as M(steady.ops.guard) registered it, C({{ ops_run.permit }}).
      - Required unless in check mode. Before each step the module proves that its lease still holds.
    type: dict
notes:
  - Runs through M(steady.ops.run_module), which shows the plan, keeps the intent in the ledger, streams progress and
    records what came of it.
seealso:
  - module: steady.ops.guard
  - module: steady.ops.run_module
"""
