"""A ledger in memory whose journal is tampered with, as somebody could who may write to its store.

Tamperings work on the stored bytes and know nothing of how they are found. Each says which entry is the first that is
not as it was written, and whether all that the ledger holds agrees with itself again afterwards: then only somebody
outside can know.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ansible_collections.steady.ops.plugins.plugin_utils._journal.heads import heads_of
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.chain import Chain, canonical, digest
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.holds import Holds
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.journal import Journal
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.leases import Leases
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Identity, Ledger
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.releases import Releases
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.store import Stored

LEDGER_ID = "77d0aa00bb11cc22"
Entry = dict[str, Any]


@dataclass
class DictStore:
    """A store in a dictionary, whose clock goes on a second with each look at it."""

    keys: dict[str, bytes] = field(default_factory=dict)
    url: str = "file:///nowhere/ledger"
    seconds: int = 0

    def put_if_absent(self, key: str, data: bytes) -> bool:
        return self.keys.setdefault(key, data) is data

    def read(self, key: str) -> Stored | None:
        data = self.keys.get(key)
        return None if data is None else Stored(data, str(len(data)) + data[-80:].hex())

    def compare_and_swap(self, key: str, expected_version: str | None, data: bytes) -> bool:
        found = self.read(key)
        if (found.version if found else None) != expected_version:
            return False
        self.keys[key] = data
        return True

    def list(self, prefix: str) -> list[str]:
        return sorted(key for key in self.keys if key.startswith(prefix))

    def now(self) -> datetime:
        self.seconds += 1
        return datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=self.seconds)


def ledger_in(store: DictStore) -> Ledger:
    """Return a fresh ledger in the store."""
    genesis = {name: Chain(store, name).begin(LEDGER_ID) for name in ("journal", "releases")}
    identity = Identity("toy", "lab", LEDGER_ID, "2026-11-21T00:00:00Z", genesis)
    store.keys["identity"] = canonical(identity.as_dict())
    return Ledger(store.url, identity, store, Journal(store), Releases(store), Leases(store), Holds(store))


def run_events(number: int, chance: random.Random | None = None) -> list[dict[str, object]]:
    """Return what the journal keeps of one run."""
    run, chance = f"01M7Z0GCAA64HVBJ2HYPQ{number:05d}", chance or random.Random(number)
    objects = [f"toy/lab/{chance.choice(['api', 'web', 'wörker'])}"]
    who = {"user": chance.choice(["ann", "kim"]), "host": "desk", "pid": number}
    opened = {"event": "opened", "run": run, "runbook": "deploy", "action": "deploy", "mode": "real", "risk": "change"}
    return [
        {**opened, "objects": objects, "allowed": True, "findings": [], "who": who},
        {"event": "step", "run": run, "object": objects[0], "result": "ok", "plan": [], "seconds": number / 10},
        {"event": "closed", "run": run, "result": chance.choice(["ok", "FAILED"]), "seconds": 2.5, "failures": []},
    ]


def files_of(store: DictStore, base: Path) -> Path:
    """Write the store as the file store keeps it, and return where."""
    for key, data in store.keys.items():
        path = base / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    base.chmod(0o700)
    return base


def written(ledger: Ledger, runs: int, chance: random.Random, page: Path, *, how_often: float) -> list[int]:
    """Journal some runs and keep heads in a file now and then; return the entries that were anchored."""
    anchored, lines = [], []
    for number in range(runs):
        for event in run_events(number, chance):
            last = ledger.journal.append(event)
            if chance.random() < how_often:
                lines.append(heads_of(ledger).as_line() + b"\n")
                anchored.append(last)
    page.write_bytes(b"".join(lines))
    return anchored


@dataclass(frozen=True)
class Tampered:
    """What was done.

    :param first: the first entry that is not as it was written.
    :param agrees: whether the ledger agrees with itself again.
    """

    what: str
    first: int
    agrees: bool = False


class Tamperer:
    """Somebody who may write to the store."""

    def __init__(self, keys: dict[str, bytes], chance: random.Random) -> None:
        self.keys, self.chance = keys, chance
        head = json.loads(keys["journal/head"])
        self.entries = [keys[self.key(number)] for number in range(head["sequence"] + 1)]

    def key(self, number: int) -> str:
        return f"journal/entries/{number:012d}"

    def put(self, entries: list[bytes], *, head: bool = False) -> None:
        """Put these in place of all entries; with a head that fits, or with the one that was there."""
        for number in range(len(self.entries)):
            self.keys.pop(self.key(number), None)
        self.keys.update({self.key(number): data for number, data in enumerate(entries) if data})
        if head:
            last = len(entries) - 1
            self.keys["journal/head"] = canonical({"sequence": last, "hash": digest(entries[last])})

    def some(self, least: int = 0, beside_end: int = 0) -> int:
        return self.chance.randrange(least, len(self.entries) - beside_end)

    def edit(self) -> Tampered:
        """Change one thing in one entry."""
        number = self.some()
        how = self.chance.choice(["records", "at", "previous", "sequence", "spelling", "twice", "torn", "zero", "more"])
        self.keys[self.key(number)] = self.edited(number, how)
        return Tampered(f"edit {how}", number)

    def edited(self, number: int, how: str) -> bytes:
        data = self.entries[number]
        value: Entry = json.loads(data)
        if how == "records":
            value["records"][0]["result" if "result" in value["records"][0] else "kind"] = "changed"
        elif how == "at":
            value["at"] = "2026-11-20T23:59:59Z"
        elif how == "previous":
            value["previous"] = digest(self.chance.randbytes(4))
        elif how == "sequence":
            value["sequence"] += self.chance.choice([-1, 1, 7])
        elif how == "more":
            value["records"].append({"kind": "journal", "event": "forged"})
        elif how == "spelling":
            return json.dumps(value, sort_keys=True).encode()
        elif how == "twice":
            # the last of two keys counts for most readers
            return data[:-1] + b',"sequence":' + str(number).encode() + b"}"
        elif how == "torn":
            return data[: self.chance.randrange(len(data))]
        else:
            return data + b"\0"
        return canonical(value)

    def drop(self) -> Tampered:
        """Take one entry out: leave the gap, close it, or close it with numbers that fit."""
        number, how = self.some(0, 1), self.chance.choice(["gap", "closed", "renumbered", "renumbered, head too"])
        if how == "gap":
            del self.keys[self.key(number)]
            return Tampered("drop gap", number)
        left = self.entries[:number] + self.entries[number + 1 :]
        self.put(self.renumbered(left) if "renumbered" in how else left, head="head" in how)
        return Tampered(f"drop {how}", number)

    def swap(self) -> Tampered:
        """Let two entries change places."""
        one, other = sorted(self.chance.sample(range(len(self.entries)), 2))
        entries, how = list(self.entries), self.chance.choice(["as they are", "renumbered", "renumbered, head too"])
        entries[one], entries[other] = entries[other], entries[one]
        self.put(self.renumbered(entries) if "renumbered" in how else entries, head="head" in how)
        return Tampered(f"swap {how}", one)

    def insert(self) -> Tampered:
        """Put an entry in between: one of the tamperer's own that follows the one before it, or a copy."""
        number, how = self.some(1), self.chance.choice(["pushed", "renumbered", "renumbered, head too"])
        before = self.entries[number - 1]
        value: Entry = {**json.loads(before), "sequence": number, "previous": digest(before)}
        value["records"] = [{"kind": "journal", "event": "forged", "run": "01FORGED"}]
        new = canonical(value) if self.chance.random() < 0.7 else self.chance.choice(self.entries)
        entries = [*self.entries[:number], new, *self.entries[number:]]
        self.put(self.renumbered(entries) if "renumbered" in how else entries, head="head" in how)
        return Tampered(f"insert {how}", number)

    def cut(self) -> Tampered:
        """Cut off the end."""
        left = self.some(1)
        rewritten = self.chance.random() < 0.5
        self.put(self.entries[:left], head=rewritten)
        return Tampered(f"tail cut, head {'rewritten' if rewritten else 'kept'}", left, agrees=rewritten)

    def rehash(self) -> Tampered:
        """Change, drop or put in one entry and write everything after it anew, the head included."""
        number, how = self.some(1), self.chance.choice(["edit", "drop", "insert"])
        entries = list(self.entries)
        if how == "edit":
            entries[number] = self.edited(number, self.chance.choice(["records", "at", "more"]))
        elif how == "drop" and number < len(entries) - 1:
            del entries[number]
        else:
            how = "insert"
            entries.insert(number, self.edited(number, "more"))
        self.put(self.chained(entries, number), head=True)
        return Tampered(f"full re-hash after {how}", number, agrees=True)

    def rehash_partly(self) -> Tampered:
        """Change one entry and write some of those after it anew, but not all."""
        number = self.some(0, 2)
        end = self.some(number + 2)
        entries = list(self.entries)
        entries[number] = self.edited(number, "more")
        self.put([*self.chained(entries[:end], number), *entries[end:]])
        return Tampered("re-hash of a part", number)

    def renumbered(self, entries: list[bytes]) -> list[bytes]:
        return [canonical({**json.loads(data), "sequence": number}) for number, data in enumerate(entries)]

    def chained(self, entries: list[bytes], first: int) -> list[bytes]:
        """Tie each entry from that one on to the one before it."""
        done = entries[:first]
        for number, data in enumerate(entries[first:], first):
            previous = digest(done[-1]) if done else ""
            done.append(canonical({**json.loads(data), "sequence": number, "previous": previous}))
        return done


TAMPERINGS: Mapping[str, Callable[[Tamperer], Tampered]] = {
    "edit": Tamperer.edit,
    "drop": Tamperer.drop,
    "swap": Tamperer.swap,
    "insert": Tamperer.insert,
    "tail cut": Tamperer.cut,
    "full re-hash": Tamperer.rehash,
    "re-hash of a part": Tamperer.rehash_partly,
}
