"""`make molecule`: the scenarios on machines with systemd, in containers of a real Docker daemon.

Every directory below molecule/ with a molecule.yml is a scenario; `default` needs no container and belongs to
`make test`. Arguments name scenarios. Where no daemon can be had the result is NOT RUN.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

from tools.artefact import write_artefacts
from tools.bundle import collections
from tools.debian_image import image
from tools.docker_daemon import daemon
from tools.make_test import stand_alone_environment
from tools.outcome import outcome
from tools.treehash import ROOT

CONNECTION = ("community.docker", "community.library_inventory_filtering_v1")


def scenarios() -> list[str]:
    """Return the scenarios that need containers."""
    found = sorted(page.parent.name for page in (ROOT / "molecule").glob("*/molecule.yml"))
    return [name for name in found if name != "default"]


def surroundings(host: str) -> dict[str, str]:
    """Return the environment variables that the scenarios read."""
    environment = {**os.environ, **({"DOCKER_HOST": host} if host else {})}
    places = (ROOT / ".ansible" / "collections", collections(CONNECTION))
    return {
        **environment,
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(map(str, places)),
        "STEADY_IMAGE": image(environment),
        "STEADY_ARTEFACTS": str(write_artefacts(ROOT / ".cache" / "artefacts")),
    }


def run_scenario(name: str, environment: Mapping[str, str]) -> bool:
    """Run one scenario from its creation to its end."""
    command = [sys.executable, "-m", "molecule", "test", "--scenario-name", name]
    return subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False).returncode == 0


def main(names: Sequence[str]) -> int:
    """Run the scenarios; 0 when all passed. An unknown name ends the run with a sentence."""
    started = time.monotonic()
    unknown = sorted(set(names) - set(scenarios()))
    if unknown:
        raise SystemExit(f"make molecule: no scenario {', '.join(unknown)}: name one of {', '.join(scenarios())}")
    stand_alone_environment()
    with daemon() as host:
        environment = surroundings(host)
        outcomes = {name: run_scenario(name, environment) for name in names or scenarios()}
    verdicts = ", ".join(f"{name} {'passed' if passed else 'FAILED'}" for name, passed in outcomes.items())
    print(f"make molecule: {verdicts} ({time.monotonic() - started:.0f} s)", flush=True)
    return 0 if all(outcomes.values()) else 1


if __name__ == "__main__":
    sys.exit(outcome("molecule", lambda: main(sys.argv[1:])))
