# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every C(<platform>_deploy) module wires: the shared options, the probe, the progress file, the engine."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from ._clock import Clock, SystemClock, format_time
from ._command import SubprocessRunner
from ._errors import InvalidInput, OpsError, Unreachable
from ._hooks import HOOKS_OPTION, CommandHooks, hooks_from
from ._http.driver import fetch
from ._http.probe import ProbeResult, look, prove
from ._http.spec import Probe
from ._own_command import run
from ._permit import PERMIT_OPTION, Permit
from ._redact import redact_shapes
from ._release.engine import Surroundings, settle
from ._release.history import History
from ._release.protocol import Platform, Proof
from ._release.values import Release, Wanted
from ._release.ways import deployment

ACTIONS = {"deployed": "deploy", "adopted": "adopt", "rolled_back": "rollback", "undone": "undo"}

RELEASE_OPTIONS: dict[str, dict[str, Any]] = {
    "state": {"type": "str", "choices": list(ACTIONS), "default": "deployed"},
    "release": {"type": "str"},
    "rollback_to": {"type": "str"},
    "rollback_from": {"type": "str"},
    "reason": {"type": "str"},
    "schema_revision": {"type": "str"},
    "deploy_without_way_back": {"type": "bool", "default": False},
    # it may hold a token, and Ansible logs what is not silent
    "probe": {"type": "dict", "required": True, "no_log": True},
    "deadline_seconds": {"type": "float", "default": 2700.0},
    "switch_timeout_seconds": {"type": "float", "default": 1200.0},
    "settle_seconds": {"type": "float", "default": 60.0},
    "poll_seconds": {"type": "float", "default": 5.0},
    "hooks": HOOKS_OPTION,
    "history": {"type": "list", "elements": "dict", "default": []},
    "progress_path": {"type": "path"},
    "permit": PERMIT_OPTION,
}

_LONGEST_DAY = 86400.0


@dataclass(frozen=True)
class RecordedProber:
    """Proves a release by its own recorded probe: by what URLs answer, and by a command that runs here.

    :param own: the probe of the component as the inventory states it now; lends its token to recorded probes.
    """

    own: Probe
    component: str
    clock: Clock
    before_sample: Callable[[], None]
    say: Callable[[str], None]

    def prove(self, release: Release, *, brief: bool = False) -> Proof:
        """Probe with the release's own recorded probe and version."""
        probe = self._probe_of(release)
        told = {
            "STEADY_COMPONENT": self.component,
            "STEADY_RELEASE": release.id,
            "STEADY_VERSION": release.version or "",
        }
        command = partial(run, told=told, runner=SubprocessRunner(), environ=os.environ)
        if brief:
            return _proof(look(probe, version=release.version, fetch=fetch, run=command, clock=self.clock))
        result = prove(
            probe,
            version=release.version,
            fetch=fetch,
            run=command,
            clock=self.clock,
            before_sample=self.before_sample,
            progress=self.say,
        )
        return _proof(result)

    def _probe_of(self, release: Release) -> Probe:
        if not release.probe:
            return self.own
        recorded = Probe.from_option(dict(release.probe), f"the recorded probe of {release.id}")
        # the token is of the server that the inventory names today, and goes to no other
        same_server = urlsplit(recorded.url)[:2] == urlsplit(self.own.url)[:2]
        return replace(recorded, bearer_token=self.own.bearer_token if same_server else None)


def _proof(result: ProbeResult) -> Proof:
    return Proof(
        passed=result.passed,
        sentence=result.finding.message,
        finding=result.finding,
        version=result.version,
        samples=result.samples,
        latency_ms=result.latency_ms,
    )


@dataclass
class ProgressFile:
    """Lines for the front end, one JSON object each, in a file that only this user reads."""

    path: str | None
    clock: Clock
    last: str = field(default="", init=False)

    def say(self, line: str) -> None:
        """Append a line; a repeated one is left out, and a full disk does not stop the run."""
        if not self.path or line == self.last:
            return
        self.last = line
        text = json.dumps({"at": format_time(self.clock.now()), "line": redact_shapes(line), "fraction": None})
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8") as stream:
                stream.write(text + "\n")
        except OSError:
            self.path = None


def wanted_from(options: Mapping[str, Any], permit: Permit, probe: Probe, desired: Mapping[str, object]) -> Wanted:
    """Read the shared options, an empty string as not given.

    :raises InvalidInput: an option is missing or out of bounds.
    """
    action = ACTIONS[options["state"]]
    given = {name: (options[name] or "").strip() for name in ("release", "rollback_to", "rollback_from", "reason")}
    if action == "deploy" and not given["release"]:
        raise InvalidInput(
            "deploy_release (the option release) is empty",
            remedy="Name a tag or digest.",
            next=deployment(_offered(options["history"], permit.object.rpartition("/")[2])),
        )
    for name in ("deadline_seconds", "switch_timeout_seconds", "settle_seconds", "poll_seconds"):
        if not 0 < options[name] <= _LONGEST_DAY:
            raise InvalidInput(
                f"{name} is {options[name]:g}", remedy=f"Give more than 0 and at most {_LONGEST_DAY:g} seconds."
            )
    return Wanted(
        action=action,
        object=permit.object,
        runbook=permit.runbook,
        **given,
        schema_revision=options["schema_revision"] or None,
        probe=probe.as_option(),
        options=desired,
        without_way_back=options["deploy_without_way_back"],
        deadline_seconds=options["deadline_seconds"],
        switch_seconds=options["switch_timeout_seconds"],
        settle_seconds=options["settle_seconds"],
        poll_seconds=options["poll_seconds"],
    )


def _offered(records: Any, component: str) -> str:
    """Return the newest recorded release beside the one that served last; empty when there is none to be read."""
    try:
        history = History.from_records(records, component)
    except OpsError:
        return ""
    return history.offered(history.last_served.id if history.last_served else "")


def carry_out(
    options: Mapping[str, Any],
    *,
    check: bool,
    component: str,
    desired: Mapping[str, object],
    make_platform: Callable[[Clock, Callable[[], None]], Platform],
) -> dict[str, object]:
    """Run the engine for one module call and return its result.

    :param component: names the object in check mode without a permit.
    :param desired: the platform's own settings that are asked, secrets as fingerprints.
    :param make_platform: from the clock and the proof of the lease, which the platform asks for right before a change.
    :raises OpsError: nothing was touched.
    """
    clock = SystemClock()
    permit = Permit.from_option(options["permit"], check=check, object=component)
    probe = Probe.from_option(options["probe"])
    wanted = wanted_from(options, permit, probe, desired)
    history = History.from_records(options["history"], wanted.component)
    progress = ProgressFile(options["progress_path"], clock)
    commands = hooks_from(options["hooks"])
    hooks = CommandHooks(commands, wanted.component, SubprocessRunner(), os.environ, progress.say)
    prober = RecordedProber(probe, wanted.component, clock, lambda: permit.prove(clock), progress.say)
    held = permit.hold()
    try:
        platform = make_platform(clock, lambda: permit.prove(clock))
        around = Surroundings(platform, prober, clock, permit, progress.say, hooks)
        return settle(around, wanted, history, check=check).as_dict()
    finally:
        if held is not None:
            os.close(held)


def refusal(error: OpsError, history: object) -> dict[str, object]:
    """Return the arguments of C(fail_json) for an error before the first step: nothing was touched.

    An intent that was open stays open.
    """
    records = [record for record in history if isinstance(record, Mapping)] if isinstance(history, list) else []
    intents = [record.get("state") for record in records if record.get("kind") == "intent"]
    said = error.as_result()
    if isinstance(error, Unreachable) and not error.remedy:
        said["msg"] = f"{error} Nothing was changed: run the same command again."
    return {**said, "intent_open": bool(intents) and intents[-1] == "open", "rolled_back": False}
