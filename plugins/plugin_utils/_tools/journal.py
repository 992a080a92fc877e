# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tool C(journal): shows who ran what with which result, verifies the record, exports a stretch of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from ...module_utils._errors import InvalidInput, OpsError, Refused
from .._journal import bundle
from .._journal.checking import event_of, lines_of, red_of, verify
from .._journal.choosing import WORDS, Choice, choice_of, nearest
from .._journal.exporting import Stretch, bundle_of, refuse_untrusted
from .._journal.heads import end_of
from .._journal.runs import Backwards, Run, runs_of
from .._journal.showing import plain, row, whole
from .._ledger.file_store import FileStore, path_of
from .._ledger.ledger import Ledger, open_ledger
from .tool import Outcome, Said, Surroundings, Tool, command_of, text_of

_SHOWN = 50
_MOST = 10_000
VERIFY = command_of("journal", "verify")


def operate(action: str, said: Said, around: Surroundings) -> Outcome:
    """Do one action of the tool.

    :param said: C(run), C(since), C(until), C(object), C(runbook), C(incident), C(user) choose runs; C(last) says how
        many are shown; C(to) is the directory of an export.
    """
    policy = around.policy
    ledger = open_ledger(policy.ledger, policy.system, policy.environment)
    if action == "verify":
        verified = verify(ledger, policy.anchors)
        red = red_of(verified, ledger.url)
        return Outcome(False, tuple(lines_of(verified)), ledger, event_of(verified, red), red)
    choice = choice_of(said, policy.path, ledger.store.now())
    if action == "show":
        return _show(ledger, choice, _number(said), around)
    try:
        return _export(ledger, choice, said, around)
    except OpsError as error:
        if error.next.get("variables"):
            # the command to copy exports the same stretch
            given = {f"journal_{word}": said[word] for word in WORDS if said.get(word)}
            error.next["variables"] = {**given, **dict(error.next["variables"])}  # type: ignore[call-overload]
        raise


def _show(ledger: Ledger, choice: Choice, most: int, around: Surroundings) -> Outcome:
    journal = _backwards(ledger)
    found = list(islice(_chosen(journal, choice), most + 1))
    shown, more = found[:most], len(found) > most
    if choice.run and shown:
        lines = [line for run in shown for line in whole(run)]
    else:
        lines = [row(run) for run in shown] or [_none(ledger, choice)]
    if more:
        lines.append(f"older runs are left out: say journal_until={shown[-1].at}, or journal_last for more than {most}")
    if journal.unread:
        lines.append(f"{journal.unread} entries cannot be read and are left out")
    red = ""
    if journal.broken >= 0:
        red = (
            f"The journal of the ledger {ledger.url} cannot be trusted: entry {journal.broken} does not fit, and what"
            f" is shown of it and of entries before it may be anything. Next: {around.commands.wanted(VERIFY)}"
        )
    # kept of it is how much was shown, not the whole of it once more
    return Outcome(False, tuple(lines), ledger, {"lines": [f"{len(shown)} runs shown"], **_asked(choice)}, red)


def _export(ledger: Ledger, choice: Choice, said: Said, around: Surroundings) -> Outcome:
    directory = path_of(ledger.url) if isinstance(ledger.store, FileStore) else None
    path = bundle.target_of(text_of(said, "to"), directory)
    if choice.everything:
        raise InvalidInput(
            "Nothing says which part of the journal to export",
            remedy="Say journal_incident, or journal_since and journal_until",
            next=command_of("journal", "export", {"since": "7d", "to": str(path)}),
        )
    verified = verify(ledger, around.policy.anchors)
    refuse_untrusted(verified, ledger.url)
    runs = list(_chosen(_backwards(ledger), choice))[::-1]
    if not runs:
        raise Refused(_none(ledger, choice), next=command_of("journal", "show"))
    made = bundle_of(ledger, Stretch(runs, choice.told()), verified)
    first, last = made.facts["first"], made.facts["last"]
    there = bundle.is_there(path, made)
    if not there and not around.check:
        bundle.write(path, made)
    word = "is in" if there else "would be written to" if around.check else "is written to"
    lines = [f"entries {first} to {last}, {len(runs)} runs: {word} {path}"]
    if not there and not around.check:
        lines += [f"manifest.json: {made.seal}", f"prove it with: python3 -I {path}/verify.py"]
    lines += [f"unknown: {problem}" for problem in verified.problems]
    event = {"exported": {"to": str(path), "first": first, "last": last, "manifest": made.seal}, **_asked(choice)}
    return Outcome(not there, tuple(lines), ledger, {} if there or around.check else event)


def _backwards(ledger: Ledger) -> Backwards:
    chain = ledger.journal.chain.name
    head = end_of(ledger.store, chain)
    if head is None:
        raise Refused(
            f"The journal of the ledger {ledger.url} has no head that can be read",
            remedy="See first what is wrong with it",
            next=VERIFY,
        )
    return Backwards(ledger.store, chain, head)


def _chosen(journal: Backwards, choice: Choice) -> Iterator[Run]:
    for run in runs_of(journal.events()):
        # whoever looks is recorded too, which nobody wants to read unless it is asked for
        if choice.wants(run) and (run.runbook != TOOL.name or choice.run or choice.runbook == TOOL.name):
            yield run
        if choice.is_over(run):
            return


def _none(ledger: Ledger, choice: Choice) -> str:
    """Say that nothing was found, and what may have been meant."""
    asked = ", ".join(f"journal_{word} {plain(item)}" for word, item in choice.told().items())
    if not asked:
        return "no run yet"
    runs = list(runs_of(_backwards(ledger).events()))
    known = nearest(choice, *_names(runs))
    meant = f"; did you mean {plain(known)}?" if known else ""
    span = f"{len(runs)} runs from {runs[-1].at} to {runs[0].at}" if runs else "no run"
    return f"no run with {asked}: the journal has {span}{meant}"


def _names(runs: Sequence[Run]) -> tuple[set[str], set[str], set[str]]:
    return (
        {run.runbook for run in runs},
        {name for run in runs for name in run.users},
        {name for run in runs for name in run.incidents},
    )


def _asked(choice: Choice) -> dict[str, object]:
    return {"asked": choice.told()} if choice.told() else {}


def _number(said: Said) -> int:
    text = text_of(said, "last")
    if not text:
        return _SHOWN
    if text.isascii() and text.isdigit() and 0 < int(text[:6]) <= _MOST:
        return int(text[:6])
    raise InvalidInput(
        f"journal_last is {text[:40]!r}",
        remedy=f"Write how many runs to show, 1 to {_MOST}",
        next=command_of("journal", "show", {"last": _SHOWN}),
    )


TOOL = Tool("journal", {"show": "read", "verify": "read", "export": "read"}, (*WORDS, "last", "to"), operate)
