"""The outside observer: what really answers, what the platform was asked, what the ledger's files say.

It shares no code with plugins/: its own HTTP, its own reading of the ledger's JSON, the fake's request log and truth.
"""

from __future__ import annotations

import hashlib
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.fakes.apprunner.control import Control

SAMPLES = 3


@dataclass(frozen=True)
class Seen:
    """What serves: which version answers at the front (empty: none, or not always the same), whether it answers as its
    contract says, and the digest of the process behind the front.
    """

    version: str
    good: bool
    digest: str
    configured: str
    status: str
    environment: tuple[str, ...] = ()
    instance: tuple[str, ...] = ()


class Observer:
    """Looks at one service and one ledger from outside."""

    def __init__(self, control: Control, service: str, ledger: Path, component: str) -> None:
        self._control = control
        self._service = service
        self._ledger = ledger
        self._component = component

    def look(self) -> Seen:
        """Ask the front several times, and the fake for the truth."""
        names = {row["name"] for row in self._control.services() if row["status"] != "DELETED"}
        if self._service not in names:
            return Seen("", False, "", "", "absent")
        truth = self._control.truth(self._service)
        answers = []
        for _number in range(SAMPLES):
            answers.append(self._ask(truth["url"]))
            time.sleep(0.02)
        version, good = answers[-1]
        steady = all(answer == answers[0] for answer in answers)
        return Seen(
            version if steady else "",
            steady and good,
            truth["serving_digest"],
            truth["configured_image"],
            truth["status"],
            tuple(truth["environment_names"]),
            tuple(str(value) for _key, value in sorted(truth["instance"].items())),
        )

    def sent(self, since: int = 0) -> list[dict[str, Any]]:
        """Mutating requests that came over the API (not those of the other tool), accepted or not."""
        rows = self._control.requests(since=since, mutating=True)
        return [row for row in rows if row["origin"] == "api"]

    def request_count(self) -> int:
        """How many requests there were until now."""
        return len(self._control.requests())

    def records(self) -> list[dict[str, Any]]:
        """The records of the releases chain, oldest first; raises ValueError when the chain does not hold."""
        found: list[dict[str, Any]] = []
        previous = ""
        for page in sorted((self._ledger / "releases" / "entries").glob("[0-9]*")):
            data = page.read_bytes()
            entry = json.loads(data)
            if entry["previous"] != previous:
                raise ValueError(f"{page.name} does not follow the entry before it")
            previous = "sha256:" + hashlib.sha256(data).hexdigest()
            found += entry["records"]
        return found

    def intent_is_open(self) -> bool:
        """Whether the last intent of the component is open."""
        intents = [
            record
            for record in self.records()
            if record["kind"] == "intent" and self._component in record.get("components", {})
        ]
        return bool(intents) and intents[-1]["state"] == "open"

    def last_served(self) -> str:
        """The release id that the ledger knows as last served; empty when it knows none."""
        served = [record["release"] for record in self.records() if record["kind"] == "served"]
        return served[-1] if served else ""

    def verdict(self, digest: str) -> str:
        """The last verdict on a release; empty when there is none."""
        id = digest.removeprefix("sha256:")[:12]
        words = [r["verdict"] for r in self.records() if r["kind"] == "verdict" and r["release"] == id]
        return words[-1] if words else ""

    def append_foreign(self, records: list[dict[str, Any]]) -> None:
        """Append an entry as a later version of the tool would: chain whole, words unknown."""
        folder = self._ledger / "releases" / "entries"
        last = sorted(folder.glob("[0-9]*"))[-1]
        data = last.read_bytes()
        number = json.loads(data)["sequence"] + 1
        entry = {
            "sequence": number,
            "previous": "sha256:" + hashlib.sha256(data).hexdigest(),
            "at": "2030-01-01T00:00:00Z",
            "records": records,
        }
        text = json.dumps(entry, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        (folder / f"{number:012d}").write_text(text, encoding="utf-8")

    @staticmethod
    def _ask(url: str) -> tuple[str, bool]:
        status, health = _get(f"{url}/api/health/healthz")
        ready_status, ready = _get(f"{url}/api/health/readyz")
        good = status == 200 and health.get("status") == "Healthy"
        return str(health.get("version", "")), good and ready_status == 200 and ready.get("status") == "Ready"


def _get(url: str) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:
            status, body = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, body = error.code, error.read()
    except OSError:
        return 0, {}
    try:
        value = json.loads(body)
    except ValueError:
        return status, {}
    return status, value if isinstance(value, dict) else {}
