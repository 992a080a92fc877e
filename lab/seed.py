# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two verified releases for the new lab, by the real playbooks, so that a plain `rollback.yml` has somewhere to go."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError
from lab.lifecycle import UP, write_status
from lab.parts import Lab
from lab.parts.apprunner import AppRunner

SEED_SCALE = 400  # nobody watches the seed, so that the fake's minutes need not be felt
SYSTEMS = ("smartunderwrite", "audit_app", "accu", "sanvi", "asset_anchor")
API = ("app_smartunderwrite_api",)
SANVI = ("app_sanvi_api", "app_sanvi_frontend")


@dataclass(frozen=True)
class Step:
    """One run: what a person reads, the system, the playbook, its variables, the parts that must be up."""

    sentence: str
    system: str
    playbook: str
    variables: tuple[str, ...]
    needs: tuple[str, ...] = API


STEPS = [
    *(Step(f"initialise the ledger of {name}", name, "ledger", ("ledger_action=initialise",)) for name in SYSTEMS),
    Step("adopt the running release 1.0.0", "smartunderwrite", "deploy", ("deploy_action=adopt",)),
    Step("deploy release 1.1.0", "smartunderwrite", "deploy", ("deploy_release=1.1.0",)),
    Step("adopt sanvi's running release 1.6.1", "sanvi", "deploy", ("deploy_action=adopt",), SANVI),
    Step("deploy sanvi's release 1.7.0", "sanvi", "deploy", ("deploy_release=1.7.0",), SANVI),
]


def seed(lab: Lab) -> None:
    """Run each step once per lab; each is idempotent, so a killed or failed seed is simply run again."""
    status = lab.place.read_status() or {}
    kept = status.get("seeded")
    done: list[str] = list(kept) if isinstance(kept, list) else []
    todo = [step for step in STEPS if step.sentence not in done and _are_up(lab, (*API, *step.needs))]
    if not todo or not (lab.place.checkout / "playbooks/deploy.yml").exists():
        return
    runner = AppRunner()
    runner.set_scale(lab, SEED_SCALE)
    try:
        for step in todo:
            began = time.monotonic()
            _play(lab, step.system, step.playbook, step.variables)
            lab.say(f"  seed: {step.sentence} ({time.monotonic() - began:.1f} s)")
            done.append(step.sentence)
            write_status(lab, seeded=done)
    finally:
        runner.set_scale(lab, lab.scale)


def _are_up(lab: Lab, parts: Sequence[str]) -> bool:
    return all(lab.facts.get(part, {}).get("state") == UP for part in parts)


def _play(lab: Lab, system: str, playbook: str, variables: Sequence[str]) -> None:
    """One run of ansible-playbook; its output goes to logs/seed.log, the end of it into the error."""
    program = Path(sys.executable).parent / "ansible-playbook"
    if not program.exists():
        raise LabError(f"seed: there is no {program}: run `make demo`, which installs it.")
    inventory, page = f"inventories/{system}/lab.yml", f"playbooks/{playbook}.yml"
    argv = [str(program), "-i", inventory, page, *(word for each in variables for word in ("-e", each))]
    log_file = lab.place.logs / "seed.log"
    # The status file already says where the parts are; STEADY_LAB of the caller could name another lab's.
    environment = {key: value for key, value in os.environ.items() if key != "STEADY_LAB"}
    done = subprocess.run(
        argv,
        check=False,
        cwd=lab.place.checkout,
        env=environment,
        stdin=subprocess.DEVNULL,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with open(os.open(log_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as log:
        log.write(f"$ ansible-playbook {' '.join(argv[1:])}\n{done.stdout}\n")
    if done.returncode != 0:
        tail = "\n".join(done.stdout.strip().splitlines()[-15:])
        raise LabError(
            f"seed: {playbook} {' '.join(variables)} failed (code {done.returncode}); the parts are up, "
            f"the whole output is in {lab.place.link}/logs/seed.log, its end:\n{tail}"
        )
