# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the end of a run is worth telling: how it ended, what was overridden, what is critical, what has recovered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .events import RECOVERY, RULES, Event
from .harmless import one_line
from .noted import Noted

# each proves what serves, so one mends what the other broke
_SWITCHES = ("deploy", "rollback")
RELEASE = "release"
# the state of what was not finished, whoever notices it
LEFT = "left"
_NEXT = "Next: "
_BRIEF = 160
# times, amounts and ids of a sentence differ from run to run although the cause is the same
_VARYING = re.compile(r"\b[0-9a-fA-F]{8,}\b|\d+(?:[.,:]\d+)*")


@dataclass(frozen=True)
class Ending:
    """How a run ended.

    :param passes: what each guard of the run answered; the last one is the one that is told.
    :param outcome: C(ok), C(FAILED), C(REFUSED) or C(INTERRUPTED).
    :param red: why it ended red although no task failed.
    :param who: who ran it, as the journal keeps it.
    :param typed: the extra variables.
    :param missed: scheduled runs that never started, each with its sentence.
    """

    passes: Sequence[Mapping[str, object]]
    outcome: str
    red: str = ""
    noted: Noted = field(default_factory=Noted)
    who: Mapping[str, object] = field(default_factory=dict)
    typed: Mapping[str, object] = field(default_factory=dict, repr=False)
    missed: Mapping[str, str] = field(default_factory=dict)

    @property
    def final(self) -> Mapping[str, object]:
        """Return the last answer of a guard."""
        return self.passes[-1]

    @property
    def path(self) -> str:
        """Return C(<system>/<environment>)."""
        return f"{self.final['system']}/{self.final['environment']}"

    @property
    def objects(self) -> tuple[str, ...]:
        """Return what the run was about."""
        named = self.final.get("objects")
        return tuple(map(str, named)) if isinstance(named, (list, tuple)) and named else (self.path,)

    @property
    def scheduled(self) -> bool:
        """Tell whether nobody sat before it: a timer started it, or an AWX schedule."""
        awx = self.who.get("awx")
        said = awx if isinstance(awx, Mapping) else {}
        by_awx = said.get("awx_schedule_name") or said.get("awx_job_launch_type") == "scheduled"
        return bool(self.who.get("schedule") or by_awx)


def source_of(runbook: str, action: str) -> str:
    """Return by what a failure and its recovery belong together: the same action, and all that change a release."""
    return RELEASE if runbook in _SWITCHES else f"{runbook}.{action}"


def events_of(ending: Ending) -> list[Event]:
    """Return what is to be told; nothing of a check run.

    A run that was refused is told only where nobody sat before it.
    """
    if ending.final.get("mode") != "real":
        return []
    well = ending.outcome == "ok" and not ending.red
    events = [] if well else _outcome(ending)
    critical = _critical(ending)
    events += [*critical, *_overrides(ending), *_missed(ending)]
    return [*events, *_recovery(ending, critical)] if well else events


def _outcome(ending: Ending) -> list[Event]:
    """Return the event of a run that did not end well."""
    changes = ending.final.get("risk") != "read"
    why = ""
    if ending.outcome == "REFUSED":
        rule, why = "refused", str(ending.final.get("msg") or "")
    elif ending.outcome == "INTERRUPTED":
        rule, why = "unfinished", "It was interrupted: what it had begun may go on without it"
    else:
        rule = "rolled_back" if ending.noted.back and not ending.noted.open else "failed"
    if (rule == "refused" and not ending.scheduled) or (rule == "unfinished" and not changes):
        return []
    why = why or ending.noted.why or ending.red
    more = {"red": ending.red} if ending.red and ending.red not in why else {}
    concerned = _concerned(ending) if rule != "refused" else ending.objects
    return [_event(ending, rule, concerned, why, more, state=LEFT if rule == "unfinished" else "")]


def _concerned(ending: Ending) -> tuple[str, ...]:
    """Return the objects whose tasks failed, where that is known; else all of the run."""
    found = tuple(name for name in ending.objects if name.rpartition("/")[2] in ending.noted.broken)
    return found or ending.objects


def _critical(ending: Ending) -> list[Event]:
    if not ending.noted.critical:
        return []
    sentences = [f"{component}: {sentence}" for component, _id, sentence in ending.noted.critical]
    objects = tuple(dict.fromkeys(_path_of(ending, found[0]) for found in ending.noted.critical))
    more: Mapping[str, object] = {"findings": sentences}
    return [_event(ending, "critical", objects, sentences[0], more, state=_critical_ids(ending))]


def _overrides(ending: Ending) -> list[Event]:
    """Return the use of overrides: gates that were shut, and that a person went through."""
    waived = [
        finding
        for result in ending.passes
        if not result.get("failed")
        for finding in _findings(result)
        if str(finding.get("id", "")).startswith("gate.") and finding.get("severity") == "warning"
    ]
    if not waived:
        return []
    names = ", ".join(dict.fromkeys(str(finding["id"]).removeprefix("gate.") for finding in waived))
    said = {key.removeprefix("ops_"): str(ending.typed.get(key) or "") for key in ("ops_incident", "ops_reason")}
    more = {**said, "gates": [str(finding.get("message") or "") for finding in waived]}
    return [_event(ending, "override", ending.objects, f"the gate {names} was overridden", more)]


def _missed(ending: Ending) -> list[Event]:
    """Return one event for each scheduled run that never started; every further time is news."""
    final = ending.final
    return [
        Event(
            "missed",
            f"{ending.path}/{name}",
            f"{ending.path}: the scheduled run {name} did not start",
            {"why": sentence, "noticed by run": str(final.get("run"))},
            run=str(final.get("run")),
            source="schedule",
            state=sentence,
            lab=final.get("lab") is True,
        )
        for name, sentence in ending.missed.items()
    ]


def _recovery(ending: Ending, critical: Sequence[Event]) -> list[Event]:
    """Return what is well again; what is critical is not, and its neighbours are."""
    label = f"{_label(ending)} ended well"
    if not critical:
        return [_event(ending, RECOVERY, ending.objects, label)]
    others = tuple(rule for rule in RULES if rule != "critical")
    bad = critical[0].concerned
    good = tuple(name for name in ending.objects if name not in bad)
    events = [_event(ending, RECOVERY, ending.objects, label, recovers=others)]
    return events + ([_event(ending, RECOVERY, good, label, recovers=("critical",))] if good else [])


def _event(
    ending: Ending,
    rule: str,
    objects: Sequence[str],
    why: str,
    more: Mapping[str, object] | None = None,
    *,
    state: str = "",
    recovers: tuple[str, ...] = (),
) -> Event:
    final, label = ending.final, _label(ending)
    said, _mark, following = why.rpartition(_NEXT)
    said, following = (said.strip(), following) if said else (why, "")
    brief = one_line(said, _BRIEF)
    return Event(
        rule,
        objects[0] if len(objects) == 1 else ending.path,
        brief if rule == RECOVERY else f"{label}: {brief}",
        {
            "outcome": f"{label}: {ending.outcome}",
            "why": "" if rule == RECOVERY else said,
            **(more or {}),
            "serving": dict(sorted(ending.noted.serving.items())),
            "next": following,
            "who": _who(ending.who),
        },
        run=str(final.get("run") or ""),
        source=source_of(str(final.get("runbook")), str(final.get("action"))),
        members=tuple(objects),
        state=state or _VARYING.sub("#", f"{ending.noted.task_of_why}: {brief} {_critical_ids(ending)}"),
        lab=final.get("lab") is True,
        recovers=recovers,
    )


def _label(ending: Ending) -> str:
    runbook, action = str(ending.final.get("runbook")), str(ending.final.get("action"))
    return runbook if runbook == action else f"{runbook} {action}"


def _who(who: Mapping[str, object]) -> str:
    """Return who ran it in a few words."""
    awx = who.get("awx")
    said = awx if isinstance(awx, Mapping) else {}
    name = str(who.get("sudo_user") or who.get("user") or "")
    parts = [f"{name}@{who['host']}" if who.get("host") else name]
    if said:
        parts.append(f"AWX job {said.get('awx_job_id', '?')} of {said.get('awx_user_name') or 'nobody'}")
    schedule = who.get("schedule") or said.get("awx_schedule_name")
    return ", ".join([*(part for part in parts if part), *([f"schedule {schedule}"] if schedule else [])])


def _critical_ids(ending: Ending) -> str:
    return " ".join(sorted({f"{component}:{name}" for component, name, _sentence in ending.noted.critical}))


def _path_of(ending: Ending, component: str) -> str:
    """Return the object of a component; what is none of the run's stands for its environment."""
    path = f"{ending.path}/{component}"
    return path if path in ending.objects else ending.path


def _findings(result: Mapping[str, object]) -> list[Mapping[str, object]]:
    found = result.get("findings")
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []
