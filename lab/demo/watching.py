# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of a real playbook while a person watches: its lines as they come, without Ansible's banners."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError

INVENTORY = "lab/demo/inventory/lab.yml"
# What Ansible says about itself; everything else is shown, so that nothing unexpected is ever hidden.
BANNERS = re.compile(r"(PLAY|TASK|PLAY RECAP)\b.*\*{3,}$|(ok|changed|included|skipping): .*|\S+\s+: ok=\d+ .*$|\s*$")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def bold(text: str) -> str:
    """Return the text so that it stands out on a terminal."""
    return f"\x1b[1m{text}\x1b[0m" if sys.stdout.isatty() else text


@dataclass(frozen=True)
class Run:
    """How a run ended: exit code, all it printed without colours, seconds."""

    code: int
    text: str
    seconds: float


def play(checkout: Path, playbook: str, words: Sequence[str], log: Path, inventory: str = INVENTORY) -> Run:
    """Run a playbook on the demo's inventory, or another, and show it; the whole output is kept in `log`."""
    program = ".venv/bin/ansible-playbook"
    if not (checkout / program).exists():
        raise LabError(f"There is no {program}: run `make bootstrap`.")
    argv = [program, "-i", inventory, f"playbooks/{playbook}.yml", *words]
    print(f"\n  $ {bold(' '.join(argv))}", flush=True)
    environment = {key: value for key, value in os.environ.items() if key not in ("STEADY_LAB", "ANSIBLE_INVENTORY")}
    environment |= {"LC_ALL": "C.UTF-8", "ANSIBLE_FORCE_COLOR": str(sys.stdout.isatty())}
    began = time.monotonic()
    with subprocess.Popen(
        argv,
        cwd=checkout,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    ) as running:
        assert running.stdout is not None
        lines = []
        for line in running.stdout:
            lines.append(COLOURS.sub("", line))
            if not BANNERS.fullmatch(lines[-1].rstrip("\n")):
                print(f"  | {line}", end="", flush=True)
    text = "".join(lines)
    with open(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8") as kept:
        kept.write(f"$ {' '.join(argv)}\n{text}\n")
    return Run(running.returncode, text, time.monotonic() - began)
