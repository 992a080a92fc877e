# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes of the sample application, one behind each service (two during a switch)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]


class AppProcess:
    """One running release. Its standard output goes line by line to `on_line`; it ends when the fake ends, because its
    standard input is a pipe from the fake.
    """

    def __init__(self, digest: str, release: dict[str, Any], environment: dict[str, str], directory: Path) -> None:
        self.digest = digest
        self.version = str(release.get("version", ""))
        self._port_file = Path(tempfile.mkstemp(prefix="port-", dir=directory)[1])
        self._settings_file = self._port_file.with_name(self._port_file.name.replace("port-", "settings-"))
        settings = {**release, "digest": digest, "port": 0, "port_file": str(self._port_file)}
        with open(os.open(self._settings_file, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            json.dump(settings, file)
        # Without a driver to import, skipping `site` halves the start-up time.
        bare = [] if release.get("database") or release.get("storage") else ["-S"]
        base = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
        self._process = subprocess.Popen(
            [sys.executable, *bare, "-m", "lab.app", "--settings", str(self._settings_file), "--exit-with-parent"],
            env={**environment, **base},
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.pid = self._process.pid
        self.started = time.monotonic()

    def follow(self, on_line: Callable[[str], None], on_end: Callable[[AppProcess], None]) -> None:
        """Hand each line of output to `on_line`, and its end to `on_end`, from a thread of its own."""
        threading.Thread(target=self._pump, args=(on_line, on_end), daemon=True).start()

    def _pump(self, on_line: Callable[[str], None], on_end: Callable[[AppProcess], None]) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            on_line(line.decode("utf-8", "replace").rstrip("\n"))
        self._process.wait()
        on_end(self)

    @property
    def port(self) -> int | None:
        """The port it listens on; None while it does not listen yet."""
        try:
            return int(self._port_file.read_text(encoding="utf-8") or 0) or None
        except FileNotFoundError:
            return None

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.poll()

    def wait_listening(self, seconds: float) -> None:
        """Wait until it listens or has ended, but no longer than `seconds`."""
        deadline = time.monotonic() + seconds
        while self.port is None and self.exit_code is None and time.monotonic() < deadline:
            time.sleep(0.02)

    def stop(self, grace: float = 2.0) -> None:
        """End it: SIGTERM, then SIGKILL after `grace` seconds; removes its files."""
        self._process.terminate()
        try:
            self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
        self._port_file.unlink(missing_ok=True)
        self._settings_file.unlink(missing_ok=True)


class Processes:
    """Who runs behind which service, by the service's ARN."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._serving: dict[str, AppProcess] = {}
        self._lock = threading.Lock()
        directory.mkdir(mode=0o700, exist_ok=True)
        for left in directory.iterdir():
            left.unlink()

    def launch(self, digest: str, release: dict[str, Any], environment: dict[str, str]) -> AppProcess:
        """Start one release; it serves nothing until `switch`."""
        return AppProcess(digest, release, environment, self._directory)

    def serving(self, arn: str) -> AppProcess | None:
        """The process behind a service."""
        return self._serving.get(arn)

    def switch(self, arn: str, process: AppProcess | None) -> AppProcess | None:
        """Put a process (or nothing) behind a service; returns the one that served before, still running."""
        with self._lock:
            before = self._serving.pop(arn, None)
            if process is not None:
                self._serving[arn] = process
            return before

    def stop_all(self) -> None:
        """End every serving process."""
        for arn in list(self._serving):
            before = self.switch(arn, None)
            if before:
                before.stop(grace=0.5)
