# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of release directories, and the platform that they describe."""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..._clock import Clock
from ..._command import CommandRunner
from ..._errors import InvalidInput
from .bringing import Artefact, Bringer
from .command import Commands, checked
from .layout import Layout
from .platform import ReleaseDir
from .pm2 import Pm2
from .processes import Processes
from .pruning import Bounds
from .store import Store
from .supervisor import Caller, Supervisor
from .switching import Tempo
from .systemd import Systemd, unit_name

_WORDS = {"type": "list", "elements": "str"}

# what both modules take
COMPONENT_OPTIONS: dict[str, dict[str, Any]] = {
    "path": {"type": "path", "required": True},
    "supervisor": {
        "type": "dict",
        "required": True,
        "options": {
            "kind": {"type": "str", "choices": ["systemd", "pm2", "command"], "required": True},
            "unit": {"type": "str"},
            "process": {"type": "str"},
            "ecosystem": {"type": "path"},
            "home": {"type": "path"},
            "program": {"type": "path"},
            "start": _WORDS,
            "stop": _WORDS,
            "reload": _WORDS,
            "status": _WORDS,
            "pid_file": {"type": "path"},
            "log_file": {"type": "path"},
            "timeout_seconds": {"type": "float", "default": 60.0},
        },
    },
}

DEPLOY_OPTIONS: dict[str, dict[str, Any]] = {
    **COMPONENT_OPTIONS,
    "artefact_path": {"type": "path"},
    "artefact_digest": {"type": "str"},
    "artefact_ref": {"type": "str"},
    "artefact_version": {"type": "str"},
    "artefact_strip": {"type": "int", "default": 0},
    "artefact_most_bytes": {"type": "int", "default": 1 << 32},
    "shared_paths": {"type": "list", "elements": "str", "default": []},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "switch_style": {"type": "str", "choices": ["restart", "reload"], "default": "restart"},
    "steady_seconds": {"type": "float", "default": 10.0},
    "start_seconds": {"type": "float", "default": 120.0},
    "keep_releases": {"type": "int", "default": 5},
    "keep_rejected": {"type": "int", "default": 2},
    # asking a machine's own supervisor costs nothing
    "poll_seconds": {"type": "float", "default": 0.5},
}

_HEXADECIMAL = set("0123456789abcdef")


def supervisor_from(
    options: Mapping[str, Any], layout: Layout, runner: CommandRunner, processes: Processes
) -> Supervisor:
    """Return the supervisor that the options describe.

    :raises InvalidInput: one that its kind needs is missing or wrong.
    """
    given = {name: value for name, value in options["supervisor"].items() if value not in (None, "", [])}
    kind, graceful = given["kind"], options.get("switch_style") == "reload"
    if not 0 < given["timeout_seconds"] <= 3600:
        raise InvalidInput("supervisor.timeout_seconds is out of bounds", remedy="Give more than 0, at most 3600.")
    caller = Caller(runner, given["timeout_seconds"], {"STEADY_CURRENT": str(layout.current)})
    if kind == "systemd":
        return Systemd(caller, unit_name(_needed(given, "unit")), graceful)
    if kind == "pm2":
        home = Path(given.get("home") or os.path.expanduser("~/.pm2"))
        if home.exists() and home.stat().st_uid != os.geteuid():
            raise InvalidInput(
                f"supervisor.home {home} belongs to another user than this, and a pm2 is one user's",
                remedy="Run with become_user as that user.",
            )
        ecosystem = os.path.join(layout.current, given["ecosystem"]) if "ecosystem" in given else ""
        program, process = given.get("program", "pm2"), _needed(given, "process")
        if process == "all" or process.startswith("-") or process.isdigit():
            raise InvalidInput(
                f"supervisor.process {process!r} is no name of one application", remedy="Name it as pm2 ls does."
            )
        return Pm2(caller, processes, process, home, layout.releases, ecosystem, program, graceful)
    if "pid_file" not in given and "status" not in given:
        raise InvalidInput("supervisor.pid_file and supervisor.status are both empty", remedy="Give one of them.")
    return Commands(
        caller,
        processes,
        start=checked(_needed(given, "start"), "start"),
        stop=checked(given.get("stop"), "stop"),
        reload=checked(given.get("reload"), "reload") if graceful else (),
        status=checked(given.get("status"), "status"),
        pid_file=given.get("pid_file", ""),
        log_file=given.get("log_file", ""),
    )


def _needed(given: Mapping[str, Any], name: str) -> Any:
    if name not in given:
        raise InvalidInput(f"supervisor.{name} is empty, and kind {given['kind']} needs it", remedy="Set it.")
    return given[name]


def artefact_from(options: Mapping[str, Any]) -> Artefact:
    """Read what was sent; empty where nothing was.

    :raises InvalidInput: its digest is none, or missing.
    """
    path, digest = options["artefact_path"] or "", (options["artefact_digest"] or "").strip().lower()
    algorithm, _colon, content = digest.rpartition(":")
    if digest and (algorithm not in ("", "sha256") or len(content) != 64 or set(content) - _HEXADECIMAL):
        raise InvalidInput(
            f"artefact_digest {digest!r} is no SHA-256", remedy="Write sha256: and 64 hexadecimal digits."
        )
    if path and not digest:
        raise InvalidInput("artefact_path is given without artefact_digest", remedy="Say what it must contain.")
    if options["artefact_strip"] < 0 or options["artefact_most_bytes"] <= 0:
        raise InvalidInput("artefact_strip or artefact_most_bytes is negative", remedy="Give 0 or more.")
    return Artefact(
        path=path,
        digest=f"sha256:{content}" if digest else "",
        ref=options["artefact_ref"] or "",
        version=options["artefact_version"] or None,
        strip=options["artefact_strip"],
        most_bytes=options["artefact_most_bytes"],
    )


def shared_from(options: Mapping[str, Any]) -> tuple[str, ...]:
    """Read the shared paths.

    :raises InvalidInput: one leads out of the release, or lies within another.
    """
    given = tuple(options["shared_paths"])
    parts = [tuple(path.strip("/").split("/")) for path in given]
    for path, names in zip(given, parts, strict=True):
        inside = [other for other in parts if other != names and other == names[: len(other)]]
        odd = path.startswith("/") or any(name in ("", ".", "..") for name in names) or names[0].startswith(".steady-")
        if odd or inside or parts.count(names) > 1:
            raise InvalidInput(
                f"shared_paths {path!r} is no path of its own within a release", remedy="Write such as logs/ or .env."
            )
    return given


def owner_from(options: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return user and group that get what is written; C(None) for whoever runs this.

    :raises InvalidInput: there is no such user or group, or this user may not give files away.
    """
    owner, group = options["owner"], options["group"]
    if not owner and not group:
        return None
    try:
        user = pwd.getpwnam(owner) if owner else pwd.getpwuid(os.geteuid())
        wanted = user.pw_uid, grp.getgrnam(group).gr_gid if group else user.pw_gid
    except KeyError as error:
        raise InvalidInput(f"owner or group: {error.args[0]}", remedy="Make it first, or correct it.") from None
    if os.geteuid() != 0 and wanted != (os.geteuid(), os.getegid()):
        raise InvalidInput(
            f"owner {owner or ''}:{group or ''} cannot be given by the user {os.geteuid()}",
            remedy="Run with become as root, or as that user without owner and group.",
        )
    return wanted


def bounds_from(options: Mapping[str, Any]) -> Bounds:
    """Read how many releases stay.

    :raises InvalidInput: not even the one that serves and the one before it would.
    """
    good, rejected = options["keep_releases"], options["keep_rejected"]
    if good < 2 or rejected < 0:
        raise InvalidInput(
            f"keep_releases is {good} and keep_rejected {rejected}",
            remedy="Keep at least 2, one to go back to, and 0 or more rejected ones.",
        )
    return Bounds(good, rejected)


def platform_from(
    options: Mapping[str, Any],
    clock: Clock,
    runner: CommandRunner,
    *,
    resumes: bool = False,
    before_call: Callable[[], None] = lambda: None,
    processes: Processes | None = None,
) -> ReleaseDir:
    """Return the platform that the options describe.

    :raises InvalidInput: an option is wrong; the sentence names it.
    """
    layout, processes = Layout.at(options["path"]), processes or Processes()
    supervisor = supervisor_from(options, layout, runner, processes)
    if "artefact_path" not in options:
        return ReleaseDir(Bringer(Store(layout), clock), supervisor, processes, clock)
    for name in ("steady_seconds", "start_seconds"):
        if not 0 < options[name] <= 86400:
            raise InvalidInput(f"{name} is {options[name]:g}", remedy="Give more than 0, at most 86400 seconds.")
    bringer = Bringer(Store(layout), clock, artefact_from(options), owner_from(options), shared_from(options))
    tempo = Tempo(options["steady_seconds"], options["start_seconds"])
    return ReleaseDir(bringer, supervisor, processes, clock, tempo=tempo, resumes=resumes, before_call=before_call)
