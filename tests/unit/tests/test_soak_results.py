from __future__ import annotations

from pathlib import Path

from tests.soak.results import read_results, stale_results, write_result


def record(root: Path) -> Path:
    (root / "engine.py").write_text("one")
    return write_result(
        "right_target",
        seed=7,
        count=1000,
        outcomes={"agreed": 1000},
        covers=["engine.py"],
        seconds=1.25,
        directory=root / "results",
        root=root,
    )


def test_a_result_says_what_how_many_and_from_which_seed(tmp_path: Path) -> None:
    record(tmp_path)
    (result,) = read_results(tmp_path / "results")
    assert {key: result[key] for key in ("criterion", "seed", "count", "outcomes", "covers", "commit")} == {
        "criterion": "right_target",
        "seed": 7,
        "count": 1000,
        "outcomes": {"agreed": 1000},
        "covers": ["engine.py"],
        "commit": "unknown",
    }


def test_a_result_is_stale_when_what_it_covers_changed(tmp_path: Path) -> None:
    record(tmp_path)
    assert stale_results(tmp_path / "results", tmp_path) == []
    (tmp_path / "engine.py").write_text("two")
    (line,) = stale_results(tmp_path / "results", tmp_path)
    assert line.startswith("STALE right_target: recorded ")
    assert line.endswith("engine.py changed since (make soak ARGS=right_target)")
