# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of every module that returns findings."""

from __future__ import annotations


class ModuleDocFragment:
    """What makes a run of findings red."""

    DOCUMENTATION = r"""
options:
  fail_on:
    description:
      - From which severity on the module fails.
      - With V(critical) it also fails on C(unknown), because what could not be looked at is not well.
      - With V(warning) it fails on everything but C(ok), with V(never) on nothing.
    type: str
    choices: [critical, warning, never]
    default: critical
"""
