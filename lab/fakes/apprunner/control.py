# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client of the control API, and a way to run the fake from a test."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 20.0


class ControlError(Exception):
    """The control API refused; the message is its sentence."""


class Control:
    """Calls of the control API, by name."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One call, e.g. `call("POST", "/_lab/hold", {...})`; raises ControlError."""
        request = urllib.request.Request(
            self.endpoint + path,
            data=json.dumps(body or {}).encode(),
            headers={"Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise ControlError(json.load(error).get("message", str(error))) from error

    def put_image(self, repository: str, tag: str, version: str, behaviour: Any = "ok", **settings: Any) -> str:
        """Push a release (further `settings`: see lab/app/settings.py and images.py); returns its digest."""
        body = {"repository": repository, "tag": tag, "version": version, "behaviour": behaviour, **settings}
        return str(self.call("POST", "/_lab/images", body)["digest"])

    def tag_image(self, repository: str, tag: str, digest: str) -> None:
        """Point a tag at an image that is there."""
        self.call("POST", "/_lab/images", {"repository": repository, "tag": tag, "digest": digest})

    def delete_image(self, repository: str, tag: str = "", digest: str = "") -> None:
        """Delete an image, by tag or digest, with all its tags."""
        self.call("DELETE", "/_lab/images", {"repository": repository, "tag": tag, "digest": digest})

    def create_service(self, name: str, image: str, **settings: Any) -> dict[str, Any]:
        """A service that runs at once: `port`, `environment`, `secrets`, `instance`, `health_check`, `tags`,
        `auto_deployments`; returns its truth.
        """
        return dict(self.call("POST", "/_lab/services", {"name": name, "image": image, **settings}))

    def outside(self, service: str, **change: Any) -> str:
        """Another's change: `image`, `environment`, `auto_deployments`, or `action`; returns its operation's id."""
        return str(self.call("POST", "/_lab/outside", {"service": service, **change})["operation_id"])

    def fault(self, call: str, kind: str, **options: Any) -> None:
        """Queue a fault (see faults.py)."""
        self.call("POST", "/_lab/faults", {"call": call, "kind": kind, **options})

    def clear_faults(self) -> None:
        """Forget the faults that were not taken yet."""
        self.call("DELETE", "/_lab/faults")

    def hold(self, service: str, phase: str = "provision") -> None:
        """Hold the running or next operation in a phase: accept, pull, provision, health, routing, end, unhealthy,
        rollback, pause, resume, delete. In `end` the new version serves already.
        """
        self.call("POST", "/_lab/hold", {"service": service, "phase": phase})

    def release(self, service: str) -> None:
        """Let a held or stuck operation go on."""
        self.call("POST", "/_lab/release", {"service": service})

    def settings(self, **changed: Any) -> None:
        """Change `scale`, `durations`, `secrets`, `restart_seconds` (see lab_api.py)."""
        self.call("POST", "/_lab/settings", changed)

    def requests(self, since: int = 0, mutating: bool | None = None, target: str | None = None) -> list[dict[str, Any]]:
        """The request log (see request_log.py), from number `since` on, optionally only some of it."""
        rows = self.call("GET", f"/_lab/requests?since={since}")
        rows = [row for row in rows if mutating in (None, row["mutating"])]
        return [row for row in rows if target in (None, row["target"])]

    def truth(self, service: str) -> dict[str, Any]:
        """What is really so (see lab_api.py)."""
        return dict(self.call("GET", f"/_lab/services/{service}"))

    def services(self) -> list[dict[str, Any]]:
        """The truth about every service, deleted ones included."""
        return list(self.call("GET", "/_lab/services"))

    def wait(self, service: str, seconds: float = 30) -> dict[str, Any]:
        """Wait until no operation runs; returns the truth, raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while True:
            truth = self.truth(service)
            if truth["status"] != "OPERATION_IN_PROGRESS":
                return truth
            if time.monotonic() > deadline:
                raise TimeoutError(f"{service} is still busy: {truth['operations'][0]}")
            time.sleep(0.03)

    def wait_phase(self, service: str, phase: str, seconds: float = 30) -> dict[str, Any]:
        """Wait until the newest operation is in a phase (or ended, with `ended`); returns the truth."""
        deadline = time.monotonic() + seconds
        while (truth := self.truth(service))["operations"][0]["phase"] != phase:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{service} does not reach {phase}: {truth['operations'][0]}")
            time.sleep(0.02)
        return truth

    def broken(self) -> list[str]:
        """What the fake's own answers broke in the model; anything here is a bug of the fake."""
        return list(self.call("GET", "/_lab/health")["broken"])

    def reset(self, keep_images: bool = False) -> None:
        """Back to an empty account."""
        self.call("POST", "/_lab/reset", {"keep_images": keep_images})


class RunningFake:
    """A fake in a process of its own; a context manager. `kill()` is kill -9, `start()` brings it back."""

    def __init__(self, state_dir: Path, scale: float, port: int = 0, region: str = "us-east-1") -> None:
        self.state_dir = state_dir
        self._arguments = [
            "--state-dir",
            str(state_dir),
            "--scale",
            str(scale),
            "--port",
            str(port),
            "--region",
            region,
        ]
        self._process: subprocess.Popen[bytes] | None = None
        self.endpoint = ""
        self.control = Control("")

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> RunningFake:
        """Launch and wait until it answers."""
        announced = self.state_dir / "endpoint.json"
        arguments = [sys.executable, "-m", "lab.fakes.apprunner", *self._arguments, "--exit-with-parent"]
        self._process = subprocess.Popen(arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"the fake ended at its start with code {self._process.returncode}")
            if announced.exists() and json.loads(announced.read_text(encoding="utf-8"))["pid"] == self._process.pid:
                self.endpoint = json.loads(announced.read_text(encoding="utf-8"))["endpoint"]
                self.control = Control(self.endpoint)
                return self
            time.sleep(0.02)
        raise TimeoutError("the fake does not answer")

    def kill(self) -> None:
        """End it without warning."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it in good order."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(10)
        if self._process and self._process.stdin:
            self._process.stdin.close()

    def __enter__(self) -> RunningFake:
        return self if self.endpoint else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(state_dir: Path | str, scale: float, port: int = 0, region: str = "us-east-1") -> RunningFake:
    """Start a fake; use it as `with start(...) as fake: fake.endpoint, fake.control`."""
    return RunningFake(Path(state_dir), scale, port, region).start()
