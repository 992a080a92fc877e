"""A process that is told to end unwinds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

PROGRAM = """
import atexit, os, signal, sys, time
from ansible_collections.steady.ops.plugins.plugin_utils._runs.signals import end_in_order
class Manager:
    def _signal_handler(self, signum, frame):
        os.write(1, b"told " + signal.Signals(signum).name.encode() + bytes([10]))
        raise KeyboardInterrupt
{before}
atexit.register(lambda: print("last words", flush=True))
end_in_order(os.getpid() + {other})
# not print: a signal that comes within it finds its buffer locked
os.write(1, b"ready" + bytes([10]))
time.sleep(30)
"""
ANSIBLES = "for n in (signal.SIGINT, signal.SIGTERM): signal.signal(n, Manager()._signal_handler)"


def ended(number: int, before: str = "", other: int = 0) -> tuple[int, list[str]]:
    """Return the exit code and the lines of a program that is sent a signal."""
    begun = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(before=before, other=other)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert begun.stdout is not None and begun.stdout.readline() == "ready\n"
    begun.send_signal(number)
    text, _nothing = begun.communicate(timeout=30)
    return begun.returncode, text.splitlines()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_it_unwinds_and_says_how_it_was_ended(number: int) -> None:
    assert ended(number) == (128 + number, ["last words"])
    assert ended(number, ANSIBLES) == (128 + number, ["told SIGINT", "last words"])


def test_what_is_ignored_or_handled_stays_so() -> None:
    kept = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))"
    assert ended(signal.SIGTERM, kept) == (7, ["last words"])


def test_a_worker_dies_as_it_would_have() -> None:
    assert ended(signal.SIGTERM, other=1) == (-signal.SIGTERM, [])


def test_a_second_one_ends_it_at_once() -> None:
    hangs = "signal.signal(signal.SIGINT, lambda *_: (os.kill(os.getpid(), signal.SIGTERM), time.sleep(30)))"
    assert ended(signal.SIGTERM, hangs) == (-signal.SIGTERM, [])
