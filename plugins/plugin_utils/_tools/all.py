# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools that the guard itself carries out."""

from __future__ import annotations

from collections.abc import Mapping

from . import lease, ledger
from .tool import Tool

TOOLS: Mapping[str, Tool] = {tool.name: tool for tool in (ledger.TOOL, lease.TOOL)}
