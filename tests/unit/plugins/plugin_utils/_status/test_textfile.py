"""Numbers for Prometheus."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._status.judging import judge
from ansible_collections.steady.ops.plugins.plugin_utils._status.system import Component, System
from ansible_collections.steady.ops.plugins.plugin_utils._status.textfile import exposition, write
from tests.unit.plugins.plugin_utils._status.status_world import (
    API,
    BUSY,
    GONE,
    HOSTILE,
    NOW,
    TORN,
    WELL,
    Samples,
    parse,
)


def samples(*systems: System) -> Samples:
    return parse(exposition([judge(system) for system in systems], NOW))


def test_what_is_known_is_a_number_and_what_is_not_is_left_out() -> None:
    found = samples(WELL, BUSY, TORN, GONE)
    busy = (("system", "busy"), ("environment", "production"))
    torn = (("system", "torn"), ("environment", "lab"))
    assert found[("steady_status_timestamp_seconds", ())] == NOW.timestamp()
    assert found[("steady_unfinished_runs", busy)] == 1 and found[("steady_holds", busy)] == 1
    assert found[("steady_missed_schedules", busy)] == 1 and found[("steady_open_incidents", busy)] == 2
    assert found[("steady_rollback_target", (*busy, ("component", "web")))] == 0
    since = ("steady_serving_since_timestamp_seconds", (*busy, ("component", "api"), ("release", "1.8.0")))
    assert found[since] == NOW.timestamp() - 3 * 86400
    assert ("steady_holds", torn) not in found and found[("steady_unfinished_runs", torn)] == 0
    gone = (("system", ""), ("environment", ""), ("ledger", "file:///gone"))
    assert found[("steady_ledger_readable", gone)] == 0
    assert found[("steady_findings", (*gone, ("severity", "unknown")))] == 1


def test_of_what_has_no_time_or_history_there_is_no_number() -> None:
    found = samples(replace(WELL, unfinished=None, components=(replace(API, since=None), Component("new"))))
    names = {name for name, _labels in found}
    assert "steady_serving_since_timestamp_seconds" not in names and "steady_unfinished_runs" not in names
    assert sum(name == "steady_rollback_target" for name, _labels in found) == 1


def test_no_name_breaks_the_format() -> None:
    found = samples(HOSTILE, HOSTILE)
    assert not [name for name, _labels in found if "forged" in name]
    values = [value for _name, labels in found for _label, value in labels]
    assert any('a"b\\c' in value for value in values) and all(value.isprintable() for value in values)


@pytest.mark.parametrize("text", ["a 1", '# HELP a b\n# TYPE a gauge\na{x="\n"} 1\n', "# HELP a b\n# TYPE b gauge\n"])
def test_the_reader_is_strict(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "steady.prom"
    usual = os.umask(0o077)
    try:
        write(str(path), "one\n")
        write(str(path), "two\n")
    finally:
        os.umask(usual)
    assert path.read_text() == "two\n" and path.stat().st_mode & 0o777 == 0o644 and os.listdir(tmp_path) == [path.name]
    monkeypatch.setattr(
        os, "fsync", lambda _descriptor: (one for one in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(Unreachable, match=r"was not written: No space left on device"):
        write(str(path), "three\n")
    assert path.read_text() == "two\n" and os.listdir(tmp_path) == [path.name]
    with pytest.raises(Unreachable, match="was not written: No such file or directory"):
        write(str(tmp_path / "no" / "steady.prom"), "")
    for wrong in ("steady.prom", str(tmp_path / "steady.txt")):
        with pytest.raises(InvalidInput, match=r"status_textfile is .* ends in \.prom"):
            write(wrong, "")
