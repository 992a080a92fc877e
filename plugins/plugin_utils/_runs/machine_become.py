# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the login user becomes the module's, and what it is when that is refused: a sentence of its own.

What the program in between says is all there is to tell a refusal from a machine that gives no answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...module_utils._errors import Unreachable
from ...module_utils._redact import redact_shapes

_SAID_LENGTH = 200


class BecomeRefused(Unreachable):
    """The login user may not become the user that the module runs as."""


@dataclass(frozen=True)
class Become:
    """The way to the user that the module runs as.

    :param program: such as C(sudo); empty where the login user runs the module.
    :param user: who the login user becomes.
    """

    program: str = ""
    user: str = ""

    def refusal(self, heard: str) -> BecomeRefused | None:
        """Return what to raise where it was refused; C(None) where the program says nothing of the kind."""
        if not self.program:
            return None
        name = re.escape(self.program)
        kinds = (
            rf"^{name}\s?:",
            rf"\b{name}: .*not found",
            "sudoers",
            "not allowed to",
            rf"(incorrect|missing) {name} ",
        )
        refuses = re.compile("|".join(kinds), re.IGNORECASE)
        said = next((line.strip() for line in heard.splitlines() if refuses.search(line.strip())), "")
        if not said:
            return None
        return BecomeRefused(
            f"The login user may not become {self.user} on the machine"
            f" ({redact_shapes(said)[:_SAID_LENGTH].rstrip('.')})",
            remedy=f"Allow it there with {self.program}, or give its password with --ask-become-pass.",
        )

    def refusal_in(self, found: Mapping[str, Any]) -> BecomeRefused | None:
        """Return what to raise where Ansible says of a module that it gave no result, because this was refused."""
        if not found.get("failed") or "module_stderr" not in found:
            return None
        return self.refusal(f"{found['module_stderr']}\n{found.get('module_stdout', '')}")


def become_of(connection: Any) -> Become:
    """Return the way of an Ansible connection."""
    plugin = getattr(connection, "become", None)
    if plugin is None:
        return Become()
    return Become(str(plugin.name).rpartition(".")[2], str(plugin.get_option("become_user") or "root"))
