# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the console must know of a task: whose it is, and whether it has sentences of its own."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from typing import Any

COLLECTION = "steady.ops"
_GUARD = ("steady.ops.guard", "ansible_collections.steady.ops.plugins.action.guard")
_ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))


def is_guard(task: Any) -> bool:
    """Tell whether a task is the guard."""
    return task.resolved_action in _GUARD or task.action in _GUARD


def is_ours(task: Any) -> bool:
    """Tell whether a task stands in a role or playbook of this collection."""
    role = getattr(task, "_role", None)
    if role is not None:
        return getattr(role, "_role_collection", None) == COLLECTION
    return _is_within(str(task.get_path() or "").rpartition(":")[0])


def speaks(task: Any) -> bool:
    """Tell whether a task is a module with the front end, which prints lines while it works."""
    name = str(task.resolved_action or task.action)
    return name.startswith(f"{COLLECTION}.") and name.endswith("_deploy")


def has_sentences(task: Any, shown: Mapping[str, object]) -> bool:
    """Tell whether the message of a failure is a sentence that says it all; of others the whole result is shown."""
    message = shown.get("msg")
    if not isinstance(message, str) or not message.strip():
        return False
    name = str(task.resolved_action or task.action)
    return "error_kind" in shown or "plan" in shown or name.startswith(f"{COLLECTION}.") or is_ours(task)


def in_rescue(task: Any) -> bool:
    """Tell whether a task stands in the rescue of a block, at whatever depth."""
    inner, outer = task, task._parent
    while outer is not None:
        if any(inner._uuid == other._uuid for other in getattr(outer, "rescue", ())):
            return True
        inner, outer = outer, outer._parent
    return False


@functools.lru_cache(maxsize=256)
def _is_within(path: str) -> bool:
    return bool(path) and os.path.realpath(path).startswith(_ROOT + os.sep + "playbooks" + os.sep)
