"""Which playbooks the journal records, and how it ends them; a whole run is in tests/integration/test_guard.py."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.callback import journal
from ansible_collections.steady.ops.plugins.callback.journal import CallbackModule, _guarded
from ansible_collections.steady.ops.plugins.module_utils._errors import OpsError
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import initialise
from ansible_collections.steady.ops.plugins.plugin_utils._runs import active


def task(action: str) -> Any:
    return SimpleNamespace(action=action, resolved_action=action, get_name=lambda: action, delegate_to=None)


def play(*tasks: Any, before: tuple[Any, ...] = ()) -> Any:
    return SimpleNamespace(pre_tasks=list(before), tasks=list(tasks))


def playbook(*plays: Any) -> Any:
    return SimpleNamespace(get_plays=lambda: list(plays), _file_name="/somewhere/swap.yml", _loader=None)


def result(of: Any, **shown: Any) -> Any:
    return SimpleNamespace(task=of, result=shown, host=SimpleNamespace(get_name=lambda: "api"))


def stats(**hosts: tuple[str, ...]) -> Any:
    def summarize(host: str) -> dict[str, int]:
        return {kind: int(kind in hosts[host]) for kind in ("failures", "unreachable")}

    return SimpleNamespace(processed=dict.fromkeys(hosts, 1), summarize=summarize)


def block(*tasks: Any, rescue: tuple[Any, ...] = (), always: tuple[Any, ...] = ()) -> Any:
    return SimpleNamespace(block=list(tasks), rescue=list(rescue), always=list(always))


@pytest.mark.parametrize(
    ("tasks", "ours"),
    [
        ([], False),
        ([task("ansible.builtin.debug")], False),
        ([block(task("ansible.builtin.debug"), block(task("steady.ops.guard")))], True),
        ([block(task("x"), always=(task("steady.ops.guard"),))], True),
    ],
)
def test_a_playbook_that_calls_the_guard_is_ours(tasks: list[Any], ours: bool) -> None:
    assert _guarded(tasks) is ours


def test_a_guard_under_a_short_name_is_ours() -> None:
    """With C(collections: [steady.ops]) a play says C(guard); Ansible says what it means."""
    assert _guarded([SimpleNamespace(action="guard", resolved_action="steady.ops.guard")])
    assert _guarded([SimpleNamespace(action="steady.ops.guard", resolved_action=None)])
    assert not _guarded([SimpleNamespace(action="guard", resolved_action="acme.toy.guard")])


def test_a_foreign_playbook_leaves_no_trace() -> None:
    active._current.clear()
    callback = CallbackModule()
    callback.v2_playbook_on_start(playbook(play(task("x"))))
    callback.v2_runner_on_ok(SimpleNamespace())
    callback.v2_runner_on_failed(SimpleNamespace())
    callback.v2_runner_on_unreachable(SimpleNamespace())
    callback.v2_playbook_on_stats(SimpleNamespace())
    assert callback._record is None and active.current() is None


class Seen:
    """A journal callback over a ledger; the process of the run is this one."""

    def __init__(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ledger = initialise(f"file://{base}/ledger", "toy", "lab")[0]
        self.lines: list[str] = []
        self.errors: list[str] = []
        monkeypatch.setattr(journal.C.config, "get_config_value", lambda _name: str(base / "home"))
        self.callback: Any = CallbackModule()
        self.callback._display = SimpleNamespace(
            verbosity=0, display=self.lines.append, error=lambda text, wrap_text: self.errors.append(text)
        )
        self.directory = base / "home" / "steady.ops" / "runs"

    def start(self, *plays: Any) -> str:
        self.callback.v2_playbook_on_start(playbook(*(plays or [play(task("steady.ops.guard"))])))
        begun = active.current()
        assert begun is not None and begun.process.pid == os.getpid()
        return begun.run

    def passes(self, run: str, **more: Any) -> dict[str, Any]:
        return {
            "run": run,
            "runbook": "swap",
            "action": "swap",
            "system": "toy",
            "environment": "lab",
            "mode": "real",
            "lab": True,
            "objects": ["toy/lab/api"],
            "ledger": self.ledger.url,
            "target": "AWS 1 r",
            "risk": "change",
            **more,
        }

    def closed(self) -> list[dict[str, Any]]:
        return [event for event in self.ledger.journal.events() if event["event"] == "closed"]


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seen]:
    active._current.clear()
    yield Seen(tmp_path, monkeypatch)
    active._current.clear()


def test_a_run_is_closed_with_its_entry_and_its_last_line(seen: Seen) -> None:
    run = seen.start()
    seen.callback.v2_runner_on_ok(result(task("steady.ops.guard"), **seen.passes(run)))
    seen.callback.v2_runner_on_ok(result(task("steady.ops.toy_deploy"), changed=True))
    seen.callback.v2_playbook_on_stats(stats(api=()))
    (event,) = seen.closed()
    assert (event["run"], event["result"], event["failures"]) == (run, "ok", [])
    (line,) = seen.lines
    assert line.startswith(f"toy/lab | swap: swap | run {run} | target AWS 1 r | ok after ")
    assert line.endswith("LAB: no real system was touched") and seen.errors == []
    seen.callback.v2_playbook_on_stats(stats(api=()))
    assert len(seen.closed()) == 1, "a run is closed once"


def test_failures_are_kept_with_their_sentence(seen: Seen) -> None:
    run = seen.start()
    seen.callback.v2_runner_on_ok(result(task("steady.ops.guard"), **seen.passes(run)))
    seen.callback.v2_runner_on_failed(result(task("deploy"), msg="It broke. Mend it.", plan=[1]))
    seen.callback.v2_runner_on_failed(result(task("look"), msg="Never mind."), ignore_errors=True)
    seen.callback.v2_runner_on_unreachable(result(task("reach"), msg="No route."))
    seen.callback.v2_playbook_on_stats(stats(api=("failures",), web=("unreachable",), cache=()))
    (event,) = seen.closed()
    assert (event["result"], event["failed_hosts"]) == ("FAILED", ["api", "web"])
    assert event["failures"] == [
        {"host": "api", "task": "deploy", "msg": "It broke. Mend it."},
        {"host": "api", "task": "reach", "msg": "No route."},
    ]


@pytest.mark.parametrize("ignored", [False, True])
def test_a_refusal_is_recorded_as_one_also_when_the_play_ignores_it(seen: Seen, ignored: bool) -> None:
    run = seen.start()
    refused = result(task("steady.ops.guard"), msg="Refused by the gate hold: x.", **seen.passes(run))
    seen.callback.v2_runner_on_failed(refused, ignore_errors=ignored)
    seen.callback.v2_playbook_on_stats(stats(api=() if ignored else ("failures",)))
    assert [event["result"] for event in seen.closed()] == ["REFUSED"]
    assert " | REFUSED after " in seen.lines[0]


@pytest.mark.parametrize(
    ("processed", "told"),
    [
        ({}, "swap.yml processed no host, so nothing was done: check -i, --limit, --tags and --start-at-task"),
        ({"api": ()}, "swap.yml went past its guard, so nothing may be changed and nothing was recorded"),
    ],
)
def test_a_run_that_did_nothing_ends_red(seen: Seen, processed: dict[str, tuple[str, ...]], told: str) -> None:
    seen.start()
    with pytest.raises(SystemExit) as caught:
        seen.callback.v2_playbook_on_stats(stats(**processed))
    assert caught.value.code == 2 and seen.errors[0].startswith(told)


def test_an_end_that_cannot_be_kept_is_red(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_args: Any, **_more: Any) -> Any:
        raise OpsError("The leases are damaged")

    monkeypatch.setattr(journal, "close", breaks)
    seen.start()
    with pytest.raises(SystemExit) as caught:
        seen.callback.v2_playbook_on_stats(stats(api=()))
    assert (caught.value.code, seen.errors) == (2, ["The leases are damaged."])


def test_each_playbook_is_a_run_of_its_own(seen: Seen) -> None:
    first = seen.start()
    second = seen.start()
    assert first != second
    # a foreign playbook after ours is not recorded as ours
    seen.callback.v2_playbook_on_start(playbook(play(task("x"))))
    seen.callback.v2_playbook_on_stats(stats())
    assert seen.lines == [] == seen.errors


def test_a_guard_among_the_tasks_before_the_roles_is_found(seen: Seen) -> None:
    assert seen.start(play(task("x")), play(task("y"), before=(task("steady.ops.guard"),)))


def test_a_change_that_passed_the_gates_and_did_nothing_ends_red(seen: Seen) -> None:
    run = seen.start()
    seen.callback.v2_runner_on_ok(result(task("steady.ops.guard"), **seen.passes(run)))
    with pytest.raises(SystemExit):
        seen.callback.v2_playbook_on_stats(stats(api=()))
    told = "swap.yml passed the gates and then did nothing: run it without --tags and --skip-tags. Next: ansible-"
    assert [error[: len(told)] for error in seen.errors] == [told]
    assert len(seen.closed()) == 1 and len(seen.lines) == 1


@pytest.mark.parametrize(("action", "resolved"), [("guard", "steady.ops.guard"), ("steady.ops.guard", None)])
def test_what_the_guard_let_pass_is_noted_under_each_of_its_names(
    seen: Seen, action: str, resolved: str | None
) -> None:
    run = seen.start()
    named = SimpleNamespace(action=action, resolved_action=resolved)
    seen.callback.v2_runner_on_ok(result(named, **seen.passes(run, risk="read")))
    seen.callback.v2_playbook_on_stats(stats(api=()))
    assert len(seen.closed()) == 1 and seen.errors == []
