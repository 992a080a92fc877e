"""Random tamperings with a journal: all are found wherever an anchor exists, and the first bad entry is named.

Each case is verified twice: with the anchor, and without any, where exactly what leaves the ledger in agreement with
itself cannot be excluded, and is said not to be. Every fortieth case lies in real files and goes through the tool.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Policy
from ansible_collections.steady.ops.plugins.plugin_utils._journal.checking import Verified, lines_of, red_of, verify
from ansible_collections.steady.ops.plugins.plugin_utils._journal.proof import Bad
from ansible_collections.steady.ops.plugins.plugin_utils._tools.all import TOOLS
from tests.journal_world import TAMPERINGS, DictStore, Tampered, Tamperer, files_of, ledger_in, written
from tests.soak.plugin import Criterion
from tests.unit.plugins.plugin_utils._tools.tool_world import around

CRITERION = {
    "count": 10_000,
    "sample": 250,
    "seed": 20261121,
    "covers": [
        "plugins/plugin_utils/_journal",
        "plugins/plugin_utils/_ledger/chain.py",
        "plugins/plugin_utils/_ledger/journal.py",
        "plugins/plugin_utils/_tools/journal.py",
        "tests/journal_world.py",
    ],
}
IN_FILES = 40


def test_every_tampering_is_found_where_an_anchor_exists(
    criterion: Criterion, count_outcome: Callable[[str], None], tmp_path: Path
) -> None:
    for number in range(criterion.cases):
        chance = random.Random(criterion.seed * 100_003 + number)
        case = Case(number, chance, tmp_path / "anchor", count_outcome)
        case.without_anchor()
        case.with_anchor()
        if number % IN_FILES == 0:
            case.in_files(tmp_path / f"ledger-{number}")


class Case:
    """One journal, anchored at some of its entries, and one tampering."""

    def __init__(self, number: int, chance: random.Random, page: Path, count: Callable[[str], None]) -> None:
        self.count, self.page = count, page
        self.store = DictStore()
        self.ledger = ledger_in(self.store)
        how_often = chance.choice([0.05, 0.3, 1.0])
        self.anchored = written(self.ledger, chance.randrange(2, 9), chance, page, how_often=how_often)
        tamperings = list(TAMPERINGS)
        before = dict(self.store.keys)
        whole = verify(self.ledger, self.anchors)
        assert not whole.bad and not whole.problems and self.store.keys == before
        done = TAMPERINGS[tamperings[number % len(tamperings)]](Tamperer(self.store.keys, chance))
        self.tampered = sorted(
            key for key in {**before, **self.store.keys} if before.get(key) != self.store.keys.get(key)
        )
        # an exact copy put in beside its original leaves that one as it was
        entries = [int(key.rpartition("/")[2]) for key in self.tampered if "/entries/" in key]
        self.done = replace(done, first=min(entries, default=done.first))

    @property
    def anchors(self) -> list[dict[str, str]]:
        return [{"kind": "file", "path": str(self.page)}]

    @property
    def unsure(self) -> str:
        return "cut off" if "cut" in self.done.what else "changed an entry and rewrote all later ones"

    def without_anchor(self) -> None:
        if not self.tampered:
            return
        found = verify(self.ledger, None)
        if not self.done.agrees:
            self.named(found)
            self.count("without an anchor: found and named")
            return
        assert not found.bad, self.told(found)
        assert any("not excluded: that somebody" in line and self.unsure in line for line in lines_of(found)), (
            self.told(found)
        )
        self.count("without an anchor: cannot be excluded, and is said")

    def with_anchor(self) -> None:
        if not self.tampered:
            self.count(f"{self.done.what}: changed nothing")
            return
        found = verify(self.ledger, self.anchors)
        later = [entry for entry in self.anchored if entry >= self.done.first]
        if self.done.agrees and not later:
            assert not found.bad, self.told(found)
            assert any("not excluded" in line and self.unsure in line for line in lines_of(found)), self.told(found)
            self.count("only later than any anchor: cannot be excluded, and is said")
            return
        self.named(found, later)
        self.count(f"{self.done.what}: found and named")

    def in_files(self, base: Path) -> None:
        if not self.tampered:
            return
        files_of(self.store, base)
        policy = Policy("toy", "lab", f"file://{base}", anchors=self.anchors)
        found = verify(self.ledger, self.anchors)
        outcome = TOOLS["journal"].operate("verify", {}, around(policy))
        assert list(outcome.lines) == lines_of(found)
        assert outcome.red == red_of(found, policy.ledger)
        self.count("the same in real files, by the tool")

    def named(self, found: Verified, later: list[int] | None = None) -> None:
        """The first bad entry is named: exactly, or as the next one that somebody outside the ledger knows."""
        assert [proof.chain for proof in found.bad] == ["journal"], self.told(found)
        bad = found.bad[0].bad
        assert isinstance(bad, Bad)
        assert bad.sure_to < self.done.first, self.told(found)
        if self.done.agrees and "cut" not in self.done.what:
            assert later and bad.entry == min(later), self.told(found)
        elif bad.entry == self.done.first - 1 and "head too" in self.done.what:
            # the last entry and a head that was made for it: nobody can tell which of two was changed
            assert f"or entry {self.done.first} and the head were" in bad.sentence, self.told(found)
            self.count("named with its neighbour, since the head was changed too")
        elif self.done.what != "re-hash of a part":
            assert bad.entry == self.done.first, self.told(found)
        else:
            assert bad.entry >= self.done.first and (not later or bad.entry <= min(later)), self.told(found)
        assert f"first bad entry: {bad.entry}" in " ".join(lines_of(found))

    def told(self, found: Verified) -> str:
        done: Tampered = self.done
        return f"{done.what} from {done.first}, anchored {self.anchored}: {[each.bad for each in found.proofs]}"
