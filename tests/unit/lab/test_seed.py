"""The seed of a new lab: which playbooks run, once, at which speed, and what is said when one fails."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lab import seed as seeding
from lab.errors import LabError
from lab.lifecycle import DEAD, UP
from lab.parts import Lab
from lab.place import Place

API = "app_smartunderwrite_api"
PARTS = (API, *seeding.SANVI)


class Scene:
    """A lab whose service is up, where playbooks are only written down."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        checkout = folder / "a checkout"
        (checkout / "playbooks").mkdir(parents=True)
        (checkout / "playbooks" / "deploy.yml").touch()
        self.place = Place(checkout)
        self.place.create()
        self.said: list[str] = []
        self.lab = Lab(
            place=self.place,
            scale=20,
            say=self.said.append,
            rows=100,
            rows_asked=False,
            facts={name: {"state": UP} for name in PARTS},
        )
        self.place.write_status({"parts": self.lab.facts})
        self.scales: list[float] = []
        self.calls: list[dict[str, Any]] = []
        self.fails_at = ""
        programs = folder / "bin"
        programs.mkdir()
        (programs / "ansible-playbook").touch()
        self.program = programs / "ansible-playbook"
        monkeypatch.setattr(sys, "executable", str(programs / "python"))
        monkeypatch.setattr(seeding.AppRunner, "set_scale", lambda _self, _lab, scale: self.scales.append(scale))
        monkeypatch.setattr(subprocess, "run", self._run)

    def _run(self, argv: list[str], **settings: Any) -> Any:
        self.calls.append({"argv": argv, **settings})
        failed = bool(self.fails_at) and self.fails_at in argv
        return SimpleNamespace(returncode=2 if failed else 0, stdout="a line\nwhy it failed\n" if failed else "well\n")

    def seeded(self) -> list[str]:
        return list((self.place.read_status() or {}).get("seeded", []))

    def words(self) -> list[str]:
        return [" ".join(call["argv"][1:]) for call in self.calls]

    def log(self) -> str:
        return (self.place.logs / "seed.log").read_text()


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    (tmp_path / "base").mkdir()
    monkeypatch.setenv("STEADY_LAB_BASE", str(tmp_path / "base"))
    # the state must be reached by short paths, which pytest's own are not
    monkeypatch.setattr(Place, "create", _create)
    return Scene(tmp_path, monkeypatch)


def _create(self: Place) -> None:
    for folder in (self.logs, self.records):
        folder.mkdir(parents=True)
    self.link.symlink_to(self.state)


ALL = [step.sentence for step in seeding.STEPS]


def test_every_ledger_is_begun_and_two_releases_are_verified(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEADY_LAB", "/another/lab")
    seeding.seed(scene.lab)
    ledgers = [
        f"-i inventories/{name}/lab.yml playbooks/ledger.yml -e ledger_action=initialise" for name in seeding.SYSTEMS
    ]
    api, sanvi = (f"-i inventories/{name}/lab.yml playbooks/deploy.yml -e" for name in ("smartunderwrite", "sanvi"))
    assert scene.words() == [
        *ledgers,
        f"{api} deploy_action=adopt",
        f"{api} deploy_release=1.1.0",
        f"{sanvi} deploy_action=adopt",
        f"{sanvi} deploy_release=1.7.0",
    ]
    assert all(call["argv"][0] == str(scene.program) and call["cwd"] == scene.place.checkout for call in scene.calls)
    assert all("STEADY_LAB" not in call["env"] and call["stdin"] == subprocess.DEVNULL for call in scene.calls)
    assert scene.scales == [seeding.SEED_SCALE, 20], "the lab's own speed returns"
    assert len(scene.said) == len(scene.calls) and scene.said[-1].startswith("  seed: deploy sanvi's release 1.7.0 (")
    assert scene.log().count("well") == len(scene.calls)
    assert stat.S_IMODE((scene.place.logs / "seed.log").stat().st_mode) == 0o600
    assert json.loads(scene.place.status_file.read_text())["seeded"] == ALL


def test_every_system_with_a_lab_is_seeded() -> None:
    root = Path(__file__).resolve().parents[3]
    assert {path.parent.name for path in (root / "inventories").glob("*/lab.yml")} == set(seeding.SYSTEMS)


def test_a_seeded_lab_is_not_seeded_again(scene: Scene) -> None:
    seeding.seed(scene.lab)
    done = len(scene.calls)
    seeding.seed(scene.lab)
    assert len(scene.calls) == done


def test_a_system_whose_parts_are_not_up_is_seeded_when_they_are(scene: Scene) -> None:
    whole = scene.lab.facts
    scene.lab.facts = {API: {"state": UP}}
    seeding.seed(scene.lab)
    assert scene.seeded() == ALL[:-2]
    scene.lab.facts = whole
    seeding.seed(scene.lab)
    assert scene.seeded() == ALL and len(scene.calls) == len(ALL)


@pytest.mark.parametrize("state", [DEAD, None])
def test_nothing_is_seeded_while_the_service_is_not_up(scene: Scene, state: str | None) -> None:
    scene.lab.facts = {**{name: {"state": UP} for name in seeding.SANVI}, **({API: {"state": state}} if state else {})}
    seeding.seed(scene.lab)
    assert (scene.calls, scene.scales) == ([], [])
    assert "seeded" not in (scene.place.read_status() or {})


def test_a_copy_of_the_lab_alone_has_nothing_to_seed_with(scene: Scene) -> None:
    (scene.place.checkout / "playbooks" / "deploy.yml").unlink()
    seeding.seed(scene.lab)
    assert scene.calls == []


def test_a_step_that_fails_says_where_and_why_and_is_tried_again(scene: Scene) -> None:
    scene.fails_at = "deploy_action=adopt"
    with pytest.raises(LabError) as caught:
        seeding.seed(scene.lab)
    said = str(caught.value)
    assert said.startswith(
        "seed: deploy deploy_action=adopt failed (code 2); the parts are up, the whole output is in "
    )
    assert said.endswith("/.lab/logs/seed.log, its end:\na line\nwhy it failed")
    assert scene.scales == [seeding.SEED_SCALE, 20], "the lab's own speed returns also then"
    assert scene.seeded() == ALL[:5]
    assert scene.words()[-1].endswith("deploy_action=adopt") and "why it failed" in scene.log()
    scene.fails_at = ""
    seeding.seed(scene.lab)
    assert scene.seeded() == ALL and len(scene.calls) == len(ALL) + 1, "what was done is not done again"


def test_without_ansible_it_says_what_installs_it(scene: Scene) -> None:
    scene.program.unlink()
    with pytest.raises(
        LabError, match=r"^seed: there is no .*/ansible-playbook: run `make demo`, which installs it\.$"
    ):
        seeding.seed(scene.lab)
    assert scene.calls == [] and scene.scales == [seeding.SEED_SCALE, 20]
