"""How long a journal of 100,000 entries takes to be verified: in real files, one for each entry, and in memory.

Limit: 5 s in the median for the files, which are in the page cache; the first reading of a cold disk is not measured.
Beside it, what the chain's own reading takes (C(Chain.entries), which also parses every entry), and a null: the same
reading again.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.steady.ops.plugins.plugin_utils._journal.checking import prove_chain
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.chain import canonical, digest
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger, open_ledger
from tests.journal_world import DictStore, files_of, ledger_in, run_events

ENTRIES = 100_000
ROUNDS = 5
LIMIT = 5.0


def measure() -> dict[str, Any]:
    """Verify ROUNDS times on either store; return the figures and whether the limit holds."""
    with tempfile.TemporaryDirectory() as scratch:
        store = filled(ENTRIES)
        base = files_of(store, Path(scratch) / "ledger")
        in_files = open_ledger(f"file://{base}", "toy", "lab")
        in_memory = Ledger(**{**vars(ledger_in(store)), "identity": in_files.identity})
        sides: tuple[list[float], list[float]] = ([], [])
        cpu, memory, parsed = [], [], []
        for number in range(ROUNDS):
            for side in (0, 1) if number % 2 == 0 else (1, 0):
                began = time.process_time()
                sides[side].append(_took(lambda: _proved(in_files)))
                cpu.append(time.process_time() - began)
            memory.append(_took(lambda: _proved(in_memory)))
        parsed.append(_took(in_files.journal.chain.entries))
    median = statistics.median(sides[0])
    return {
        "holds": median <= LIMIT and max(sides[0]) <= LIMIT * 1.25,
        "limit_seconds": LIMIT,
        "entries": ENTRIES,
        "bytes": sum(map(len, store.keys.values())),
        "files_seconds": _summary(sides[0]),
        "null_seconds": _summary(sides[1]),
        "null_ratio": round(median / statistics.median(sides[1]), 3),
        "files_cpu_seconds": _summary(cpu),
        "memory_seconds": _summary(memory),
        "chain_entries_seconds": _summary(parsed),
    }


def filled(entries: int) -> DictStore:
    """Return a store whose journal has so many entries, written without the cost of appending."""
    store = DictStore()
    ledger = ledger_in(store)
    previous, number = ledger.identity.genesis["journal"], 1
    while number < entries:
        for event in run_events(number % 100_000):
            value = {"sequence": number, "previous": previous, "at": "2026-11-21T00:00:00Z"}
            data = canonical({**value, "records": [{"kind": "journal", **event}]})
            store.keys[f"journal/entries/{number:012d}"], previous = data, digest(data)
            number += 1
    store.keys["journal/head"] = canonical({"sequence": number - 1, "hash": previous})
    return store


def _proved(ledger: Ledger) -> None:
    proof = prove_chain(ledger, ledger.journal.chain)
    if proof.bad or proof.last is None or proof.last.sequence < ENTRIES - 1:
        raise RuntimeError(f"not proved: {proof}")


def _took(what: Callable[[], object]) -> float:
    began = time.monotonic()
    what()
    return time.monotonic() - began


def _summary(values: list[float]) -> dict[str, float]:
    found = {"median": statistics.median(values), "min": min(values), "max": max(values)}
    return {name: round(value, 2) for name, value in found.items()}
