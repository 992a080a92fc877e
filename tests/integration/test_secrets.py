"""Canary values appear nowhere: not in output at -vvv, results, diffs, ledger, argv, or files that others can read."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.fakes.apprunner.control import start
from tests.integration.stage import REPOSITORY, ROOT, Stage

CANARY = "canary-7f3a9c"
IN_ENVIRONMENT = f"{CANARY}-environment value; with 'quotes' \"and\" ü"
IN_STANDING_ENVIRONMENT = f"{CANARY}-stands-already"
IN_SECRET_KEY = f"{CANARY}-secret-key"
IN_TOKEN = f"{CANARY}-bearer-token"
IN_LOG_URL = f"postgres://app:{CANARY}-in-the-log@db/shop"


class Watcher(threading.Thread):
    """Looks at every process's arguments and at new files while a run goes on, as another user could."""

    def __init__(self, places: list[Path]) -> None:
        super().__init__(daemon=True)
        self.places = places
        self.seen: set[str] = set()
        self.readings = 0
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.is_set():
            self.look_at_arguments()
            self.look_at_files()
            self.readings += 1
            time.sleep(0.05)

    def look_at_arguments(self) -> None:
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if CANARY.encode() in (process / "cmdline").read_bytes():
                    self.seen.add(f"argv of {process.name}")
            except OSError:
                continue

    def look_at_files(self) -> None:
        for place in self.places:
            for folder, folders, files in os.walk(place, onerror=lambda _error: None):
                # what lies in a directory that others may not enter cannot be read by them
                folders[:] = [name for name in folders if _open_to_others(Path(folder, name))]
                for name in files:
                    self.look_at(Path(folder, name))

    def look_at(self, page: Path) -> None:
        try:
            if _open_to_others(page) and CANARY.encode() in page.read_bytes():
                self.seen.add(str(page))
        except OSError:
            return


def _open_to_others(path: Path) -> bool:
    try:
        return bool(path.lstat().st_mode & (stat.S_IROTH | stat.S_IXOTH))
    except OSError:
        return False


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with start(tmp_path / "fake", 600) as fake:
        opened = Stage(tmp_path / "run", fake.control, fake.endpoint)
        opened.home.mkdir()
        opened.open(environment={"STANDING": IN_STANDING_ENVIRONMENT})
        opened.control.put_image(REPOSITORY, "8.0.0", "8.0.0", {"kind": "not_ready"}, log_url=IN_LOG_URL)
        opened.write_inventory(
            {
                "component_options": {"environment": {"API_PASSWORD": IN_ENVIRONMENT}},
                "component_probe": {"bearer_token": IN_TOKEN},
                "aws_connection": {
                    "region": "us-east-1",
                    "endpoint_url": fake.endpoint,
                    "access_key": "AKIATESTTESTTESTTEST",
                    "secret_key": IN_SECRET_KEY,
                },
            }
        )
        yield opened


def test_canaries_appear_nowhere(stage: Stage) -> None:
    watcher = Watcher([ROOT / ".ansible", Path.home() / ".ansible", stage.home / "ledger"])
    watcher.start()
    outputs = [
        stage.play("deploy", verbosity=3, deploy_action="adopt").output,
        stage.play("deploy", verbosity=3, check=True, deploy_release="2.0.0").output,
        stage.play("deploy", verbosity=3, deploy_release="2.0.0").output,
        stage.play("deploy", verbosity=3, deploy_release="8.0.0").output,
        stage.play("rollback", verbosity=3).output,
        stage.play("deploy", verbosity=3, deploy_release="no-such-release").output,
    ]
    watcher.ended.set()
    watcher.join()
    assert watcher.readings > 20, "the watcher has to have looked"
    assert not watcher.seen
    for output in outputs:
        assert "shop/lab" in output
        assert CANARY not in output
    for page in sorted((stage.home / "ledger").rglob("*")):
        if page.is_file():
            assert CANARY not in page.read_text(errors="replace"), page
    artefacts = [page for page in (stage.home / "artifacts").rglob("*") if page.is_file()]
    assert artefacts
    leaking = [page for page in artefacts if CANARY in page.read_text(errors="replace")]
    assert not leaking


def test_the_watcher_sees_what_it_looks_for(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "open").write_text(IN_ENVIRONMENT)
    (tmp_path / "closed").write_text(IN_ENVIRONMENT)
    (tmp_path / "closed").chmod(0o600)
    (tmp_path / "open").chmod(0o644)
    watcher = Watcher([tmp_path])
    watcher.look_at_files()
    assert watcher.seen == {str(tmp_path / "open")}
