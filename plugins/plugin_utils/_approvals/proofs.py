# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What proves who approves where there is no signature: AWX's own word, or the account. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_BY_HAND = ("manual", "relaunch")
# C(awx_user_name=...) and C({"awx_user_name": ...})
_TYPED = re.compile(r"\bawx_\w+[\"']?\s*[=:]")


def awx_user(
    who: Mapping[str, object], environment: Mapping[str, str], argv: Sequence[str]
) -> tuple[Mapping[str, str], str]:
    """Return the user and the job as AWX itself sets them, or why there are none to believe.

    AWX hands its variables over in a file of its own and overrides what a survey says under their names. What was
    typed with C(-e) proves nothing.
    """
    found = who.get("awx")
    awx = {str(key): str(value) for key, value in found.items()} if isinstance(found, Mapping) else {}
    if not awx:
        return {}, "this does not run in AWX"
    if not environment.get("AWX_HOST") or environment.get("JOB_ID") != awx.get("awx_job_id"):
        return {}, "awx_user_name was given outside of an AWX job, where it proves nothing"
    if any(_TYPED.search(word) for word in argv) or not any(
        word.endswith("env/extravars") and "@" in word for word in argv
    ):
        return {}, "awx_user_name was typed, where only AWX's own file of variables proves it"
    if awx.get("awx_job_launch_type") not in _BY_HAND or not awx.get("awx_user_name"):
        return {}, f"this job was launched by {awx.get('awx_job_launch_type') or 'nobody'}, not by a person"
    return {"user": awx["awx_user_name"], "job": awx["awx_job_id"], "awx": environment["AWX_HOST"]}, ""


def account(who: Mapping[str, object]) -> Mapping[str, str]:
    """Return the account of who runs this: the one before sudo, where there was one."""
    name = who.get("sudo_user") if who.get("user") == "root" and who.get("sudo_user") else who.get("user")
    return {"account": str(name or ""), "host": str(who.get("host") or "")}
