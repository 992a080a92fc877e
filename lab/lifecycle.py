# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The three commands: bring the parts up, take them down, say what answers."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Sequence
from typing import Any

from lab.errors import LabError
from lab.parts import Lab, Part, wait_until
from lab.parts.apprunner import AppRunnerService, all_runners
from lab.parts.apps import all_apps
from lab.parts.aws import Aws
from lab.parts.postgres import Postgres
from lab.parts.redis import Redis
from lab.place import Place, write_private
from lab.processes import Process, belonging, end_all, read_record, start, stop

UP, DOWN, DEAD = "up", "down", "dead"  # down: was not started; dead: was started and does not answer any more
APPS = "apps"  # in --parts: every app_...


def all_parts() -> list[Part]:
    """Every part in the order in which they are started: what takes longest to come up first."""
    return [Aws(), Postgres(), Redis(), *all_runners(), *all_apps()]


def choose(names: Sequence[str] | None) -> list[Part]:
    """The parts of these names (all without names); refuses a name that there is not."""
    parts = all_parts()
    if not names:
        return parts
    known = {each.name for each in parts}
    if unknown := sorted(set(names) - known - {APPS}):
        raise LabError(
            f"--parts: there is no part {', '.join(unknown)}; there are {', '.join(sorted(known))} and {APPS}."
        )
    return [each for each in parts if each.name in names or (APPS in names and each.name.startswith("app_"))]


def up(lab: Lab, names: Sequence[str] | None) -> None:
    """Start what does not answer, leave alone what does, fill what is empty, and write status.json after each step."""
    began, parts = time.monotonic(), choose(names)
    _refuse_missing_packages(parts)
    started: list[Part] = []
    for part in parts:
        if isinstance(part, AppRunnerService) or not _needs_start(lab, part):
            continue
        started.append(part)
        lab.facts[part.name] = {"state": DOWN}
        write_status(lab)
        start(part.prepare(lab), lab.place.state)
    for part in parts:
        fresh = part in started
        if fresh:
            _wait(lab, part)
        _fill_once(lab, part)
        _note(lab, part)
        lab.say(f"  {part.name}: {_how(part, lab.facts[part.name]['state'], fresh=fresh)} at {part.address(lab)}")
    seed_releases(lab)
    lab.say(f"{_summary(lab, parts, started)}, {time.monotonic() - began:.1f} s), state in {lab.place.link}")


def _how(part: Part, state: str, *, fresh: bool) -> str:
    if state != UP:
        return "does not answer"
    if isinstance(part, AppRunnerService):
        return f"runs behind {part.started_by}"
    return "started" if fresh else "up already"


def _summary(lab: Lab, parts: Sequence[Part], started: Sequence[Part]) -> str:
    """Say how much of it is up and was started now; a service that its platform starts is not ours to count."""
    silent = [each.name for each in parts if lab.facts[each.name]["state"] != UP]
    ours = [each for each in parts if not isinstance(each, AppRunnerService)]
    but = f" but for {', '.join(silent)}" if silent else ""
    return f"The lab is up{but} ({len(started)} of {len(ours)} parts started"


def seed_releases(lab: Lab) -> None:
    """Run lab/seed.py's playbooks once, when the playbooks and the fake are there."""
    if not importlib.util.find_spec("lab.seed"):
        return
    from lab.seed import seed

    seed(lab)


def _refuse_missing_packages(parts: list[Part]) -> None:
    missing = sorted({package for part in parts if (package := part.missing_package())})
    if missing:
        raise LabError(
            f"The lab needs OS packages that are not installed: run `apt-get install {' '.join(missing)}` as root."
        )


def _needs_start(lab: Lab, part: Part) -> bool:
    """Whether the part must be started; what is left of it is ended first."""
    process = read_record(lab.place.records / f"{part.name}.json")
    if process and process.alive:
        # Asked twice: on a busy machine one late answer is no reason to restart what others are using.
        reason = part.probe(lab) and part.probe(lab)
        if not reason:
            return False
        lab.say(f"  {part.name}: restarting it ({reason})")
    elif process:
        lab.say(f"  {part.name}: its process {process.pid} is gone, starting it again")
    _end(lab, part)
    return True


def _end(lab: Lab, part: Part) -> None:
    """End a part's recorded process and whatever else of it lives, then clear what it leaves elsewhere."""
    stop(read_record(lab.place.records / f"{part.name}.json"), gently=part.stop_signal)
    end_all(belonging(lab.place.state, part.name))
    part.clear(lab)


def _wait(lab: Lab, part: Part) -> None:
    process = _process(lab, part)
    wait_until(lambda: part.probe(lab) is None or not process.alive, part.wait_seconds)
    if reason := part.probe(lab):
        log = lab.place.link / "logs" / f"{part.name}.log"
        ended = "its process ended" if not process.alive else f"not ready after {part.wait_seconds:.0f} s"
        raise LabError(f"{part.name} did not come up: {ended}, {reason}; read {log}.")


def _process(lab: Lab, part: Part) -> Process:
    process = read_record(lab.place.records / f"{part.name}.json")
    if process is None:
        raise LabError(f"{part.name}: its process record is gone: run `lab down`, then `lab up`.")
    return process


def _fill_once(lab: Lab, part: Part) -> None:
    """Fill a part whose present process has not been filled yet (or again when another size or scale is asked for)."""
    if isinstance(part, AppRunnerService):
        return
    process, mark = _process(lab, part), lab.place.records / f"{part.name}.filled"
    other_scale = part.name == "apprunner" and lab.facts[part.name].get("scale") != lab.scale
    if read_record(mark) == process and not lab.rows_asked and not other_scale:
        return
    part.fill(lab)
    write_private(mark, (lab.place.records / f"{part.name}.json").read_text())


def _note(lab: Lab, part: Part) -> None:
    """Write what is known of a part that answers into status.json."""
    facts: dict[str, Any] = {"state": UP}
    if isinstance(part, AppRunnerService):
        # Tests let this service fail on purpose, so an `up` says what it sees and does not mend it.
        facts["state"] = UP if wait_until(lambda: part.probe(lab) is None, 5.0) else DEAD
    else:
        facts["pid"] = _process(lab, part).pid
    if part.name == "apprunner":
        facts["scale"] = lab.scale
    lab.facts[part.name] = {**facts, **part.describe(lab)}
    write_status(lab)


def write_status(lab: Lab, **more: Any) -> None:
    """Write status.json; top-level keys that this does not know (as `seeded`) are kept."""
    kept = lab.place.read_status() or {}
    scale = lab.facts.get("apprunner", {}).get("scale", lab.scale)
    lab.place.write_status(
        {
            **kept,
            "checkout": str(lab.place.checkout),
            "parts": lab.facts,
            "scale": scale,
            "rows": lab.rows,
            "ledger": str(lab.place.ledger),
            **more,
        }
    )


def down(place: Place, names: Sequence[str] | None, say: Any = print) -> None:
    """End everything that belongs to this lab (or to some parts) and remove what it wrote."""
    began, lab = time.monotonic(), load(place, say=say)
    if not names and not place.state.exists() and not place.link.is_symlink():
        say("The lab is down already")
        return
    parts = choose(names)
    for part in reversed(parts):
        if not isinstance(part, AppRunnerService) and place.state.exists():
            _end(lab, part)
            (place.records / f"{part.name}.json").unlink(missing_ok=True)
        lab.facts.pop(part.name, None)
    if names:
        if place.status_file.exists():
            write_status(lab)
        say(f"Stopped {', '.join(each.name for each in parts)}; their data stays until `lab down` without --parts")
        return
    end_all(belonging(place.state))
    place.remove()
    say(f"The lab is down ({time.monotonic() - began:.1f} s), nothing is left of it")


def status(place: Place, names: Sequence[str] | None) -> dict[str, Any]:
    """status.json with each part's state as it is now; `why` says what a part that is not up answers."""
    lab, kept = load(place), place.read_status() or {}
    facts = {}
    for part in choose(names):
        known = lab.facts.get(part.name)
        if known is None and not names and lab.facts:
            continue  # this lab was asked for without that part
        facts[part.name] = {**(known or {}), **_state_now(lab, part)}
    return {"checkout": str(place.checkout), **kept, "parts": facts, "scale": kept.get("scale", lab.scale)}


def _state_now(lab: Lab, part: Part) -> dict[str, Any]:
    process = read_record(lab.place.records / f"{part.name}.json")
    own_process = not isinstance(part, AppRunnerService)
    if part.name not in lab.facts or (own_process and process is None):
        return {"state": DOWN, "why": "it was not started"}
    if process and not process.alive:
        return {"state": DEAD, "why": f"its process {process.pid} is gone"}
    reason = part.probe(lab)
    return {"state": DEAD, "why": reason} if reason else {"state": UP}


def load(place: Place, *, scale: float | None = None, rows: int | None = None, say: Any = print) -> Lab:
    """The lab as the last `up` left it, with what is asked for now."""
    kept = place.read_status() or {}
    return Lab(
        place=place,
        scale=scale if scale is not None else kept.get("scale", 20),
        say=say,
        rows=rows if rows is not None else kept.get("rows", 2000),
        rows_asked=rows is not None,
        facts=dict(kept.get("parts", {})),
    )
