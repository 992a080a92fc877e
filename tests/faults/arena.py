"""Where a case takes place: a fake App Runner, one service in it, a ledger of its own, and runs that can be killed."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from lab.fakes.apprunner.control import Control, ControlError, RunningFake
from tests.faults.observer import Observer
from tools.treehash import ROOT

SERVICE, REPOSITORY, OBJECT = "shop-api", "shop/api", "shop/lab/api"
REGISTRY = "000000000000.dkr.ecr.us-east-1.amazonaws.com"
COLLECTIONS = ROOT / ".ansible" / "collections"
SCALE = 600.0
RUN_SECONDS = 60.0
KEY = "canary-of-the-fault-suite"
GOOD = {"1.0.0": "ok", "1.1.0": "ok", "1.2.0": "ok"}


class Driver:
    """The process that runs the side under test, from one copy of the collection."""

    def __init__(self, endpoint: str, collections: Path = COLLECTIONS) -> None:
        path = os.pathsep.join([str(collections), str(ROOT)])
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.driver", endpoint],
            cwd=collections,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._buffer = b""
        self._ended: dict[int, int] = {}
        self._read(60)

    def start(self, job: dict[str, Any]) -> int:
        """Begin a job; return the id of its process."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job).encode() + b"\n")
        self._process.stdin.flush()
        while "status" in (said := self._read(20)):
            self._ended[said["pid"]] = said["status"]
        # an id that an earlier run had may come again
        self._ended.pop(said["pid"], None)
        return int(said["pid"])

    def ended(self, pid: int, seconds: float = RUN_SECONDS) -> bool:
        """Wait until that process has ended."""
        deadline = time.monotonic() + seconds
        while pid not in self._ended and time.monotonic() < deadline:
            said = self._read(max(0.0, deadline - time.monotonic()), patient=True)
            if said:
                self._ended[said["pid"]] = said["status"]
        return pid in self._ended

    def close(self) -> None:
        """End the process."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(10)

    def _read(self, seconds: float, patient: bool = False) -> dict[str, Any]:
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        deadline = time.monotonic() + seconds
        while b"\n" not in self._buffer:
            ready, _rest, _rest = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                if patient:
                    return {}
                raise TimeoutError("the driver does not answer")
            more = os.read(descriptor, 65536)
            if not more:
                raise RuntimeError("the driver ended")
            self._buffer += more
        line, _rest, self._buffer = self._buffer.partition(b"\n")
        return dict(json.loads(line))


@dataclass
class Running:
    """A run that was started and may still be going on."""

    arena: Arena
    pid: int
    page: Path
    run_dir: Path

    def wait(self, seconds: float = RUN_SECONDS) -> dict[str, Any] | None:
        """Wait for the end; return the result, None when the run died without one."""
        if not self.arena.driver.ended(self.pid, seconds):
            self.kill()
            raise TimeoutError(f"the run did not end within {seconds:g} s")
        if not self.page.exists():
            return None
        self.arena.answer = json.loads(self.page.read_text(encoding="utf-8"))
        return dict(self.arena.answer["result"])

    def kill(self) -> None:
        """End it without warning."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.arena.driver.ended(self.pid)

    def stop_lease(self) -> None:
        """What the keeper does when the run is gone: the module may start no further step."""
        for page in self.run_dir.glob("lease-*.json"):
            page.write_text(json.dumps({"deadline": 0, "stop": True}), encoding="utf-8")

    def remove_deadline(self) -> None:
        """The run directory was cleaned away."""
        for page in self.run_dir.glob("lease-*.json"):
            page.unlink()


@dataclass
class Arena:
    """One case's world."""

    fake: RunningFake
    driver: Driver
    directory: Path
    runs: int = 0
    probe: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    _gateway: ThreadingHTTPServer | None = None

    def __post_init__(self) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(mode=0o700, parents=True)
        self.control.settings(durations={}, scale=SCALE)
        self.control.reset()
        for version, behaviour in GOOD.items():
            self.push(version, behaviour)
        self.run("initialise")

    @property
    def control(self) -> Control:
        """The fake's control API."""
        return self.fake.control

    @property
    def ledger(self) -> Path:
        """The ledger's directory."""
        return self.directory / "ledger"

    @property
    def observer(self) -> Observer:
        """The outside observer."""
        return Observer(self.control, SERVICE, self.ledger, "api")

    def push(self, version: str, behaviour: Any, tag: str = "", **settings: Any) -> str:
        """Push a release under its version as tag; return its digest."""
        return self.control.put_image(REPOSITORY, tag or version, version, behaviour, **settings)

    def digest(self, version: str) -> str:
        """The digest that a tag means now."""
        store = self.control.call("GET", "/_lab/images")[REPOSITORY]
        return str(store["tags"][version])

    def serve(self, version: str = "1.0.0", **settings: Any) -> None:
        """A service that runs at once, made by somebody else."""
        settings.setdefault("auto_deployments", False)
        truth = self.control.create_service(SERVICE, f"{REPOSITORY}:{version}", **settings)
        self.probe = probe_of(truth["url"])

    def adopted(self, version: str = "1.0.0", **settings: Any) -> None:
        """A service that the ledger knows."""
        self.serve(version, **settings)
        self._must(self.conduct(state="adopted"))

    def deployed(self, *versions: str) -> None:
        """Deploy these, one after the other, over the adopted 1.0.0."""
        self.adopted()
        for version in versions:
            self._must(self.conduct(release=version))

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
                **job,
            }
        )
        return Running(self, pid, page, run_dir)

    def run(self, do: str = "conduct", **given: Any) -> dict[str, Any] | None:
        """Start a run and wait for its end."""
        return self.begin(do, **given).wait()

    def conduct(self, **given: Any) -> dict[str, Any]:
        """Run to the end; it must not die."""
        result = self.run(**given)
        assert result is not None, "the run died"
        return result

    def module_options(self, **given: Any) -> dict[str, Any]:
        """The module's options as an inventory of this lab would give them."""
        return {
            "service": SERVICE,
            "image_repository": f"{REGISTRY}/{REPOSITORY}",
            "probe": self.probe or probe_of("http://127.0.0.1:9"),
            "region": "us-east-1",
            "access_key": KEY,
            "secret_key": KEY,
            "endpoint_url": self.fake.endpoint,
            "poll_seconds": 0.1,
            "settle_seconds": 1.0,
            "switch_timeout_seconds": 20.0,
            **self.options,
            **given,
        }

    def gateway(self) -> str:
        """A URL that leads to the service, whenever it comes to be: an address that does not depend on its port."""
        control = self.control

        class Forward(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                try:
                    url = control.truth(SERVICE)["url"]
                    with urllib.request.urlopen(url + self.path, timeout=5) as answer:
                        status, body = answer.status, answer.read()
                except (ControlError, OSError):
                    status, body = 503, b""
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._gateway = ThreadingHTTPServer(("127.0.0.1", 0), Forward)
        threading.Thread(target=self._gateway.serve_forever, args=(0.05,), daemon=True).start()
        return f"http://127.0.0.1:{self._gateway.server_port}"

    def close(self) -> None:
        """End what this case started."""
        if self._gateway:
            self._gateway.shutdown()
            self._gateway.server_close()

    def fault_is_taken(self, seconds: float = 20) -> None:
        """Wait until no fault is pending: the request that it waited for has come."""
        deadline = time.monotonic() + seconds
        while self.control.call("GET", "/_lab/faults")["pending"]:
            assert time.monotonic() < deadline, "no request met the fault"
            time.sleep(0.02)

    def operation_ended(self, version: str, seconds: float = 20) -> None:
        """Wait until the newest operation has ended and that version is behind the front."""
        deadline = time.monotonic() + seconds
        while True:
            truth = self.control.truth(SERVICE)
            if truth["serving_version"] == version and truth["operations"][0]["phase"] == "ended":
                return
            assert time.monotonic() < deadline, f"{version} never served: {truth['operations'][0]}"
            time.sleep(0.02)

    @staticmethod
    def _must(result: dict[str, Any]) -> None:
        assert not result.get("failed"), result


def probe_of(url: str, **changed: Any) -> dict[str, Any]:
    """The probe of the sample application."""
    return {
        "url": f"{url}/api/health/healthz",
        "json": {"status": "Healthy"},
        "version": {"json": "version", "equals": "release"},
        "also": [{"url": "/api/health/readyz", "json": {"status": "Ready"}}],
        "consecutive": 2,
        "interval_seconds": 0.05,
        "timeout_seconds": 2.0,
        "deadline_seconds": 1.5,
        "stability_seconds": 0.5,
        **changed,
    }
