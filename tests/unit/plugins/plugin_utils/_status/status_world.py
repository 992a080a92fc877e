"""What the tests of the status share: systems, good and hostile, and a strict reader of Prometheus' text format."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from ansible_collections.steady.ops.plugins.plugin_utils._schedules.missed import Missed
from ansible_collections.steady.ops.plugins.plugin_utils._status.system import Component, Notice, System, Unfinished

NOW = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
API = Component("api", "1.8.0", NOW - timedelta(days=3), "verified", "1.7.9")
WELL = System("file:///toy", "toy/production", "", NOW, (API,), (), (), (), (), (), ())
BUSY = replace(
    WELL,
    path="busy/production",
    components=(
        API,
        Component("web", "2.0", NOW - timedelta(hours=5), "failed"),
        Component("new"),
        Component("bad", unknown="corrupt"),
    ),
    unfinished=(Unfinished("deploy", "01A", ("api",)), Unfinished("rollback", "01B", ("web",), under_way=True)),
    leases=("busy/production/api",),
    holds=(Notice("busy/production/web", "do not touch (ann)", "2026-11-23T00:00:00Z"),),
    incidents=(
        Notice("P1", "INC-1 (P1, down)", "2026-11-22T11:00:00Z"),
        Notice("P3", "INC-2 (P3, slow)", "2026-11-22T10:00:00Z"),
    ),
    overrides=(Notice("01C", "window by ann: why", "2026-11-22T11:30:00Z"),),
    missed=(Missed("nightly/api", NOW - timedelta(hours=9)),),
)
GONE = System("file:///gone", unknown="there is no ledger")
TORN = replace(WELL, path="torn/lab", holds=None, leases=None, components=None, unread=(("holds", "they are damaged"),))
EVIL = 'a"b\\c\n\x1b[2J\x1b]0;x\x07\u202e# HELP\r\nsteady_forged 1'
HOSTILE = replace(
    BUSY,
    path=f"{EVIL}/production",
    url=f"file:///{EVIL}",
    components=(Component(EVIL, EVIL, NOW, EVIL, EVIL), Component(f"{EVIL}2", unknown=EVIL)),
    unfinished=(Unfinished(EVIL, EVIL, (EVIL,)),),
    leases=(EVIL,),
    holds=(Notice(EVIL, EVIL, EVIL),),
    incidents=(Notice(EVIL, EVIL, EVIL),),
    overrides=(Notice(EVIL, EVIL, EVIL),),
    unread=((EVIL, EVIL),),
)
_SAMPLE = re.compile(r"([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (-?[0-9.e+]+)", re.ASCII)
_LABEL = re.compile(r'([a-z_][a-z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(?:,|$)')

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def parse(text: str) -> Samples:
    """Read the text format as its specification has it, strictly; raise C(ValueError) at what is none of it."""
    if not text.endswith("\n"):
        raise ValueError("the last line has no end")
    samples: Samples = {}
    typed = helped = ""
    done: set[str] = set()
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            done.add(typed)
            helped = line.split(" ")[2]
            continue
        if line.startswith("# TYPE "):
            _hash, _type, typed, kind = line.split(" ")
            if typed != helped or kind != "gauge" or typed in done:
                raise ValueError(f"misplaced: {line}")
            continue
        found = _SAMPLE.fullmatch(line)
        if not found or found[1] != typed:
            raise ValueError(f"no sample of {typed}: {line!r}")
        labels = _labels(found[2] or "")
        if (found[1], labels) in samples:
            raise ValueError(f"twice: {line!r}")
        samples[(found[1], labels)] = float(found[3])
    return samples


def _labels(text: str) -> tuple[tuple[str, str], ...]:
    found, at = [], 0
    while at < len(text):
        label = _LABEL.match(text, at)
        if not label:
            raise ValueError(f"no label: {text[at:]!r}")
        found.append((label[1], re.sub(r"\\(.)", lambda each: "\n" if each[1] == "n" else each[1], label[2])))
        at = label.end()
    return tuple(found)
