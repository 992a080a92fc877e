# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Anchors: places outside the ledger where its heads are kept, so that a rewritten journal is found out.

C(ops_anchors) of the inventory is a list; each anchor has a C(kind):
C(file) (C(path): appended to, best with C(chattr +a) on a file system that the ledger's writers do not own),
C(syslog) (C(socket), C(/dev/log) by default), C(s3) (C(bucket), C(prefix), C(retention_days), C(retention_mode), and
C(region), C(profile), C(endpoint_url), C(ca_bundle)), C(awx) (the job's artifact, which the console sets).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ...module_utils._errors import InvalidInput, OpsError
from .._ledger.ledger import Ledger, open_ledger
from . import anchor_file, anchor_s3, anchor_syslog
from .heads import Heads, head_text, heads_of
from .proof import Mark

Options = Mapping[str, object]
# what each kind must be given, and may be given
_OPTIONS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "file": (frozenset({"path"}), frozenset()),
    "syslog": (frozenset(), frozenset({"socket"})),
    "s3": (
        frozenset({"bucket"}),
        frozenset(
            {"prefix", "retention_days", "retention_mode", "region", "profile", "endpoint_url", "ca_bundle"},
        ),
    ),
    "awx": (frozenset(), frozenset()),
}
_WRITE: Mapping[str, Callable[[Options, Heads], None]] = {
    "file": anchor_file.write,
    "syslog": anchor_syslog.write,
    "s3": anchor_s3.write,
}
_READ: Mapping[str, Callable[[Options, str], list[tuple[str, Heads]]]] = {
    "file": anchor_file.read,
    "s3": anchor_s3.read,
}


@dataclass(frozen=True)
class Anchor:
    """One anchor of the inventory.

    :param name: what sentences call it.
    """

    kind: str
    name: str
    options: Options = field(repr=False)

    @property
    def readable(self) -> bool:
        """Tell whether what it keeps can be read back from here."""
        return self.kind in _READ


@dataclass(frozen=True)
class Kept:
    """What an anchor keeps of a ledger.

    :param marks: by chain.
    :param problem: why it cannot be read; empty when it was.
    """

    anchor: Anchor
    marks: Mapping[str, list[Mark]]
    problem: str = ""


def anchor(ledger: Ledger, anchors: object) -> list[str]:
    """Keep the heads of a ledger in each anchor; return one sentence for each that did not take them.

    Called at the end of a run, which an anchor that is gone never fails: nothing is raised.

    :param anchors: C(ops_anchors) as the inventory states it.
    """
    if not anchors:
        return []
    known, problems = read_anchors(anchors)
    writing = [each for each in known if each.kind in _WRITE]
    if not writing:
        return problems
    try:
        heads = heads_of(ledger)
    except OpsError as error:
        return [*problems, f"not anchored: {error.sentence}"]
    for each in writing:
        try:
            _WRITE[each.kind](each.options, heads)
        except OpsError as error:
            problems.append(f"not anchored in {each.name}: {error}")
    return problems


def anchor_end(result: Mapping[str, object]) -> list[str]:
    """Keep the heads at the end of a run; return the lines that say where that did not succeed.

    :param result: the guard's, which names ledger and anchors. A ledger that cannot be opened was spoken of already.
    """
    if not result.get("anchors") or not result.get("ledger"):
        return []
    try:
        ledger = open_ledger(str(result["ledger"]), str(result.get("system")), str(result.get("environment")))
    except OpsError:
        return []
    return [f"  {line}" for line in anchor(ledger, result["anchors"])]


def head_for_artifacts(result: Mapping[str, object]) -> str:
    """Return the journal's head for the job's artifacts, where an anchor of the kind C(awx) asks for it.

    :param result: what the guard registered.
    :returns: empty where nobody asks, or where it cannot be told now.
    """
    found, _wrong = read_anchors(result.get("anchors"))
    if not any(each.kind == "awx" for each in found):
        return ""
    try:
        return head_text(open_ledger(str(result["ledger"]), str(result["system"]), str(result["environment"])))
    except OpsError:
        return ""


def read_anchors(value: object) -> tuple[list[Anchor], list[str]]:
    """Return the anchors that C(ops_anchors) names, and a sentence for each that it names wrongly."""
    found: list[Anchor] = []
    problems: list[str] = []
    if not value:
        return found, problems
    listed = [value] if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else None
    if listed is None:
        return [], [
            "not anchored: ops_anchors is no list of anchors; write each with its kind, as docs/journal.md says"
        ]
    for number, options in enumerate(listed):
        try:
            found.append(_anchor(options))
        except InvalidInput as error:
            problems.append(f"not anchored: ops_anchors[{number}] {error}")
    return found, problems


def kept_by(anchor: Anchor, ledger_id: str) -> Kept:
    """Return what a readable anchor keeps of a ledger; what cannot be read is said, not raised."""
    try:
        kept = _READ[anchor.kind](anchor.options, ledger_id)
    except OpsError as error:
        return Kept(anchor, {}, str(error))
    marks: dict[str, list[Mark]] = {}
    for place, heads in kept:
        for chain, head in heads.chains.items():
            marks.setdefault(chain, []).append(Mark(head.sequence, head.hash, f"{anchor.name}{place}", heads.at))
    return Kept(anchor, marks)


def _anchor(options: object) -> Anchor:
    if not isinstance(options, Mapping):
        raise InvalidInput("is no dictionary", remedy="Write it as {kind: file, path: /absolute/file}")
    kind = str(options.get("kind") or "")
    if kind not in _OPTIONS:
        raise InvalidInput(f"has the kind {kind!r}", remedy=f"Use one of {', '.join(_OPTIONS)}")
    wanted, allowed = _OPTIONS[kind]
    given = {str(name): item for name, item in options.items() if name != "kind" and item not in (None, "")}
    if missing := sorted(wanted - set(given)):
        raise InvalidInput(f"is of kind {kind} and lacks {', '.join(missing)}", remedy="Add it")
    if unknown := sorted(set(given) - wanted - allowed):
        raise InvalidInput(
            f"is of kind {kind}, which has no {', '.join(unknown)}",
            remedy=f"It has {', '.join(sorted(wanted | allowed)) or 'no options'}",
        )
    return Anchor(kind, _name(kind, given), given)


def _name(kind: str, options: Options) -> str:
    if kind == "file":
        return f"file {options['path']}"
    if kind == "s3":
        return f"s3://{options['bucket']}/{str(options.get('prefix') or '').strip('/')}".rstrip("/")
    return f"syslog {options['socket']}" if options.get("socket") else kind
