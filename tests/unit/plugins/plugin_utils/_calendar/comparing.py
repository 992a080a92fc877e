"""Both calendars on the same random declarations: every opening, every freeze, and what the gates say at their ends."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from ansible_collections.steady.ops.plugins.plugin_utils._calendar.agenda import Agenda
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.declared import read_windows
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.freezes import standing
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.frozen import read_freezes
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.windows import occurrences
from ansible_collections.steady.ops.plugins.plugin_utils._gates import freeze, window
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Policy, Says
from tests.unit.plugins.plugin_utils._calendar.brute_force import (
    frozen_between,
    random_freezes,
    random_windows,
    windows_between,
)
from tests.unit.plugins.plugin_utils._gates.gate_world import asks

SECOND = timedelta(seconds=1)
EDGES = 50


def compare(chance: random.Random, start: datetime, end: datetime) -> int:
    """Compare one random inventory over all of the time; return how many openings there were."""
    windows, freezes = random_windows(chance), random_freezes(chance, start)
    told = f"{windows} {freezes}"
    openings = windows_between(windows, start, end)
    declared = read_windows(windows)
    assert declared is not None
    found = list(occurrences(declared, start, end))
    for name, spans in openings.items():
        mine = sorted((item.opens, item.closes) for item in found if item.window.name == name)
        assert mine == spans, f"{name} of {told}: {set(mine) ^ set(spans)}"
    frozen = frozen_between(freezes, start, end)
    spans = [span for each in openings.values() for span in each]
    edges = [edge for span in [*spans, *frozen] for edge in span if start < edge < end - timedelta(days=1)]
    policy = Policy("toy", "production", "file:///l", windows=windows, freezes=freezes)
    request = asks(where=policy, disruptive=True)
    for edge in chance.sample(edges, min(EDGES, len(edges))):
        for moment in (edge - SECOND, edge):
            inside = any(begins <= moment < ends for begins, ends in spans)
            (verdict,) = window.judge(request, moment)
            assert (verdict.says is Says.PASS) == inside, f"{moment} of {told}: {verdict.sentence}"
            upcoming = Agenda(declared).next(moment)
            later = min((begins for begins, _ends in spans if begins > moment), default=None)
            assert upcoming is None or upcoming.opens == later or later is None, f"{moment} of {told}"
            assert upcoming is not None or later is None or later - moment > timedelta(days=730), f"{moment} of {told}"
            until = next((ends for begins, ends in frozen if begins <= moment < ends), None)
            holds = standing(read_freezes(freezes), moment)
            assert (holds and holds[1]) == until, f"{moment} of {told}: {holds}"
            refused = [each.says is Says.REFUSE for each in freeze.judge(request, moment)]
            assert refused == ([until is not None] if freezes else []), f"{moment} of {told}"
    return len(spans)
