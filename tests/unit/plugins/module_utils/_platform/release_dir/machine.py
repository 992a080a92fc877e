"""A machine for tests: real directories, links and processes, systemd imitated, time virtual, a run killed anywhere.

A release is an archive with a file ``behaviour`` that says what becomes of it: ``good``, ``bad`` (runs and fails its
probe), ``crash`` (systemd gives it up), ``loop`` (a new process at each look), ``hang`` (never up), ``late`` (up at the
third look), ``stays`` (systemd says that it restarted, and runs on in the old directory), ``later`` (restarts while it
is probed).
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import signal
import subprocess
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._command import CommandResult
from ansible_collections.steady.ops.plugins.module_utils._errors import OpsError, Unreachable
from ansible_collections.steady.ops.plugins.module_utils._findings import Finding, Severity
from ansible_collections.steady.ops.plugins.module_utils._permit import Permit
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.bringing import Artefact, Bringer
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.layout import Layout
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.platform import ReleaseDir
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.processes import Processes
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.store import Store
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.supervisor import Caller
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.switching import Tempo
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.systemd import Systemd
from ansible_collections.steady.ops.plugins.module_utils._release.engine import Surroundings, settle
from ansible_collections.steady.ops.plugins.module_utils._release.history import History
from ansible_collections.steady.ops.plugins.module_utils._release.protocol import Proof
from ansible_collections.steady.ops.plugins.module_utils._release.values import Release, Wanted
from tests.release_world import Killed, VirtualClock

OBJECT, UNIT = "shop/lab/api", "api.service"
# calls by which a run changes the disk: it may be killed before each of them and after
EFFECTS = ("replace", "rename", "symlink", "mkdir", "unlink", "fsync", "link")


def archive(entries: Mapping[str, str | bytes], mode: int = 0o644) -> bytes:
    """Return a tar.gz with these files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, text in entries.items():
            data = text.encode() if isinstance(text, str) else text
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), mode
            tar.addfile(info, io.BytesIO(data))
    return packed.getvalue()


def digest_of(data: bytes) -> str:
    """Return the digest of an artefact."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@dataclass
class Unit:
    """systemd with one unit: a command runner that starts real processes."""

    current: Path
    process: subprocess.Popen[bytes] | None = None
    active: str = "inactive/dead"
    restarts: int = 0
    properties: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    looks: int = 0
    refuses: str = ""
    answers: bool = True
    journal: str = "the application says goodbye"

    def run(self, argv: Sequence[str], **_more: Any) -> CommandResult:
        verb = next(word for word in argv[1:] if not word.startswith("-"))
        self.asked.append(argv[0] if argv[0] != "systemctl" else verb)
        if argv[0] == "journalctl":
            return CommandResult(0, "" if "--since" in argv and not self.journal else self.journal, "")
        if verb == "show":
            return CommandResult(0, "".join(f"{k}={v}\n" for k, v in self._show().items()), "")
        if verb in ("restart", "reload-or-restart"):
            if self.refuses:
                return CommandResult(4, "", self.refuses)
            self.restart()
            if not self.answers:
                raise Unreachable("The program systemctl gave no result within 60 s")
        return CommandResult(0, "", "")

    def restart(self) -> None:
        """Start what the link leads to."""
        behaviour = self.behaviour()
        if behaviour == "stays":
            return
        self.stop()
        self.restarts = self.looks = 0
        self.active = {"crash": "failed/failed", "hang": "activating/start", "late": "activating/start"}.get(
            behaviour, "active/running"
        )
        if self.active == "active/running":
            self._spawn()

    def behaviour(self) -> str:
        """What the release under the link is like."""
        try:
            return (self.current / "behaviour").read_text(encoding="utf-8")
        except OSError:
            return "crash"

    def running(self) -> str:
        """What the process that runs is like: read where it lies; empty when none runs."""
        if self.process is None or self.process.poll() is not None:
            return ""
        try:
            return Path(f"/proc/{self.process.pid}/cwd/behaviour").read_text(encoding="utf-8")
        except OSError:
            return ""

    def stop(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process, self.active = None, "inactive/dead"

    def _spawn(self) -> None:
        self.process = subprocess.Popen(["sleep", "1000"], cwd=self.current, stdin=subprocess.DEVNULL)

    def _show(self) -> dict[str, str]:
        self.looks += 1
        running = self.running()
        if running == "loop" and self.looks > 1:
            self.crash()
        if self.active == "activating/start" and self.behaviour() == "late" and self.looks > 2:
            self.active = "active/running"
            self._spawn()
        active, _rest, sub = self.active.partition("/")
        return {
            "LoadState": "loaded",
            "ActiveState": active,
            "SubState": sub,
            "MainPID": str(self.process.pid if self.process else 0),
            "NRestarts": str(self.restarts),
            "NeedDaemonReload": "no",
            "Result": "success",
            **self.properties,
        }

    def crash(self) -> None:
        """The process ends and systemd starts it again."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.restarts += 1
        self._spawn()


@dataclass
class UnitProber:
    """Passes when what runs is good, or is only found out later."""

    unit: Unit
    crossing: Callable[[], None]

    def prove(self, release: Release, *, brief: bool = False) -> Proof:
        self.crossing()
        behaviour = self.unit.running()
        if behaviour == "later" and not brief:
            self.unit.crash()
        passed = behaviour in ("good", "late", "later")
        sentence = "answered 200" if passed else f"{behaviour or 'nothing'} answered 500"
        severity = Severity.OK if passed else Severity.CRITICAL
        return Proof(passed, sentence, Finding("http", severity, sentence), version="1", samples=1)


class _Lease(Permit):
    def prove(self, clock: object) -> None:
        return None


class Machine:
    """One component on a machine, its ledger a list."""

    def __init__(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.base = base / "srv"
        self.sent = base / "sent"
        self.sent.mkdir()
        self.clock = VirtualClock()
        self.unit = Unit(self.base / "current")
        self.records: list[dict[str, Any]] = []
        self.artefacts: dict[str, bytes] = {}
        self.shared: tuple[str, ...] = ()
        self.kill_at: int | None = None
        self.crossed = 0
        self.armed = False
        for name in EFFECTS:
            monkeypatch.setattr(os, name, self._counted(getattr(os, name)))

    def _counted(self, effect: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **named: Any) -> Any:
            self.crossing()
            done = effect(*args, **named)
            self.crossing()
            return done

        return counted

    def crossing(self) -> None:
        """Count a boundary, and end the run there when its time has come."""
        if not self.armed:
            return
        self.crossed += 1
        if self.kill_at is not None and self.crossed > self.kill_at:
            raise Killed

    def pack(self, name: str, behaviour: str = "good", **more: str) -> str:
        """Make the artefact of a release; return its digest."""
        self.artefacts[name] = archive({"behaviour": behaviour, "name": name, **more})
        return digest_of(self.artefacts[name])

    def digest(self, name: str) -> str:
        """Return the digest of a release."""
        return digest_of(self.artefacts[name])

    def id(self, name: str) -> str:
        """Return the id of a release, the name of its directory."""
        return self.digest(name)[7:19]

    @property
    def serves(self) -> str:
        """What the running process really is, by its own files; empty when none runs."""
        if self.unit.process is None or self.unit.process.poll() is not None:
            return ""
        return Path(f"/proc/{self.unit.process.pid}/cwd/name").read_text(encoding="utf-8")

    @property
    def linked(self) -> str:
        """The directory that the link names."""
        return Path(os.readlink(self.base / "current")).name

    def platform(self, release: str = "", **more: Any) -> ReleaseDir:
        """Make the platform as the module does, with the artefact of a release sent."""
        artefact = Artefact()
        if release in self.artefacts:
            path = self.sent / release
            path.write_bytes(self.artefacts[release])
            artefact = Artefact(str(path), self.digest(release), release)
        layout = Layout.at(str(self.base))
        bringer = Bringer(Store(layout), self.clock, artefact, None, self.shared)
        supervisor = Systemd(Caller(self._runner()), UNIT)
        given = {"tempo": Tempo(steady=2.0, start=20.0), **more}
        return ReleaseDir(bringer, supervisor, Processes(), self.clock, **given)

    def _runner(self) -> Any:
        machine = self

        class Runner:
            def run(self, argv: Sequence[str], **more: Any) -> CommandResult:
                machine.crossing()
                done = machine.unit.run(argv, **more)
                machine.crossing()
                return done

        return Runner()

    def run(self, action: str = "deploy", **options: Any) -> dict[str, Any]:
        """Carry out one run as the front end does: plan, announce, act, record; again where it is asked for."""
        wanted = Wanted(
            object=OBJECT, runbook=action, action=action, poll_seconds=1.0, settle_seconds=3.0, switch_seconds=60.0,
            **options,
        )  # fmt: skip
        for _turn in range(3):
            history = History.from_records(self.records, "api")
            try:
                planned = self._settle(wanted, history, check=True)
                if planned["refused"]:
                    return {**planned, "failed": True, "msg": planned["refused"]}
                if not planned["plan"]:
                    return planned
                if planned["intent"]:
                    self.records.append({**planned["intent"], "state": "open", "run": "r"})
                self.crossing()
                result = self._settle(wanted, history, check=False)
            except OpsError as error:
                return {"failed": True, "msg": str(error), "changed": False}
            self.crossing()
            self.records.extend(result["entries"])
            if not result["intent_open"]:
                self.records.append({"kind": "intent", "state": "settled"})
            if not result["again"] or result["failed"]:
                return result
        raise AssertionError(f"a run asked for a fourth turn: {result}")

    def _settle(self, wanted: Wanted, history: History, *, check: bool) -> dict[str, Any]:
        platform = self.platform(wanted.release, resumes=history.intent is not None)
        permit = _Lease(run="r", runbook=wanted.runbook, action=wanted.action, object=OBJECT)
        prober = UnitProber(self.unit, self.crossing)
        around = Surroundings(platform, prober, self.clock, permit, lambda line: None)
        try:
            return settle(around, wanted, history, check=check).as_dict()
        finally:
            platform.lock.free()

    @contextlib.contextmanager
    def killed_at(self, boundary: int | None) -> Iterator[None]:
        """Count boundaries from here on; end the run at that one."""
        self.crossed, self.kill_at, self.armed = 0, boundary, True
        try:
            yield
        except Killed:
            pass
        finally:
            self.kill_at, self.armed = None, False

    def close(self) -> None:
        """End what was started."""
        self.unit.stop()


def live(pid: int) -> bool:
    """Tell whether a process lives."""
    try:
        os.kill(pid, signal.SIG_DFL)
    except ProcessLookupError:
        return False
    return True
