"""What guard, journal and console cost a run in CPU seconds: the same change with them, and as plain Ansible does.

Both sides run one play with one module that appends a word to a file. One passes the gates, is journalled, keeps a
lease and prints through the console; the other is the same module without a permit, with Ansible's own output. What
the run leaves behind for a moment (the keeper of its lease) is waited for and counted. Limit: 1.5 CPU seconds.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import yaml

from tests.benchmarks.pairs import Comparison, Cost, compare, cost
from tests.integration.toy import World

PAIRS = 9
LIMIT = 1.5
PLAIN = """#!/usr/bin/python
from __future__ import annotations
from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(argument_spec=dict(path=dict(type="path", required=True), value=dict(required=True)))
    with open(module.params["path"], "a") as out:
        out.write(module.params["value"] + chr(10))
    module.exit_json(changed=True)


main()
"""
_BECOME_SUBREAPER = 36


def measure() -> dict[str, Any]:
    """Run both sides PAIRS times; return the difference in CPU seconds and whether it holds."""
    # a lease's keeper outlives its run by a moment: as its reaper this process is told what it cost
    ctypes.CDLL(None, use_errno=True).prctl(_BECOME_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as scratch:
        sides = _Sides(Path(scratch))
        sides.guarded()
        sides.plain()
        found = compare(sides.guarded, sides.plain, PAIRS, _whole_cost)
    differences = [one.cpu - other.cpu for one, other in zip(found.a, found.b, strict=True)]
    median, worst = statistics.median(differences), max(differences)
    return {
        "holds": median <= LIMIT and worst <= LIMIT * 1.25,
        "pairs": PAIRS,
        "limit": LIMIT,
        "cpu_seconds_more": {"median": round(median, 2), "min": round(min(differences), 2), "max": round(worst, 2)},
        "cpu_seconds": found.as_dict()["cpu_seconds"],
        "null": _null(found),
    }


class _Sides:
    """One world, and the change made in it in both ways."""

    def __init__(self, base: Path) -> None:
        self._world = world = World(base)
        toy = base / "collections" / "ansible_collections" / "acme" / "toy"
        world.put(toy / "plugins" / "modules" / "toy_plain.py", PLAIN)
        task = {"name": "Write", "acme.toy.toy_plain": {"path": "{{ out }}", "value": "{{ value }}"}}
        play = [{"name": "Write the word", "hosts": "services", "gather_facts": False, "tasks": [task]}]
        self._plain = world.put(base / "plain.yml", yaml.safe_dump(play))
        world.initialise()
        self._number = 0

    def guarded(self) -> None:
        """Change something behind the gates."""
        self._number += 1
        done = self._world.run("-e", "switch_action=switch", "-e", f"value=word{self._number}")
        if done.code or self._world.words()[-1] != f"word{self._number}":
            raise RuntimeError(done.text)

    def plain(self) -> None:
        """Change the same without them."""
        self._number += 1
        own = {**self._world.variables(), "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default"}
        del own["ANSIBLE_CALLBACKS_ENABLED"]
        command = self._world.command("-e", f"value=word{self._number}", play=self._plain)
        done = subprocess.run(command, env=own, capture_output=True, text=True, check=False, cwd=self._world.base)
        if done.returncode or self._world.words()[-1] != f"word{self._number}":
            raise RuntimeError(done.stdout + done.stderr)


def _whole_cost(side: Any) -> Cost:
    def whole() -> None:
        side()
        with contextlib.suppress(ChildProcessError):
            while True:
                os.wait()

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken = cost(whole)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # what this process itself does is the same for both
    return Cost(taken.wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _null(found: Comparison) -> dict[str, float]:
    """Return how far runs of the plain side that stand beside each other differ."""
    steps = [abs(one.cpu - other.cpu) for one, other in zip(found.b, found.b[1:], strict=False)]
    return {"median": round(statistics.median(steps), 2), "max": round(max(steps), 2)}
