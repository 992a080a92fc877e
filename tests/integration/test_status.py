"""status.yml over real runs: several ledgers, one screen, numbers and a real HTTP sink for the heartbeat."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import initialise, open_ledger
from tests.integration.toy import SWITCH, Seen, World
from tests.unit.plugins.plugin_utils._status.status_world import parse


class Sink(http.server.BaseHTTPRequestHandler):
    """Counts who asks."""

    asked: list[str]

    def do_GET(self) -> None:
        """Answer."""
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.initialise()
    yield made
    made.kill_all()


@pytest.fixture
def sink() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Sink,), {"asked": asked}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/canary-5ec2e7", asked
    server.shutdown()
    server.server_close()


def status(world: World, *args: str, **more: str) -> Seen:
    return world.tool(*args, name="status", **more)


def test_all_systems_are_on_one_screen_and_the_worst_is_first(world: World, sink: tuple[str, list[str]]) -> None:
    assert world.run(*SWITCH).code == 0
    others = [initialise(f"file://{world.base}/{name}", name, "production")[0] for name in ("one", "two", "three")]
    change = {"kind": "intent", "run": "01", "runbook": "deploy", "components": {"web": {}}, "state": "open"}
    others[1].releases.append([change])
    urls = [f"file://{world.ledger}", *(ledger.url for ledger in others), f"file://{world.base}/gone"]
    url, asked = sink
    path = world.base / "steady.prom"
    seen = status(
        world,
        *("-e", f"status_ledgers={','.join(urls)}", "-e", f"status_textfile={path}"),
        *("-e", "status_heartbeat_url_env=BEAT"),
        BEAT=url,
    )
    assert seen.code == 2, seen
    lines = seen.text.splitlines()
    first = next(number for number, line in enumerate(lines) if "| status: show" in line)
    last = next(number for number, line in enumerate(lines) if "5 systems: 1 critical, 2 unknown, 2 ok" in line)
    shown = lines[first + 1 : last + 1]
    assert len(shown) <= 38 and max(map(len, shown)) <= 80, seen
    assert shown[0].startswith("  CRITICAL two/production") and "unfinished: deploy of web (run 01)" in seen.text, seen
    assert "there is no ledger" in seen.text, seen
    assert "The status is red (status_fail_on=critical)" in seen.text, seen
    assert asked == ["/canary-5ec2e7"] and "canary" not in seen.text
    found = parse(path.read_text())
    readable = {dict(labels)["ledger"]: value for (name, labels), value in found.items() if name.endswith("_readable")}
    assert readable == {**dict.fromkeys(urls, 1.0), urls[-1]: 0.0}
    assert "canary" not in path.read_text() and all(b"canary" not in data for data in world.files().values())
    assert world.records("journal")[-1]["runbook"] == "status"


def test_one_system_that_is_well_is_green_and_one_without_a_ledger_is_told(world: World) -> None:
    seen = status(world)
    assert seen.code == 0 and "OK       toy/lab  nothing is recorded" in seen.text, seen
    assert "unknown: backup age and RPO, last restore proof, certificate days" in seen.text, seen
    ledger = open_ledger(f"file://{world.ledger}", "toy", "lab")
    assert ledger.journal.events()[-1]["status"] == "1 system: 1 ok"
    (world.ledger / "identity").unlink()
    gone = status(world, "-e", "status_fail_on=never")
    assert gone.code == 0 and "unknown: there is no ledger" in gone.text, gone
