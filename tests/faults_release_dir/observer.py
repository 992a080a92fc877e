"""The outside observer of a machine: what the port answers, which process listens on it and where, what the link is.

It shares no code with plugins/. The ledger's files are read as tests/faults/observer.py reads them.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.faults.observer import SAMPLES, Observer, Seen


class MachineObserver(Observer):
    """Looks at one component on this machine.

    :param known: by the SHA-256 of a release's settings file, the digest of its artefact.
    """

    def __init__(self, base: Path, port: int, calls: Path, ledger: Path, known: Mapping[str, str]) -> None:
        self._base, self._port, self._calls = base, port, calls
        self._ledger, self._component, self._known = ledger, "api", known

    def look(self) -> Seen:
        """Ask the port several times, the kernel who listens there, and the disk where the link leads."""
        answers = []
        for _number in range(SAMPLES):
            answers.append((*self._asked(), self.listening()))
            time.sleep(0.02)
        version, good, digest = answers[-1]
        steady = all(answer == answers[0] for answer in answers)
        return Seen(version if steady else "", steady and good, digest, self.linked(), self.link_kind())

    def listening(self) -> str:
        """The digest of the release in whose directory the process that listens lies; empty when it lies in none."""
        for pid in listeners(self._port):
            if digest := self._digest(Path(f"/proc/{pid}/cwd")):
                return digest
        return ""

    def linked(self) -> str:
        """The digest of the release that the link leads to."""
        return self._digest(self._base / "current")

    def link_kind(self) -> str:
        """What stands where the link should be."""
        try:
            mode = (self._base / "current").lstat().st_mode
        except OSError:
            return "absent"
        return "link" if stat.S_ISLNK(mode) else "directory" if stat.S_ISDIR(mode) else "file"

    def sent(self, since: int = 0) -> list[dict[str, Any]]:
        """What the supervisor was told; only a start or reload that it took counts as accepted."""
        rows = [json.loads(line) for line in self._lines()[since:]]
        return [
            {
                "operation": f"{row['verb']} {row['version']}",
                "accepted": row["rc"] == 0 and row["verb"] in ("start", "reload"),
                "fault": "",
            }
            for row in rows
            if row["verb"] != "status"
        ]

    def request_count(self) -> int:
        """How many calls of the supervisor there were until now."""
        return len(self._lines())

    def leftovers(self) -> list[str]:
        """Half-made things beside the releases and the link."""
        places = [place for place in (self._base, self._base / "releases") if place.is_dir()]
        found = [name for place in places for name in os.listdir(place)]
        return [name for name in found if "partial-" in name or "removed-" in name or name.startswith("current.")]

    def _digest(self, place: Path) -> str:
        try:
            return self._known.get(hashlib.sha256((place / "settings.json").read_bytes()).hexdigest(), "")
        except OSError:
            return ""

    def _lines(self) -> list[str]:
        try:
            return self._calls.read_text().splitlines()
        except FileNotFoundError:
            return []

    def _asked(self) -> tuple[str, bool]:
        bodies = []
        for path in ("/health", "/ready"):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self._port}{path}", timeout=2) as answer:
                    body = json.loads(answer.read())
                    bodies.append(body if answer.url.endswith(path) and isinstance(body, dict) else {})
            except (OSError, ValueError, urllib.error.HTTPError):
                bodies.append({})
        health, ready = bodies
        return str(health.get("version", "")), health.get("status") == "ok" and ready.get("status") == "ready"


def listeners(port: int) -> list[int]:
    """The processes that listen on a port of this machine."""
    wanted = f":{port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(wanted) and row[3] == "0A"}
    found = []
    for entry in Path("/proc").iterdir() if sockets else ():
        if not entry.name.isdigit():
            continue
        try:
            if any(os.readlink(item.path) in sockets for item in os.scandir(entry / "fd")):
                found.append(int(entry.name))
        except OSError:
            continue
    return found
