"""Planted mistakes in the engine, each a change of its source, and the cases that must notice it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tools.treehash import ROOT

ENGINE = "module_utils/_release"


@dataclass(frozen=True)
class Mutant:
    """One mistake.

    :param cases: those that must catch it, the ones that run first named first.
    """

    id: str
    file: str
    right: str
    wrong: str
    cases: tuple[str, ...]


MUTANTS = (
    Mutant(
        "skip_the_probe",
        f"{ENGINE}/attempt.py",
        '    why = "" if proof.passed else proof.sentence\n',
        '    why = ""\n',
        ("errors", "never_ready"),
    ),
    Mutant(
        "record_before_the_probe",
        f"{ENGINE}/carry.py",
        "    outcome = attempt(run.crew, target, like=like,",
        "    run.remember(target, VERIFIED)\n    outcome = attempt(run.crew, target, like=like,",
        ("lease_stops_before_undo",),
    ),
    Mutant(
        "target_is_the_one_before",
        f"{ENGINE}/history.py",
        "        walk = list(self.served)\n",
        "        return [self.releases[id] for id in reversed(self.served[:-1])]\n        walk = list(self.served)\n",
        ("back_twice", "back_past_the_first"),
    ),
    Mutant(
        "trust_the_platform",
        "module_utils/_platform/apprunner/states.py",
        '"ROLLBACK_SUCCEEDED": Ending.REVERTED',
        '"ROLLBACK_SUCCEEDED": Ending.SUCCEEDED',
        ("self_rollback", "crash_at_start"),
    ),
    Mutant(
        "ignore_a_lost_answer",
        "module_utils/_platform/apprunner/sending.py",
        "            return self._look_for(known, request, error)",
        "            raise error",
        ("lost_500", "lost_reset"),
    ),
    Mutant(
        "repeat_after_a_lost_answer",
        "module_utils/_platform/apprunner/sending.py",
        "            return self._look_for(known, request, error)",
        "            id = self.api.update(request)",
        ("lost_500", "not_done_500"),
    ),
    Mutant(
        "undo_without_proving",
        f"{ENGINE}/carry.py",
        "    if returned.end is End.VERIFIED:",
        "    if True:",
        ("undo_failed", "undo_denied"),
    ),
    Mutant(
        "unknown_is_ok",
        f"{ENGINE}/attempt.py",
        "        return Attempt(End.UNSEEN, error.sentence, waited.operation)",
        "        return Attempt(End.VERIFIED, error.sentence, waited.operation)",
        ("judge_500",),
    ),
    Mutant(
        "do_not_prove_the_lease",
        "module_utils/_permit.py",
        "        try:\n            lease = json.loads(",
        "        return\n        try:\n            lease = json.loads(",
        ("lease_stops", "lease_expired"),
    ),
    Mutant(
        "always_close_the_intent",
        "plugin_utils/_runs/recording.py",
        "    if intent and settles(result):",
        "    if intent:",
        ("stuck", "lease_stops"),
    ),
    Mutant(
        "ignore_outside_changes",
        f"{ENGINE}/attempt.py",
        '        return seen.last_operation not in {"", self.mark, operation.id} | ours',
        "        return False",
        ("settings_in_the_window", "theirs_in_the_window"),
    ),
    Mutant(
        "do_not_compare_the_version",
        "module_utils/_deploy.py",
        "            probe,\n            version=release.version,",
        "            probe,\n            version=None,",
        ("wrong_version", "succeeded_but_old"),
    ),
    Mutant(
        "no_intent_before_the_change",
        "plugin_utils/_runs/conduct.py",
        "        append(conductor, options, permit, records)",
        "        pass",
        ("full_at_entries", "lease_stops"),
    ),
    Mutant(
        "prove_the_lease_too_early",
        "module_utils/_platform/apprunner/sending.py",
        "        self.before_call()\n",
        "",
        ("lease_stops_at_the_call",),
    ),
    Mutant(
        "take_theirs_for_ours",
        "module_utils/_platform/apprunner/sending.py",
        "                if new and _image(service) == _image(request):",
        "                if new:",
        ("theirs_and_a_lost_answer",),
    ),
    Mutant(
        "forget_the_old_settings",
        f"{ENGINE}/carry.py",
        "    returned = attempt(run.crew, back, like=run.facts.observation, way_back=True)",
        "    returned = attempt(run.crew, back, way_back=True)",
        ("environment_goes_back",),
    ),
)


def plant(mutant: Mutant | None, directory: Path) -> Path:
    """Copy the collection into the directory, with the mistake in it; return the root for imports.

    Raises ValueError when the mistake does not fit the source any more: then the mutant must be written anew.
    """
    plugins = directory / "ansible_collections" / "steady" / "ops" / "plugins"
    shutil.copytree(ROOT / "plugins", plugins, ignore=shutil.ignore_patterns("__pycache__"))
    if mutant is not None:
        page = plugins / mutant.file
        source = page.read_text(encoding="utf-8")
        if source.count(mutant.right) != 1:
            raise ValueError(f"mutant {mutant.id} does not fit {mutant.file} any more")
        page.write_text(source.replace(mutant.right, mutant.wrong), encoding="utf-8")
    return directory
