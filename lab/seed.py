# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two verified releases for the new lab, by the real playbooks, so that a plain `rollback.yml` has somewhere to go."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from lab.errors import LabError
from lab.lifecycle import UP, write_status
from lab.parts import Lab
from lab.parts.apprunner import AppRunner

SEED_SCALE = 400  # nobody watches the seed, so that the fake's minutes need not be felt
SYSTEMS = ("smartunderwrite", "audit_app", "accu", "sanvi", "asset_anchor")
STEPS = [  # what a person reads, the system, the playbook, its variables
    *((f"initialise the ledger of {name}", name, "ledger", ["ledger_action=initialise"]) for name in SYSTEMS),
    ("adopt the running release 1.0.0", "smartunderwrite", "deploy", ["deploy_action=adopt"]),
    ("deploy release 1.1.0", "smartunderwrite", "deploy", ["deploy_release=1.1.0"]),
]


def seed(lab: Lab) -> None:
    """Run the steps once per lab; each is idempotent, so a killed or failed seed is simply run again."""
    status = lab.place.read_status() or {}
    service = lab.facts.get("app_smartunderwrite_api", {})
    if status.get("seeded") or service.get("state") != UP or not (lab.place.checkout / "playbooks/deploy.yml").exists():
        return
    runner = AppRunner()
    runner.set_scale(lab, SEED_SCALE)
    try:
        for sentence, system, playbook, variables in STEPS:
            began = time.monotonic()
            _play(lab, system, playbook, variables)
            lab.say(f"  seed: {sentence} ({time.monotonic() - began:.1f} s)")
    finally:
        runner.set_scale(lab, lab.scale)
    write_status(lab, seeded=True)


def _play(lab: Lab, system: str, playbook: str, variables: list[str]) -> None:
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
