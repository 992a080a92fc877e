"""What the options may say, and what they make."""

from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._clock import SystemClock
from ansible_collections.steady.ops.plugins.module_utils._command import SubprocessRunner
from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.command import Commands
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.layout import Layout
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.options import (
    DEPLOY_OPTIONS,
    artefact_from,
    bounds_from,
    owner_from,
    platform_from,
    shared_from,
    supervisor_from,
)
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.pm2 import Pm2
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.processes import Processes
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.pruning import Bounds
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.systemd import Systemd

LAYOUT = Layout(Path("/srv/web"))
DIGEST = "sha256:" + "ab" * 32
SYSTEMD = {"kind": "systemd", "unit": "web"}


def options(**more: Any) -> dict[str, Any]:
    """What Ansible hands over: every option, those not given as their default."""
    given = {name: spec.get("default") for name, spec in DEPLOY_OPTIONS.items()}
    supervisor = {**SYSTEMD, **more.pop("supervisor", {})}
    return {**given, "path": "/srv/web", "supervisor": {"timeout_seconds": 60.0, **supervisor}, **more}


def supervised(switch_style: str = "restart", **supervisor: Any) -> Any:
    given = {"timeout_seconds": 60.0, **supervisor}
    return supervisor_from({"supervisor": given, "switch_style": switch_style}, LAYOUT, SubprocessRunner(), Processes())


def test_systemd() -> None:
    made = supervised(kind="systemd", unit="web", process="", start=None)
    assert isinstance(made, Systemd)
    assert (made.unit, made.graceful, made.caller.more) == (
        "web.service",
        False,
        {"STEADY_CURRENT": "/srv/web/current"},
    )


@pytest.mark.parametrize(
    ("ecosystem", "path"),
    [(None, ""), ("ecosystem.config.js", "/srv/web/current/ecosystem.config.js"), ("/etc/web.js", "/etc/web.js")],
)
def test_pm2(ecosystem: str | None, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/web")
    made = supervised("reload", kind="pm2", process="web", ecosystem=ecosystem)
    assert isinstance(made, Pm2)
    assert (made.ecosystem, made.graceful, str(made.home), made.program) == (path, True, "/home/web/.pm2", "pm2")


def test_the_pm2_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert supervised(kind="pm2", process="web", home=str(tmp_path)).home == tmp_path
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
    with pytest.raises(InvalidInput, match="belongs to another user than this"):
        supervised(kind="pm2", process="web", home=str(tmp_path))


@pytest.mark.parametrize(("style", "reload"), [("reload", ("kill", "-HUP")), ("restart", ())])
def test_commands(style: str, reload: tuple[str, ...]) -> None:
    made = supervised(style, kind="command", start=["start"], reload=["kill", "-HUP"], status=["true"])
    assert isinstance(made, Commands)
    assert (made.start, made.reload, made.stop, made.pid_file) == (("start",), reload, (), "")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "systemd"}, "supervisor.unit is empty, and kind systemd needs it"),
        ({"kind": "pm2"}, "supervisor.process is empty, and kind pm2 needs it"),
        ({"kind": "pm2", "process": "all"}, "supervisor.process 'all' is no name of one application"),
        ({"kind": "pm2", "process": "-f"}, "supervisor.process '-f' is no name"),
        ({"kind": "pm2", "process": "0"}, "supervisor.process '0' is no name"),
        ({"kind": "command", "pid_file": "/p"}, "supervisor.start is empty, and kind command needs it"),
        ({"kind": "command", "start": ["a"]}, "supervisor.pid_file and supervisor.status are both empty"),
        ({"kind": "systemd", "unit": "a", "timeout_seconds": 0.0}, "supervisor.timeout_seconds is out of bounds"),
        ({"kind": "systemd", "unit": "a", "timeout_seconds": 3601.0}, "supervisor.timeout_seconds is out of bounds"),
    ],
)
def test_supervisors_that_are_none(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        supervised(**given)


@pytest.mark.parametrize(
    ("given", "digest"),
    [({}, ""), ({"artefact_digest": f" {DIGEST.upper()} "}, DIGEST), ({"artefact_digest": "ab" * 32}, DIGEST)],
)
def test_artefacts(given: dict[str, Any], digest: str) -> None:
    assert artefact_from(options(**given)).digest == digest


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"artefact_digest": "sha256:abc"}, "artefact_digest 'sha256:abc' is no SHA-256"),
        ({"artefact_digest": "md5:" + "ab" * 32}, "is no SHA-256"),
        ({"artefact_digest": "xy" * 32}, "is no SHA-256"),
        ({"artefact_path": "/a"}, "artefact_path is given without artefact_digest"),
        ({"artefact_strip": -1}, "artefact_strip or artefact_most_bytes is negative"),
        ({"artefact_most_bytes": 0}, "artefact_strip or artefact_most_bytes is negative"),
    ],
)
def test_artefacts_that_are_none(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        artefact_from(options(**given))


def test_shared_paths() -> None:
    assert shared_from(options(shared_paths=["logs/", ".env", "a/b"])) == ("logs/", ".env", "a/b")


@pytest.mark.parametrize(
    "paths", [["/etc"], ["a/../b"], ["a//b"], [""], ["."], [".steady-x"], ["a", "a/"], ["a/b", "a"]]
)
def test_shared_paths_that_are_none(paths: list[str]) -> None:
    with pytest.raises(InvalidInput, match="is no path of its own within a release"):
        shared_from(options(shared_paths=paths))


def test_owners(monkeypatch: pytest.MonkeyPatch) -> None:
    me = pwd.getpwuid(os.geteuid())
    group = grp.getgrgid(os.getegid())
    assert owner_from(options()) is None
    assert owner_from(options(owner=me.pw_name)) == (me.pw_uid, me.pw_gid)
    assert owner_from(options(group=group.gr_name)) == (me.pw_uid, group.gr_gid)
    with pytest.raises(InvalidInput, match="nobody-of-that-name"):
        owner_from(options(owner="nobody-of-that-name"))
    monkeypatch.setattr(os, "geteuid", lambda: 65534)
    with pytest.raises(InvalidInput, match="owner root: cannot be given by the user 65534"):
        owner_from(options(owner="root"))


def test_bounds() -> None:
    assert bounds_from(options()) == Bounds(5, 2)
    for given in ({"keep_releases": 1}, {"keep_rejected": -1}):
        with pytest.raises(InvalidInput, match="Keep at least 2"):
            bounds_from(options(**given))


@pytest.mark.parametrize(("name", "value"), [("steady_seconds", 0.0), ("start_seconds", 90000.0)])
def test_tempo(name: str, value: float) -> None:
    with pytest.raises(InvalidInput, match=f"{name} is {value:g}"):
        platform_from(options(**{name: value}), SystemClock(), SubprocessRunner())


def test_a_platform(tmp_path: Path) -> None:
    whole = options(path=str(tmp_path))
    assert platform_from(whole, SystemClock(), SubprocessRunner()).layout.base == tmp_path
    listing = {name: whole[name] for name in ("path", "supervisor")}
    assert platform_from(listing, SystemClock(), SubprocessRunner()).layout.base == tmp_path
