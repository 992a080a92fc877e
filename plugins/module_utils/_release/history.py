# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ledger knows of one component: its releases, their verdicts, and what served when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .._errors import InvalidInput, NotFound, Refused
from .intent import Intent, Record, intent_of, joined, release_of
from .values import Release
from .ways import ADOPT, CHECK_LEDGER, LIST, Way, deployment

VERIFIED, FAILED, WITHDRAWN = "verified", "failed", "withdrawn"
_SHORTEST_PREFIX = 4
_NEAREST = 5


@dataclass(frozen=True)
class History:
    """The releases of one component.

    :param served: ids in the order in which they served verified, oldest first.
    :param intent: the open one, if there is one.
    :param settled: the last one of a deploy or rollback that was settled; an undo is none.
    """

    releases: Mapping[str, Release] = field(default_factory=dict)
    verdicts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    served: tuple[str, ...] = ()
    intent: Intent | None = None
    settled: Intent | None = None

    @classmethod
    def from_records(cls, records: Iterable[Record], component: str) -> History:
        """Read the ledger's records of one component, oldest first.

        :raises InvalidInput: a record is not of the shape that the ledger keeps.
        """
        releases: dict[str, Release] = {}
        verdicts: dict[str, tuple[str, str]] = {}
        served: list[str] = []
        intent: Intent | None = None
        settled: Intent | None = None
        for number, record in enumerate(records, start=1):
            try:
                kind = record["kind"]
                if kind == "release":
                    release = release_of(record)
                    releases[release.id] = release
                elif kind == "verdict":
                    verdicts[str(record["release"])] = (str(record["verdict"]), str(record.get("reason") or ""))
                elif kind == "served":
                    served.append(str(record["release"]))
                elif kind == "intent":
                    if record["state"] == "open":
                        intent = intent_of(record, component)
                    elif intent is not None:
                        settled, intent = (settled if intent.runbook == "undo" else joined(intent, settled)), None
            except (KeyError, TypeError, AttributeError) as error:
                raise InvalidInput(
                    f"The option history is corrupt: record {number} of {component} lacks or misstates {error}",
                    remedy="Check the ledger.",
                    next=CHECK_LEDGER,
                ) from None
        last = intent or settled
        for known in (last.before, last.after, last.back) if last else ():
            if known is not None:
                releases.setdefault(known.id, known)
        for id in served:
            if id not in releases:
                raise InvalidInput(
                    f"The option history is corrupt: {component} served {id}, which was never recorded",
                    remedy="Check the ledger.",
                    next=CHECK_LEDGER,
                )
        return cls(releases, verdicts, tuple(served), intent, settled)

    @property
    def last_served(self) -> Release | None:
        """Return what served last, as far as the ledger knows."""
        return self.releases[self.served[-1]] if self.served else None

    def verdict(self, id: str) -> str:
        """Return the last verdict on a release; empty when there is none."""
        return self.verdicts.get(id, ("", ""))[0]

    def eligible(self, left: str) -> list[Release]:
        """Return the rollback candidates when C(left) is left, the best first.

        Walks the serving history back from the release that is left and skips that release itself and all
        whose last verdict is C(withdrawn) or C(failed).
        """
        walk = list(self.served)
        if left in walk:
            walk = walk[: len(walk) - walk[::-1].index(left) - 1]
        found: list[Release] = []
        for id in reversed(walk):
            if id != left and self.verdict(id) == VERIFIED and self.releases[id] not in found:
                found.append(self.releases[id])
        return found

    def find(self, selector: str, option: str) -> Release:
        """Return the recorded release that a person named by id (or its beginning), digest, version or reference.

        :raises NotFound: there is none; the nearest candidates are named.
        :raises InvalidInput: the name fits more than one.
        """
        fitting = [release for release in self.releases.values() if fits(release, selector)]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise InvalidInput(
                f"{option} {selector!r} fits {', '.join(release.label for release in fitting)}",
                remedy="Name it by its id or digest.",
                next=LIST,
            )
        raise NotFound(
            f"{option} {selector!r} is no recorded release",
            remedy=self.candidates(),
            next=LIST if self.served else ADOPT,
        )

    def candidates(self) -> str:
        """Return a sentence with the newest releases that served and their verdicts."""
        newest = list(dict.fromkeys(reversed(self.served)))[:_NEAREST]
        if not newest:
            return "No release is recorded: adopt what serves."
        named = (f"{self.releases[id].label} {self.verdict(id) or 'unproved'}" for id in newest)
        return f"Recorded are: {', '.join(named)}."

    def offered(self, left: str = "") -> str:
        """Return the digest of the newest release that can be deployed by name; empty when there is none.

        :param left: the release that is not wanted any more.
        """
        newest = (self.releases[id] for id in reversed(self.served) if id != left and self.verdict(id) == VERIFIED)
        return next((release.digest for release in newest), "")

    def way_on(self, left: str = "") -> Way:
        """Return the next command where there is nothing to go back to: a deployment by name, or the adoption."""
        return deployment(self.offered(left)) if self.served else ADOPT

    def named_target(self, selector: str) -> Release:
        """Return the release that C(rollback_to) names.

        :raises Refused: it never served verified, or was withdrawn or failed since.
        """
        release = self.find(selector, "rollback_to")
        word, reason = self.verdicts.get(release.id, ("", ""))
        if word != VERIFIED:
            told = f"{word}: {reason}" if word and reason else (word or "never verified")
            raise Refused(
                f"rollback_to {selector!r} names {release.label}, which is {told}",
                remedy=f"Only a deploy by name brings it back. {self.candidates()}",
                next=deployment(selector),
            )
        return release


def fits(release: Release, selector: str) -> bool:
    """Tell whether a person may call the release so: by id or its beginning, digest, version or reference."""
    exact = {release.id, release.digest, release.ref, release.version or ""}
    algorithm, _rest, content = release.digest.rpartition(":")
    beginning = selector.removeprefix(f"{algorithm}:")
    is_prefix = len(beginning) >= _SHORTEST_PREFIX and content.startswith(beginning)
    return bool(selector) and (selector in exact or is_prefix)
