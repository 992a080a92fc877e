"""What steady.ops itself costs in a rollback: beside the platform's own time, and beside the module.

Limits: the module takes at most one poll interval and a second more than the platform's operation; the whole of
rollback.yml takes at most 4 CPU seconds beside the module. The interpreter of the modules is a shim that notes the
CPU seconds of each, so both are seen from outside.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from lab.fakes.apprunner.control import start
from tests.integration.stage import SERVICE, Stage

RUNS = 7
SCALE = 60
POLL_SECONDS = 1.0
MODULE_LIMIT = POLL_SECONDS + 1.0
CPU_LIMIT = 4.0
SHIM = """
import resource, subprocess, sys
rc = subprocess.call([{python!r}, *sys.argv[1:]])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open({log!r}, "a") as log:
    log.write(f"{{used.ru_utime + used.ru_stime}}\\n")
raise SystemExit(rc)
"""


def measure() -> dict[str, Any]:
    """Roll back RUNS times and return the figures and whether both limits hold."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        (home / "run").mkdir()
        with start(home / "fake", SCALE) as fake:
            stage = Stage(home / "run", fake.control, fake.endpoint).open()
            log = home / "modules.log"
            _write_inventory(stage, _shim(home, log))
            assert stage.play("deploy", deploy_action="adopt").rc == 0
            runs = [_one(stage, log) for _number in range(RUNS)]
    module = [run["module_beside_platform_seconds"] for run in runs]
    cpu = [run["cpu_beside_module_seconds"] for run in runs]
    holds = (
        statistics.median(module) <= MODULE_LIMIT
        and max(module) <= MODULE_LIMIT * 1.25
        and statistics.median(cpu) <= CPU_LIMIT
        and max(cpu) <= CPU_LIMIT * 1.25
    )
    return {
        "holds": holds,
        "runs": RUNS,
        "module_beside_platform_seconds": _summary(module) | {"limit": MODULE_LIMIT},
        "cpu_beside_module_seconds": _summary(cpu) | {"limit": CPU_LIMIT},
        "module_cpu_seconds": _summary([run["module_cpu_seconds"] for run in runs]),
        "wall_seconds": _summary([run["wall_seconds"] for run in runs]),
    }


def _write_inventory(stage: Stage, interpreter: Path) -> None:
    quick = {"consecutive": 1, "stability_seconds": 0}
    options = {"poll_seconds": POLL_SECONDS}
    changes = {"component_probe": quick, "component_options": options, "ansible_python_interpreter": str(interpreter)}
    stage.write_inventory(changes)


def _shim(home: Path, log: Path) -> Path:
    shim, program = home / "python", home / "shim.py"
    program.write_text(SHIM.format(python=sys.executable, log=str(log)))
    # through sh: the first line of a script holds no path with a blank
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{program}" "$@"\n')
    shim.chmod(0o700)
    return shim


def _one(stage: Stage, log: Path) -> dict[str, float]:
    deployed = stage.play("deploy", deploy_release="2.0.0")
    assert deployed.rc == 0, deployed.output
    log.write_text("")
    before, began = _children_cpu(), time.monotonic()
    played = stage.play("rollback")
    wall, cpu = time.monotonic() - began, _children_cpu() - before
    assert played.rc == 0, played.output
    operation = stage.control.truth(SERVICE)["operations"][0]
    platform = float(operation["ended"]) - float(operation["started"])
    module_cpu = sum(float(line) for line in log.read_text().split())
    duration = float(played.result("apprunner_deploy")["duration_seconds"])
    return {
        "module_beside_platform_seconds": duration - platform,
        "cpu_beside_module_seconds": cpu - module_cpu,
        "module_cpu_seconds": module_cpu,
        "wall_seconds": wall,
    }


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _summary(values: list[float]) -> dict[str, float]:
    found = {"median": statistics.median(values), "min": min(values), "max": max(values)}
    return {name: round(value, 2) for name, value in found.items()}
