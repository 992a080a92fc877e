# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools that the guard itself carries out."""

from __future__ import annotations

from collections.abc import Mapping

from . import approve, journal, lease, ledger, notify, schedule, status, window
from .tool import Tool

_ALL = (ledger, lease, approve, journal, window, schedule, notify, status)
TOOLS: Mapping[str, Tool] = {each.TOOL.name: each.TOOL for each in _ALL}
