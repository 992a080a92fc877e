# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gates judge: a run that asks to pass, and the verdict of each gate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from ...module_utils._findings import Finding, Severity
from .._runs.next_command import Commands, with_command

RISKS = ("read", "change", "destructive")


@dataclass(frozen=True)
class Component:
    """One host of the play, as the inventory describes it.

    :param addresses: of a lab, where its connections point: by option, empty for AWS itself, None where unknown.
    :param fleet: the name that hosts of the same component share; empty for a component of one host.
    """

    name: str
    groups: frozenset[str] = frozenset()
    platform: str = ""
    platform_role: str = ""
    identity: Mapping[str, object] = field(default_factory=dict)
    aws_connection: Mapping[str, object] = field(default_factory=dict, repr=False)
    addresses: Mapping[str, str | None] = field(default_factory=dict)
    fleet: str = ""


@dataclass(frozen=True)
class Batch:
    """How much of each fleet a run takes, as a person said it: C(2) hosts, or C(25%) of them.

    :param name: the variable that says it.
    """

    name: str
    said: str


@dataclass(frozen=True)
class Policy:
    """What the inventory alone decides.

    :param windows: C(always), a list of windows, or None where nothing is declared.
    :param allowed_signers: whose signatures prove an approval, as C(ssh-keygen) reads them.
    :param notify: the channels that are told, with what each is told of; secrets by reference only.
    :param anchors: where heads of the journal are kept outside the ledger.
    """

    system: str
    environment: str
    ledger: str
    windows: object = None
    freezes: object = None
    approvers: object = None
    allowed_signers: object = None
    standing_approvals: object = None
    notify: object = None
    anchors: object = None
    schedules: object = None
    ledger_persistent: bool = False

    @property
    def path(self) -> str:
        """Return C(<system>/<environment>)."""
        return f"{self.system}/{self.environment}"

    @property
    def lab(self) -> bool:
        """Tell whether no real system is meant; the gate lab asks whether that is so."""
        return self.environment == "lab"


@dataclass(frozen=True)
class Request:
    """One run at the gates.

    :param runbook: the runbook, or the tool.
    :param tool: a tool operates steady.ops itself: no role, no contract.
    :param objects: what the action changes, sorted.
    :param confirm: what was typed into C(ops_confirm).
    :param procedures: rows of the procedure map that the runbook claims; the journal names them.
    :param incident: the incident that was named for the overrides.
    :param override_confirm: what was typed into C(ops_override_confirm).
    :param commands: makes commands as this run's own was typed.
    :param wish: what is wanted of the components as one unit; C(None) where each stands for itself.
    :param batch: how much of each fleet is taken; C(None) for all.
    :param lacks: variables that the contract requires and that are empty.
    :param without_ledger: it may go on while the ledger cannot be reached.
    :param who: who runs this, as the journal keeps it.
    :param pinned: the target in a few words, for a tool that asks nobody.
    """

    runbook: str
    action: str
    risk: str
    policy: Policy
    objects: tuple[str, ...]
    components: tuple[Component, ...] = ()
    check: bool = False
    tool: bool = False
    disruptive: bool = False
    extra_gates: frozenset[str] = frozenset()
    platforms: tuple[str, ...] = ()
    procedures: tuple[str, ...] = ()
    confirm: str = ""
    override: tuple[str, ...] = ()
    incident: str = ""
    reason: str = ""
    override_confirm: str = ""
    commands: Commands = field(default_factory=Commands, repr=False)
    pinned: str = ""
    wish: Mapping[str, str] | None = None
    batch: Batch | None = None
    lacks: tuple[str, ...] = ()
    without_ledger: bool = False
    who: Mapping[str, object] = field(default_factory=dict, repr=False)

    @property
    def changes(self) -> bool:
        """Tell whether the action is more than reading."""
        return self.risk != "read"


class Says(Enum):
    """What a gate says."""

    PASS = "pass"
    WAIVED = "waived"
    UNKNOWN = "unknown"
    REFUSE = "refuse"


_SEVERITY = {
    Says.PASS: Severity.OK,
    Says.WAIVED: Severity.WARNING,
    Says.UNKNOWN: Severity.UNKNOWN,
    Says.REFUSE: Severity.CRITICAL,
}


@dataclass(frozen=True)
class Verdict:
    """What one gate says about the run.

    :param sentence: why, without the remedy.
    :param firm: a refusal that holds in check mode too.
    :param next: the command that is the remedy, in full.
    """

    gate: str
    says: Says
    sentence: str = ""
    remedy: str = ""
    firm: bool = False
    next: str = ""

    def as_finding(self) -> Finding:
        """Return the verdict as results and the journal show it."""
        severity = _SEVERITY[self.says]
        message = self.sentence or f"The gate {self.gate} is open"
        return Finding(f"gate.{self.gate}", severity, message, remedy=with_command(self.remedy, self.next))


def passed(gate: str, sentence: str = "") -> Verdict:
    """Return the verdict of an open gate."""
    return Verdict(gate, Says.PASS, sentence)


def refused(gate: str, sentence: str, remedy: str, *, firm: bool = False, next: str = "") -> Verdict:
    """Return the verdict of a shut gate."""
    return Verdict(gate, Says.REFUSE, sentence, remedy, firm, next)


@dataclass(frozen=True)
class Judgement:
    """What all gates together say.

    :param target: the target's identity in a few words.
    :param approved_plan_hashes: plans that were approved; empty where no approval is asked for.
    :param incidents: ids of the incidents that are open, which the journal stamps the run with.
    :param notes: what the journal keeps of how the gates were passed: approvals and overrides.
    """

    verdicts: tuple[Verdict, ...]
    target: str
    approved_plan_hashes: tuple[str, ...] = ()
    incidents: tuple[str, ...] = ()
    notes: Mapping[str, object] = field(default_factory=dict)


def unproved(gate: str, request: Request, sentence: str, remedy: str) -> Verdict:
    """Return the verdict on what cannot be verified: it stops a change and is unknown to a reader."""
    if request.changes and not request.check:
        return refused(gate, sentence, remedy)
    return Verdict(gate, Says.UNKNOWN, sentence, remedy)


def refusals(verdicts: Iterable[Verdict], *, check: bool) -> list[Verdict]:
    """Return what stops the run: in check mode only the firm ones do."""
    return [verdict for verdict in verdicts if verdict.says is Says.REFUSE and (verdict.firm or not check)]


def refusal_text(verdicts: Sequence[Verdict], *, next: str = "") -> str:
    """Return the refusals as a person reads them: one line each, with the remedy.

    :param next: the next command where no remedy is one.
    """
    lines = [
        f"{verdict.gate}: {_stop(verdict.sentence)} {_stop(with_command(verdict.remedy, verdict.next))}".rstrip()
        for verdict in verdicts
    ]
    following = [f"Next: {next}"] if next and not any(verdict.next for verdict in verdicts) else []
    if len(lines) == 1:
        return " ".join([f"Refused by the gate {lines[0]}", *following])
    return "\n".join([f"Refused for {len(lines)} reasons", *(f"  {line}" for line in [*lines, *following])])


def _stop(text: str) -> str:
    return text if not text or text.endswith((".", "`", "?", "!")) else f"{text}."
