"""Which releases leave the disk: never one that somebody needs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.steady.ops.plugins.module_utils._errors import LeaseLost
from ansible_collections.steady.ops.plugins.module_utils._plan import State
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.intent import Lock
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.layout import Layout
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.processes import Processes
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.pruning import Bounds, Pruner, choose
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.store import Kept, Store
from tests.unit.plugins.module_utils._platform.release_dir.test_store import put


def kept(number: int) -> Kept:
    digest = f"{number:064x}"[::-1]
    return Kept(digest[:12], f"sha256:{digest}", created=f"2026-01-{number:02d}")


def id_of(number: int) -> str:
    return kept(number).name


def chosen(
    *numbers: int, order: tuple[int, ...] = (), protected: tuple[int, ...] = (), good: int = 2, rejected: int = 1,
    **verdicts: str,
) -> list[int]:  # fmt: skip
    words = {id_of(int(name[1:])): word for name, word in verdicts.items()}
    found = choose(
        [kept(number) for number in numbers],
        order=[id_of(number) for number in order],
        verdicts=words,
        protected=[id_of(number) for number in protected],
        bounds=Bounds(good, rejected),
    )
    names = {id_of(number): number for number in numbers}
    return sorted(names[name] for name, _why in found)


V, F, W = "verified", "failed", "withdrawn"


@pytest.mark.parametrize(
    ("left", "given_"),
    [
        ([], {"numbers": (1, 2), "order": (2, 1), "r1": V, "r2": V}),
        ([1], {"numbers": (1, 2, 3), "order": (3, 2, 1), "r1": V, "r2": V, "r3": V}),
        # by the order of a rollback, not by age on the disk
        ([3], {"numbers": (1, 2, 3), "order": (1, 2, 3), "r1": V, "r2": V, "r3": V}),
        # what a rollback would not go to leaves first
        ([3], {"numbers": (1, 2, 3), "order": (2, 1), "r1": V, "r2": V, "r3": W}),
        # what must stay counts
        ([2], {"numbers": (1, 2, 3), "order": (3, 2, 1), "protected": (3, 1), "r1": V, "r2": V, "r3": V}),
        ([], {"numbers": (1, 2, 3), "order": (3, 2, 1), "protected": (1, 2, 3), "r1": V, "r2": V, "r3": V}),
        # rejected and unproved ones have a bound of their own, the newest stay
        ([4, 5], {"numbers": (1, 4, 5, 6), "order": (1,), "r1": V, "r4": F, "r5": F, "r6": F}),
        ([4], {"numbers": (1, 4, 5), "order": (1,), "r1": V, "r5": F}),
        ([], {"numbers": (1, 4, 5), "order": (1,), "protected": (4,), "r1": V, "r4": F, "r5": F}),
    ],
)
def test_the_table(left: list[int], given_: dict[str, object]) -> None:
    numbers = given_.pop("numbers")
    assert chosen(*numbers, **given_) == left  # type: ignore[misc, arg-type]


def test_what_another_tool_put_there_stays() -> None:
    foreign = [Kept(f"2026010{number}", ours=False) for number in range(9)]
    assert choose(foreign, order=[], verdicts={}, protected=[], bounds=Bounds(2, 0)) == ()


def test_it_says_why() -> None:
    found = choose(
        [kept(number) for number in (1, 2, 3, 4, 5)] + [Kept("spoilt")],
        order=[id_of(3), id_of(2), id_of(1)],
        verdicts={**{id_of(number): V for number in (1, 2, 3)}, id_of(4): F},
        protected=[],
        bounds=Bounds(2, 0),
    )
    assert dict(found) == {
        id_of(1): "more than 2 releases are kept",
        id_of(4): "it is failed and more than 0 of these are kept",
        id_of(5): "it is unproved and more than 0 of these are kept",
        "spoilt": "it is unproved and more than 0 of these are kept",
    }


@given(st.data())
def test_never_one_that_somebody_needs(data: st.DataObject) -> None:
    numbers = data.draw(st.lists(st.integers(1, 28), unique=True))
    needed = data.draw(st.lists(st.sampled_from(numbers))) if numbers else []
    order = data.draw(st.permutations(numbers))
    verdicts = {f"r{number}": data.draw(st.sampled_from([V, F, W, ""])) for number in numbers}
    good, rejected = data.draw(st.integers(2, 6)), data.draw(st.integers(0, 3))
    bounds = {"good": good, "rejected": rejected}
    left = chosen(*numbers, order=tuple(order), protected=tuple(needed), **bounds, **verdicts)  # type: ignore[arg-type]
    assert not set(left) & set(needed)
    stays = [number for number in numbers if number not in left]
    again = chosen(*stays, order=tuple(order), protected=tuple(needed), **bounds, **verdicts)  # type: ignore[arg-type]
    assert again == []
    well = [number for number in stays if verdicts[f"r{number}"] in (V, W) and number not in needed]
    assert len(well) <= good
    shuffled = data.draw(st.permutations(numbers))
    assert chosen(*shuffled, order=tuple(order), protected=tuple(needed), **bounds, **verdicts) == left  # type: ignore[arg-type]


@pytest.fixture
def pruner(tmp_path: Path) -> Pruner:
    layout = Layout.at(str(tmp_path))
    store = Store(layout)
    for number in range(1, 6):
        put(store, id_of(number), digest=kept(number).digest, finished=True, created=kept(number).created)
    return Pruner(store, Lock(layout), Processes(), lambda: None)


def names(pruner: Pruner) -> set[str]:
    return set(os.listdir(pruner.store.layout.releases))


def planned(pruner: Pruner, **more: object):  # type: ignore[no-untyped-def]
    given_ = {"order": [], "verdicts": {}, "protected": [], "bounds": Bounds(2, 1), **more}
    return pruner.plan("shop/lab/api", **given_)  # type: ignore[arg-type]


def test_what_serves_and_what_runs_stays(pruner: Pruner) -> None:
    layout = pruner.store.layout
    layout.put_link(layout.make_link(layout.releases / id_of(1)))
    with subprocess.Popen(["sleep", "100"], cwd=layout.releases / id_of(2)) as process:
        steps, findings = pruner.carry_out(planned(pruner), check=False)
        process.kill()
    assert names(pruner) == {id_of(number) for number in (1, 2, 5)}
    assert ([step.state for step in steps], findings) == ([State.DONE] * 2, ())
    assert steps[0].sentence.startswith(f"Remove release {id_of(4)} from the disk: it is unproved")


def test_a_plan_removes_nothing(pruner: Pruner) -> None:
    pruner.store.layout.current.mkdir()
    steps, _findings = pruner.carry_out(planned(pruner), check=True)
    assert {step.state for step in steps} == {State.WOULD_DO}
    assert len(names(pruner)) == 5


def test_the_release_that_will_serve_counts(pruner: Pruner) -> None:
    well = {id_of(number): V for number in range(1, 7)}
    order = [id_of(number) for number in (6, 5, 4, 3, 2, 1)]
    assert [step.bounds["release"] for step in planned(pruner, order=order, verdicts=well).steps] == order[2:]
    # and once only, when it is there
    assert [step.bounds["release"] for step in planned(pruner, order=order[1:], verdicts=well).steps] == order[3:]


def test_another_run(pruner: Pruner) -> None:
    other = Lock(pruner.store.layout)
    other.take()
    steps, (finding,) = pruner.carry_out(planned(pruner), check=False)
    assert steps[0].state is State.FAILED
    assert finding.message.startswith("Another run changes")
    other.free()


def test_a_lease_that_ran_out(pruner: Pruner) -> None:
    def ran_out() -> None:
        raise LeaseLost("The lease ran out")

    late = Pruner(pruner.store, pruner.lock, pruner.processes, ran_out)
    steps, (finding,) = late.carry_out(planned(late), check=False)
    assert (steps, finding.id, finding.message) == ((), "not_pruned", "The lease ran out.")
    assert len(names(pruner)) == 5


def test_a_part_that_stays(pruner: Pruner, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(pruner)
    monkeypatch.setattr("shutil.rmtree", lambda *_args, **_named: None)
    steps, findings = pruner.carry_out(plan, check=False)
    assert {step.state for step in steps} == {State.FAILED}
    assert findings[0].message.startswith(f"A part of release {id_of(4)} could not be removed")
