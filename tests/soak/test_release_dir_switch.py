"""Readers that never stop while the link is switched: no read finds nothing, half of something, or another release.

The link is switched as a run does it (made beside, announced in the intent, renamed). Two processes read a file of the
release through it all the while and count; a read fails when the file is not there or its content is of no release.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.intent import Intent, Intents
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.layout import Layout, describe
from tests.soak.plugin import Criterion

CRITERION = {
    "count": 10000,
    "sample": 300,
    "seed": 20261121,
    "covers": [
        "plugins/module_utils/_platform/release_dir/intent.py",
        "plugins/module_utils/_platform/release_dir/layout.py",
        "plugins/module_utils/_platform/release_dir/storage.py",
    ],
}
READS_A_SWITCH = 100
READER = """
import json, os, sys
page, stop = sys.argv[1:]
good = failed = switched = 0
last = ""
while not os.path.exists(stop):
    for _ in range(500):
        try:
            with open(page) as stream:
                text = stream.read()
        except OSError:
            failed += 1
            continue
        if text[:1] not in ("a", "b") or text != text[:1] * 64:
            failed += 1
            continue
        good += 1
        switched += text != last
        last = text
print(json.dumps([good, failed, switched]))
"""


def test_no_read_fails(tmp_path: Path, criterion: Criterion, count_outcome: Callable[[str], None]) -> None:
    layout = Layout.at(str(tmp_path / "srv"))
    for name in "ab":
        (layout.releases / name).mkdir(parents=True)
        (layout.releases / name / "page").write_text(name * 64)
    switch(layout, "a")
    stop = tmp_path / "stop"
    command = [sys.executable, "-c", READER, str(layout.current / "page"), str(stop)]
    readers = [subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) for _number in range(2)]
    for number in range(criterion.cases):
        switch(layout, "ba"[number % 2])
        # the readers share the processor with the writer: let them read between two switches, as they do in life
        os.sched_yield()
        if number % 5 == 0:
            time.sleep(0.01)
    told, wanted = [], criterion.cases * READS_A_SWITCH
    while sum(sum(part[:2]) for part in told) < wanted:
        if not told:
            stop.touch()
            told = [json.loads(reader.communicate()[0]) for reader in readers]
            assert all(reader.returncode == 0 for reader in readers)
            continue
        raise AssertionError(f"only {told} reads during {criterion.cases} switches, {wanted} are wanted")
    good, failed, seen = (sum(part[index] for part in told) for index in range(3))
    assert failed == 0, f"{failed} of {good + failed} reads failed"
    assert seen > criterion.cases // 10, f"the readers saw only {seen} switches: they did not read while it was done"
    for _number in range(criterion.cases):
        count_outcome("switched")
    count_outcome(f"{wanted} reads and more (at least {good // 100_000 * 100_000}), 0 failed")


def switch(layout: Layout, name: str) -> None:
    """Switch as a run does."""
    beside = layout.make_link(layout.releases / name)
    now = datetime.now(UTC)
    Intents(layout).announce(Intent(describe(beside).id, name, "", "boot", 0.0, now))
    layout.put_link(beside)
