# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a changing module's result means for the ledger: which intent it keeps, which it settles, what is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Result = dict[str, object]
Record = Mapping[str, object]
_OF_A_COMPONENT = ("release", "verdict", "served")
_KEPT_IN_JOURNAL = ("msg", "changed", "plan_hash", "rolled_back", "release", "previous", "serving", "findings")


def plan_of(result: Result) -> list[Record]:
    """Return the steps of a result."""
    return _records(result.get("plan"))


def has_work(planned: Result) -> bool:
    """Tell whether a check run found a step to do."""
    return any(step.get("state") == "would do" for step in plan_of(planned))


def new_intent(planned: Result, unit: str) -> dict[str, object] | None:
    """Return the intent that must be kept before the real run begins."""
    intent = planned.get("intent")
    return {"unit": unit, **intent, "kind": "intent", "state": "open"} if isinstance(intent, dict) and intent else None


def open_intent(history: Iterable[Record]) -> dict[str, object] | None:
    """Return the last intent of a component when nobody has settled it."""
    intents = [record for record in history if record.get("kind") == "intent"]
    return dict(intents[-1]) if intents and intents[-1].get("state") == "open" else None


def settles(result: Result) -> bool:
    """Tell whether the module itself says that no intent is open; one that crashed says nothing."""
    return "intent_open" in result and not result["intent_open"]


def settled(intent: Record, result: Result, at: str) -> dict[str, object]:
    """Return the end of an intent; after a failure with what serves, as far as the module knows it."""
    serving = result.get("serving")
    shown = {key: serving[key] for key in serving if key != "since"} if isinstance(serving, Mapping) else None
    return {**intent, "state": "settled", "at": at, **({"serving": shown} if result.get("failed") else {})}


def world_moved(result: Result) -> bool:
    """Tell whether the module refused before its first step because its plan was no longer the one shown."""
    details = result.get("details")
    return (
        bool(result.get("failed"))
        and result.get("error_kind") == "Refused"
        and isinstance(details, Mapping)
        and "plan_hash" in details
    )


def entries_of(result: Result, component: str) -> list[dict[str, object]]:
    """Return the records that a module hands out, each under its component's name."""
    return [
        {"component": component, **entry} if entry.get("kind") in _OF_A_COMPONENT else dict(entry)
        for entry in _records(result.get("entries"))
    ]


def cannot_be_undone(result: Result) -> bool:
    """Tell whether the module refused an undo for a reason that stays, however often it is tried."""
    details = result.get("details")
    return bool(result.get("failed")) and isinstance(details, Mapping) and bool(details.get("cannot_be_undone"))


def step_event(result: Result) -> dict[str, object]:
    """Return what the journal keeps of a result."""
    return {
        "event": "step",
        "result": "failed" if result.get("failed") else "ok",
        "plan": [
            {key: step[key] for key in ("kind", "sentence", "state", "why") if key in step} for step in plan_of(result)
        ],
        **{key: result[key] for key in _KEPT_IN_JOURNAL if key in result},
    }


def _records(value: object) -> list[Record]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
