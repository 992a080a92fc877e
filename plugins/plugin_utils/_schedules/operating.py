# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What C(schedule.yml) does: has this machine start runs when the inventory says, and the ledger expect them."""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ...module_utils._clock import format_duration, format_time
from ...module_utils._command import SubprocessRunner
from ...module_utils._errors import InvalidInput, OpsError
from .._ledger.ledger import Ledger, open_ledger
from .._runs import contract as contracts
from .._runs.who import user_name
from .._tools.tool import Outcome, Said, Surroundings, command_of, text_of
from .declared import Expected, expected_of
from .files import Change
from .missed import missed
from .places import Place, Runs, place_of
from .register import Register
from .rule import next_due
from .starting import Manner, start_of

# a tool that hangs is at fault: it only reads and writes the ledger
_TOOL_MINUTES = 10


def operate(action: str, said: Said, around: Surroundings) -> Outcome:
    """Do one action of the tool.

    :param said: C(by), C(directory), C(user), C(run_as) and C(environment_file).
    """
    policy = around.policy
    ledger = open_ledger(policy.ledger, policy.system, policy.environment)
    declared = None if action == "remove" else policy.schedules
    expected = expected_of(declared, policy.path, around.components, _deadline_of)
    manner = _manner(said, around)
    runs = [(each, start_of(each, manner)) for each in expected]
    if action == "show":
        return _show(runs, said, ledger, around)
    return _apply(runs, _place(said, around), ledger, around)


def _show(runs: Runs, said: Said, ledger: Ledger, around: Surroundings) -> Outcome:
    """Say what is declared, and what of it is not as declared in this machine or the ledger."""
    now = ledger.store.now()
    registered = {each.name: each for each in Register(ledger.store).all()}
    late = {each.name: each for each in missed(registered.values(), now, told_too=True)}
    unknown, differs, gone = "", dict[str, list[str]](), list[Change]()
    try:
        place = _place(said, around)
        changes = place.files.changes(place.wanted(runs))
        differs = _by_unit(changes, [expected.unit for expected, _start in runs])
        whole = [expected.unit for expected, _start in runs if expected.unit not in differs]
        differs |= {unit: [why] for unit, why in place.idle(whole).items()}
        gone = [each for each in changes if each.after is None]
    except OpsError as error:
        unknown = str(error)
    lines, drift = [], len(gone)
    for expected, _start in runs:
        known = registered.get(expected.name)
        words = list(differs.get(expected.unit, []))
        words += [] if known else ["not registered in the ledger"]
        words += ["registered with another rule"] if known and known.rule != expected.rule else []
        drift += bool(words)
        words = words or (["registered"] if unknown else ["in place"])
        words += [f"last start {format_time(known.seen)}" if known and known.seen else "not started yet"]
        words += [late[expected.name].sentence] if expected.name in late else []
        lines.append(f"{expected.name}: {_when(expected, now)}: {'; '.join(words)}")
    lines += [f"{each.name} is installed and not declared any more" for each in gone]
    names = {expected.name for expected, _start in runs}
    lines += [f"{name} is registered and not declared any more" for name in registered if name not in names]
    lines += [f"whether anything is installed is unknown: {unknown}"] if unknown else []
    drift += sum(name not in names for name in registered)
    return Outcome(False, (*lines, _summary(len(runs), drift, said, around)), ledger)


def _when(expected: Expected, now: datetime) -> str:
    due = next_due(expected.rule, now)
    delay = f" and up to {expected.random_delay_minutes} min later" if expected.random_delay_minutes else ""
    left = format_duration((due - now).total_seconds())
    return f"{expected.rule.named()}{delay}, next {format_time(due)} (in {left})"


def _summary(declared: int, drift: int, said: Said, around: Surroundings) -> str:
    if not drift:
        return f"{declared} declared, nothing to do" if declared else "ops_schedules declares nothing"
    command = around.commands.wanted(command_of("schedule", "apply", said))
    return f"{declared} declared, {drift} not as declared. Next: `{command}`"


def _apply(runs: Runs, place: Place, ledger: Ledger, around: Surroundings) -> Outcome:
    """Have exactly these runs started by this machine and expected by the ledger."""
    changes = place.files.changes(place.wanted(runs))
    units = [expected.unit for expected, _start in runs]
    differs = _by_unit(changes, units)
    idle = place.idle([unit for unit in units if unit not in differs])
    lines = [f"{expected.name}: {_when(expected, ledger.store.now())}" for expected, _start in runs]
    if around.check:
        lines += [f"would write {each.name}" if each.after else f"would remove {each.name}" for each in changes]
        lines += [f"    {line}" for each in changes for line in each.diff()]
        lines += [f"would start {unit}.timer: {why}" for unit, why in idle.items()]
    elif changes or idle:
        place.carry_out(changes, units)
        lines += [f"wrote {each.name}" if each.after else f"removed {each.name}" for each in changes]
        lines += [f"started {unit}.timer: {why}" for unit, why in idle.items()]
    now, host = ledger.store.now(), str(around.who.get("host") or "")
    names = Register(ledger.store).expect(
        [expected.registered(host, now) for expected, _start in runs], check=around.check
    )
    word = "would be" if around.check else "is"
    lines += [f"{name} {word} registered anew, or forgotten where it is declared no more" for name in names]
    changed = bool(changes or idle or names)
    lines += [] if changed else ["nothing to do"]
    return Outcome(changed, tuple(lines), ledger, {"schedules": [expected.name for expected, _start in runs]})


def _by_unit(changes: Sequence[Change], units: Sequence[str]) -> dict[str, list[str]]:
    """Return what is not as declared, by unit; what stands in a file for all of them is everybody's."""
    found: dict[str, list[str]] = {}
    for each in changes:
        if each.after is None:
            continue
        owner = each.name.rpartition(".")[0]
        for unit in [owner] if owner in units else units:
            word = "not installed" if each.before is None else "installed differently"
            found[unit] = list(dict.fromkeys([*found.get(unit, []), word]))
    return found


def _place(said: Said, around: Surroundings) -> Place:
    by = text_of(said, "by")
    if by not in ("", "systemd", "cron"):
        raise InvalidInput(f"schedule_by is {by!r}", remedy="Use systemd or cron, or leave it out.")
    directory = text_of(said, "directory")
    if directory and not directory.startswith("/"):
        raise InvalidInput(f"schedule_directory is {directory!r}", remedy="Name it with its whole path.")
    return place_of(around.policy.path, SubprocessRunner(), by=by, directory=directory, user=_user(said))


def _user(said: Said) -> bool:
    word = text_of(said, "user").lower()
    if word not in ("", "true", "false", "yes", "no"):
        raise InvalidInput(f"schedule_user is {word!r}", remedy="Use true or false.")
    return word in ("true", "yes")


def _manner(said: Said, around: Surroundings) -> Manner:
    from ansible import constants

    config = constants.CONFIG_FILE or ""
    secrets = text_of(said, "environment_file")
    if secrets and not secrets.startswith("/"):
        raise InvalidInput(f"schedule_environment_file is {secrets!r}", remedy="Name it with its whole path.")
    account = text_of(said, "run_as") or user_name()
    try:
        pwd.getpwnam(account)
    except (KeyError, ValueError):
        raise InvalidInput(
            f"schedule_run_as is {account!r}, and there is no such account here", remedy="Name one that is there."
        ) from None
    return Manner(
        around.commands,
        lambda program: shutil.which(program) if "/" not in program else os.path.abspath(program),
        around.environment,
        directory=os.getcwd(),
        config=str(config),
        account=account,
        environment_file=secrets,
    )


def _deadline_of(runbook: str, action: str) -> float | None:
    """Return the deadline of an action of a runbook or tool, in minutes.

    :raises InvalidInput: there is none such.
    """
    from .._tools.all import TOOLS

    if runbook in TOOLS:
        TOOLS[runbook].choose(action, {})
        return _TOOL_MINUTES
    role = Path(__file__).absolute().parents[3] / "roles" / runbook
    if not role.is_dir():
        role = _foreign_role(runbook)
    return contracts.load(runbook, role).choose(action).deadline_minutes


def _foreign_role(runbook: str) -> Path:
    """Return the directory of another collection's role."""
    from ansible.utils.collection_loader._collection_finder import _get_collection_role_path

    found = _get_collection_role_path(runbook)
    if not found:
        raise InvalidInput(f"there is no runbook and no tool {runbook}", remedy="Correct its name.")
    return Path(found[1])
