# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an output says at the end what was noticed, over all components: then it is not said twice.

Set before Ansible forks its workers, seen by the action plugins in them.
"""

from __future__ import annotations

_on = [False]


def switch(on: bool) -> None:
    """Say whether findings are gathered for the end of the run."""
    _on[:] = [on]


def is_on() -> bool:
    """Tell whether findings are gathered."""
    return _on[0]
