# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values as Ansible hands them out, turned into plain ones."""

from __future__ import annotations

from collections.abc import Mapping


def readable(value: object) -> object:
    """Return the value in plain types: no lazy containers, no marked strings, fit for JSON."""
    if isinstance(value, Mapping):
        return {str(key): readable(item) for key, item in value.items()}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [readable(item) for item in value]
    return value
