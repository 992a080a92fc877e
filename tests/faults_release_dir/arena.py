"""Where a case takes place: a component on this machine under the supervisor `command`, a ledger, and runs."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults import arena as base
from tests.faults.arena import COLLECTIONS, OBJECT, Running
from tests.faults_release_dir.observer import MachineObserver
from tools.treehash import ROOT

SUPERVISE = Path(__file__).with_name("supervise.py")
GOOD = {"1.0.0": "ok", "1.1.0": "ok", "1.2.0": "ok"}


class Driver(base.Driver):
    """The process that runs the side under test, from one copy of the collection."""

    def __init__(self, collections: Path = COLLECTIONS) -> None:
        path = os.pathsep.join([str(collections), str(ROOT)])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults_release_dir.driver", "none"],
            cwd=collections,
            env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._buffer = b""
        self._ended = {}
        self._read(60)


@dataclass
class Machine:
    """One case's world.

    :param name: of the ledger's directory; a second controller has another.
    """

    driver: Driver
    directory: Path
    name: str = "ledger"
    runs: int = 0
    options: dict[str, Any] = field(default_factory=dict)
    supervisor: dict[str, Any] = field(default_factory=dict)
    probe_changes: dict[str, Any] = field(default_factory=dict)
    job: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    port: int = 0
    mounted: list[Path] = field(default_factory=list)
    strangers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @classmethod
    def make(cls, driver: Driver) -> Machine:
        """Return a machine with three good artefacts and an initialised ledger."""
        machine = cls(driver, Path(tempfile.mkdtemp(prefix="steady-machine-")))
        machine.directory.chmod(0o755)
        for place in (machine.home, machine.sent, machine.base.parent):
            place.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            machine.port = free.getsockname()[1]
        for version, behaviour in GOOD.items():
            machine.push(version, behaviour)
        machine.run("initialise")
        return machine

    def second(self) -> Machine:
        """Another controller of the same component, with a ledger of its own."""
        other = Machine(self.driver, self.directory, "other", 500, self.options, self.supervisor, self.probe_changes)
        other.known, other.digests, other.port = self.known, self.digests, self.port
        other.run("initialise")
        return other

    @property
    def base(self) -> Path:
        """The component's directory."""
        return self.directory / "srv" / "api"

    @property
    def home(self) -> Path:
        """The supervisor's directory."""
        return self.directory / "home"

    @property
    def sent(self) -> Path:
        """Where artefacts lie."""
        return self.directory / "sent"

    @property
    def ledger(self) -> Path:
        """The ledger's directory."""
        return self.directory / self.name

    @property
    def observer(self) -> MachineObserver:
        """The outside observer."""
        return MachineObserver(self.base, self.port, self.home / "calls.jsonl", self.ledger, self.known)

    def push(self, version: str, behaviour: Any = "ok", files: Mapping[str, str] | None = None, **settings: Any) -> str:
        """Build a release's artefact; return its digest."""
        said = {"version": version, "port": self.port, "behaviour": behaviour, "contract": "generic", **settings}
        text = json.dumps(said).encode()
        everything = {"settings.json": text, **{name: data.encode() for name, data in (files or {}).items()}}
        return self.send(version, tarred(everything), text)

    def send(self, version: str, data: bytes, settings: bytes = b"") -> str:
        """Put an artefact where the front end sends it."""
        (self.sent / version).write_bytes(data)
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self.digests[version] = digest
        if settings:
            self.known[hashlib.sha256(settings).hexdigest()] = digest
        return digest

    def release(self, version: str) -> Path:
        """The directory of a release."""
        return self.base / "releases" / self.digests[version][7:19]

    def rules(self, **rules: Any) -> None:
        """Let the supervisor behave so from here on."""
        (self.home / "rules.json").write_text(json.dumps(rules))

    def adopted(self) -> None:
        """1.0.0 serves and is recorded."""
        self.deployed()

    def deployed(self, *versions: str) -> None:
        """Deploy 1.0.0 and these, one after the other."""
        for version in ("1.0.0", *versions):
            result = self.conduct(release=version, deploy_without_way_back=version == "1.0.0")
            assert not result.get("failed"), result

    def foreign(self, version: str = "1.0.0") -> str:
        """Another tool's layout: a release in a directory of its own name, linked and started; return its digest."""
        place = self.base / "releases" / f"by-hand-{version}"
        place.mkdir(parents=True)
        with tarfile.open(self.sent / version) as tar:
            tar.extractall(place, filter="data")
        lines = [
            [
                item.name,
                "f",
                bool(item.stat().st_mode & 0o100),
                f"sha256:{hashlib.sha256(item.read_bytes()).hexdigest()}",
            ]
            for item in sorted(place.iterdir())
        ]
        digest = f"sha256:{hashlib.sha256(json.dumps(lines).encode()).hexdigest()}"
        self.known[hashlib.sha256((place / "settings.json").read_bytes()).hexdigest()] = digest
        (self.base / "current").symlink_to(f"releases/{place.name}")
        self.supervise("start")
        return digest

    def supervise(self, verb: str) -> None:
        """What a person at the machine does."""
        environment = {**os.environ, "STEADY_CURRENT": str(self.base / "current")}
        subprocess.run([sys.executable, str(SUPERVISE), verb, str(self.home)], env=environment, check=True)
        until(lambda: bool(self.observer.listening()), "it does not listen") if verb != "stop" else None

    def begin(self, do: str = "conduct", **given: Any) -> Running:
        """Start a run; keys of the job by `job_<key>`, all others are options of the module."""
        self.runs += 1
        run = f"run-{self.runs:03d}"
        job = {key.removeprefix("job_"): value for key, value in given.items() if key.startswith("job_")}
        options = {key: value for key, value in given.items() if not key.startswith("job_")}
        page, run_dir = self.directory / f"{run}.json", self.directory / run
        pid = self.driver.start(
            {
                "do": do,
                "ledger": f"file://{self.ledger}",
                "object": OBJECT,
                "run": run,
                "run_dir": str(run_dir),
                "args": self.module_options(**options),
                "check": False,
                "result": str(page),
                **self.job,
                **job,
            }
        )
        return Running(self, pid, page, run_dir)  # type: ignore[arg-type]

    def run(self, do: str = "conduct", **given: Any) -> dict[str, Any] | None:
        """Start a run and wait for its end."""
        return self.begin(do, **given).wait()

    def conduct(self, **given: Any) -> dict[str, Any]:
        """Run to the end; it must not die."""
        result = self.run(**given)
        assert result is not None, "the run died"
        return result

    def module_options(self, **given: Any) -> dict[str, Any]:
        """The module's options as an inventory would give them, the artefact of the release sent."""
        call = [sys.executable, str(SUPERVISE)]
        verbs = {verb: [*call, verb, str(self.home)] for verb in ("start", "stop", "reload")}
        files = {"pid_file": str(self.home / "pid"), "log_file": str(self.home / "log")}
        options = {
            "path": str(self.base),
            "supervisor": {"kind": "command", **verbs, **files, "timeout_seconds": 3.0, **self.supervisor},
            "probe": self.probe(),
            "poll_seconds": 0.05,
            "settle_seconds": 0.5,
            "steady_seconds": 0.4,
            "start_seconds": 3.0,
            "switch_timeout_seconds": 20.0,
            **self.options,
            **given,
        }
        version = given.get("release")
        if version in self.digests:
            artefact = {"path": str(self.sent / version), "digest": self.digests[version], "version": version}
            options = {**{f"artefact_{name}": value for name, value in artefact.items()}, **options}
        return options

    def probe(self) -> dict[str, Any]:
        """The probe of the sample application."""
        return {
            "url": f"http://127.0.0.1:{self.port}/health",
            "json": {"status": "ok"},
            "version": {"json": "version", "equals": "release"},
            "also": [{"url": "/ready", "json": {"status": "ready"}}],
            "consecutive": 2,
            "interval_seconds": 0.05,
            "timeout_seconds": 1.0,
            "deadline_seconds": 1.5,
            "stability_seconds": 0.3,
            **self.probe_changes,
        }

    def small_disk(self, megabytes: int = 40, files: int = 400) -> None:
        """Give the component a real disk of its own."""
        self.base.mkdir(parents=True)
        options = f"size={megabytes}m,nr_inodes={files},mode=755"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.base)], check=True)
        self.mounted.append(self.base)

    def stranger(self, *argv: str) -> subprocess.Popen[bytes]:
        """Start another program, which belongs to nobody here."""
        self.strangers.append(subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL))
        return self.strangers[-1]

    def close(self) -> None:
        """End what this case started and leave nothing behind."""
        for process in self.strangers:
            process.kill()
            process.wait()
        # a keeper may start another one while its last is ended
        while found := belonging(self.directory):
            for pid in found:
                with_suppressed_kill(pid)
        for place in reversed(self.mounted):
            # some have a second one over the first, and one on the same disk is only seen in this list
            for _mount in range(Path("/proc/self/mounts").read_text().count(f" {place} ")):
                subprocess.run(["umount", "--lazy", str(place)], check=True)
        shutil.rmtree(self.directory)


def tarred(files: Mapping[str, bytes], *more: tarfile.TarInfo) -> bytes:
    """Return a tar.gz with these files, always the same for the same files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:xz") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        for info in more:
            tar.addfile(info)
    return packed.getvalue()


def belonging(directory: Path) -> list[int]:
    """Live processes that were started for this case: its directory stands in their words."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes()
            dead = (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except OSError:
            continue
        if str(directory).encode() in words and not dead:
            found.append(int(entry.name))
    return found


def with_suppressed_kill(pid: int) -> None:
    """End a process, if it is still there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    time.sleep(0.01)


def until(true: Any, otherwise: str, seconds: float = 10.0) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.01)
