# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tool C(status): all systems on one screen, as numbers for Prometheus, and a sign of life."""

from __future__ import annotations

from ...module_utils._errors import InvalidInput, OpsError
from ...module_utils._findings import Finding, fails
from .._ledger.ledger import Ledger, open_ledger
from .tool import Outcome, Said, Surroundings, Tool, text_of

_FAIL_ON = ("critical", "warning", "never")


def operate(action: str, said: Said, around: Surroundings) -> Outcome:
    """Show the status.

    :param said: C(ledgers), C(fail_on), C(textfile), C(heartbeat_url_file) and C(heartbeat_url_env).
    """
    # other tools and runbooks pay nothing for what only this one needs
    from .._status.judging import judge, summary
    from .._status.reading import read_system
    from .._status.screen import screen
    from .._status.textfile import exposition, write

    fail_on = text_of(said, "fail_on") or _FAIL_ON[0]
    if fail_on not in _FAIL_ON:
        raise InvalidInput(f"status_fail_on is {fail_on!r}", remedy=f"Use one of {', '.join(_FAIL_ON)}.")
    heartbeat = text_of(said, "heartbeat_url_file"), text_of(said, "heartbeat_url_env")
    if all(heartbeat):
        raise InvalidInput("The heartbeat's address is named twice", remedy="Keep status_heartbeat_url_file or _env.")
    judged = [judge(read_system(url)) for url in _ledgers(said, around)]
    now = around.clock.now()
    lines, red = screen(judged, now), ""
    if fails([Finding("worst", max(judged, key=lambda each: each.severity.rank).severity, "")], fail_on):
        red = f"The status is red (status_fail_on={fail_on}): {summary(judged)}"
    textfile = text_of(said, "textfile")
    if textfile and not around.check:
        try:
            write(textfile, exposition(judged, now))
        except OpsError as error:
            # whoever reads the numbers would go on reading old ones
            lines.append(f"textfile: {error}")
            red = red or str(error)
    if any(heartbeat) and not around.check:
        lines += _beat(*heartbeat, around)
    ledger = _own(around)
    # a timer looks often: of what it shows the journal keeps the summary, which is enough
    return Outcome(False, tuple(lines), ledger, {"status": summary(judged), "lines": []}, red)


def _beat(file: str, variable: str, around: Surroundings) -> list[str]:
    from .._status.heartbeat import beat

    why = beat(file, variable, around.environment)
    return [f"heartbeat not delivered: {why}"] if why else []


def _ledgers(said: Said, around: Surroundings) -> list[str]:
    """Return the addresses that were named, each once; the inventory's own where none were."""
    named = said.get("ledgers")
    words = named if isinstance(named, (list, tuple)) else str(named or "").split(",")
    urls = [str(word).strip() for word in words]
    return list(dict.fromkeys(url for url in urls if url)) or [around.policy.ledger]


def _own(around: Surroundings) -> Ledger | None:
    """Return the ledger where this run is journalled; None where it cannot be."""
    policy = around.policy
    try:
        return open_ledger(policy.ledger, policy.system, policy.environment)
    except OpsError:
        return None


TOOL = Tool(
    "status",
    {"show": "read"},
    ("ledgers", "fail_on", "textfile", "heartbeat_url_file", "heartbeat_url_env"),
    operate,
)
