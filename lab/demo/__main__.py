# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m lab.demo`: adopt, deploy, a bad release, a dying one, roll back twice, two components that return as one.

Red when an act is not as told.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from lab.__main__ import main as lab_command
from lab.demo.stage import DEATH_SECONDS, Stage, prepare
from lab.demo.unit import INVENTORY as SANVI
from lab.demo.unit import unit_of
from lab.demo.watching import INVENTORY, Run, bold, play
from lab.errors import LabError
from lab.fakes.apprunner.control import ControlError
from lab.place import Place

CHECKOUT = Path(__file__).resolve().parents[2]


class NotAsTold(Exception):
    """An act came out otherwise; the message is the sentence."""


class Demo:
    """The acts, in order."""

    def __init__(self, place: Place, stage: Stage) -> None:
        self.stage = stage
        self._log = place.logs / "demo.log"
        self._link = place.link / "logs" / "demo.log"
        self._act = 0

    def title(self, *sentences: str) -> None:
        """Say what the next act shows."""
        self._act += 1
        print(f"\n{bold(f'{self._act}. {sentences[0]}')}", *sentences[1:], sep="\n   ", flush=True)

    def run(
        self, playbook: str, *words: str, red: bool = False, says: Sequence[str] = (), inventory: str = INVENTORY
    ) -> Run:
        """Run a playbook; it must end as told, and say these things."""
        done = play(CHECKOUT, playbook, words, self._log, inventory)
        if (done.code != 0) != red:
            wanted = "red" if red else "green"
            raise NotAsTold(f"playbooks/{playbook}.yml should have ended {wanted} and ended with code {done.code}.")
        if missing := [each for each in says if each not in done.text]:
            raise NotAsTold(f"playbooks/{playbook}.yml did not say {' and '.join(missing)}.")
        return done

    def seen(self, wanted: str, remark: str = "") -> None:
        """Ask the service as a stranger does; it must answer so."""
        answer = self.stage.answer()
        print(f"\n   Seen from outside: {self.stage.url} answers {answer}{remark}", flush=True)
        if answer != wanted:
            raise NotAsTold(f"{self.stage.url} should have answered {wanted}.")

    def adopt(self) -> None:
        self.title(
            f"A service runs that nobody has recorded: {self.stage.url}.",
            "It gets a ledger, and what serves is adopted: observed, probed, recorded. Nothing is changed.",
        )
        before = self.stage.changes()
        self.run("ledger", "-e", "ledger_action=initialise")
        self.run("deploy", "-e", "deploy_action=adopt")
        self.seen("version 1.0.0", self._calls(before, 0))

    def deploy(self) -> None:
        self.title("Release 2.0.0: first what would be done (check mode: plan and diff, nothing touched), then done.")
        before = self.stage.changes()
        self.run("deploy", "-e", "deploy_release=2.0.0", "--check", "--diff", says=["2.0.0"])
        self.seen("version 1.0.0", self._calls(before, 0))
        self.run("deploy", "-e", "deploy_release=2.0.0")
        self.seen("version 2.0.0", self._calls(before, 1))

    def deploy_bad(self) -> None:
        self.title(
            "Release 3.0.0 is broken: App Runner takes it for healthy, but its answer is not what was agreed.",
            "The probe finds out, what served before returns by itself, and the run ends red. Here red is right.",
        )
        self.run("deploy", "-e", "deploy_release=3.0.0", red=True, says=["3.0.0", "2.0.0"])
        self.seen("version 2.0.0", "; the run ended red, as it should")

    def deploy_dying(self) -> None:
        self.title(
            f"Release 4.0.0 is good when it is deployed, and dies {DEATH_SECONDS} s after its start.",
            "health_check is red then, and one command brings back what served before.",
        )
        self.run("deploy", "-e", "deploy_release=4.0.0")
        self.seen("version 4.0.0")
        self._await_death()
        self.run("health_check", red=True)
        self.run("rollback")
        self.seen("version 2.0.0")

    def roll_back_further(self) -> None:
        self.title("A second rollback goes further back, never to and fro: 4.0.0 and 2.0.0 are withdrawn now.")
        self.run("rollback")
        self.seen("version 1.0.0")

    def show_releases(self) -> None:
        self.title("What served when, with verdicts, and whether it could be brought back.")
        self.run("releases", says=["1.0.0", "2.0.0", "3.0.0", "4.0.0"])

    def return_as_one(self) -> None:
        unit = unit_of(self.stage.lab)
        before = unit.versions()
        serving = " and ".join(before.values())
        self.title(
            f"Two components are one unit: sanvi's api and frontend, in release directories; they serve {serving}.",
            "Of release 1.8.0 the api is good, the frontend is not. When that is found out, the api serves it already:",
            "both go back, the last one first, and the run ends red.",
        )
        with unit.watched():
            self.run("deploy", "-e", "deploy_release=1.8.0", red=True, says=["was undone"], inventory=SANVI)
        print("\n   Seen from outside:", flush=True)
        for name, versions in unit.answered.items():
            print(f"   {unit.urls[name]} ({name}) answered {', then '.join(versions)}", flush=True)
            if versions != [before[name], "1.8.0", before[name]]:
                raise NotAsTold(f"{name} should have answered {before[name]}, then 1.8.0, then {before[name]} again.")

    def _await_death(self) -> None:
        began, told = time.monotonic(), 0.0
        print("\n   Waiting until 4.0.0 dies ...", flush=True)
        while (answer := self.stage.answer()) == "version 4.0.0":
            waited = time.monotonic() - began
            if waited > 2 * DEATH_SECONDS:
                raise NotAsTold(f"4.0.0 should have died {DEATH_SECONDS} s after its start.")
            if waited - told >= 10:
                told = waited
                print(f"   Seen from outside: it still answers {answer} ({waited:.0f} s)", flush=True)
            time.sleep(0.5)
        self.seen("500")

    def _calls(self, before: int, wanted: int) -> str:
        sent = self.stage.changes() - before
        if sent != wanted:
            raise NotAsTold(f"App Runner should have received {wanted} changing calls and received {sent}.")
        return f"; App Runner received {'no changing call' if not sent else 'one changing call'}"

    def all_acts(self) -> None:
        """The whole story."""
        began = time.monotonic()
        with self.stage.watched():
            self.adopt()
            self.deploy()
            self.deploy_bad()
            self.deploy_dying()
            self.roll_back_further()
            self.show_releases()
        self.return_as_one()
        print(
            f"\nAll came out as told ({time.monotonic() - began:.0f} s)."
            f" The whole output is in {self._link.relative_to(CHECKOUT)}."
            "\n\nThe lab stays up. Play on with the system smartunderwrite, which has two releases:"
            "\n  .venv/bin/ansible-playbook playbooks/rollback.yml"
            "\n  .venv/bin/ansible-playbook playbooks/releases.yml"
            "\n  .venv/bin/ansible-playbook playbooks/health_check.yml"
            "\nor with sanvi, whose two components are one unit:"
            f"\n  .venv/bin/ansible-playbook -i {SANVI} playbooks/rollback.yml"
            "\nor with the demo's own service:"
            f"\n  .venv/bin/ansible-playbook -i {INVENTORY} playbooks/deploy.yml -e deploy_release=2.0.0"
            "\nStop the lab: make lab-down"
        )


def main() -> int:
    """Start the lab, set the stage, show the acts; 0 when all came out as told."""
    if lab_command(["up"]) != 0:
        return 1
    place = Place(CHECKOUT)
    try:
        (place.logs / "demo.log").unlink(missing_ok=True)
        Demo(place, prepare(place)).all_acts()
    except NotAsTold as error:
        print(f"\nThe demo failed: {error} The whole output is in .lab/logs/demo.log.", file=sys.stderr)
        return 1
    except (LabError, ControlError, OSError, TimeoutError) as error:
        print(f"\nThe demo failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; the next `make demo` starts its own service anew.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
