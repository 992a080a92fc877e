"""The console prints sentences, and leaves to Ansible what is none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.plugins.callback.default import CallbackModule as Default

from ansible_collections.steady.ops.plugins.callback import console
from ansible_collections.steady.ops.plugins.callback.console import CallbackModule
from ansible_collections.steady.ops.plugins.plugin_utils._runs.ending import Ending

METHODS = (
    "v2_runner_item_on_ok",
    "v2_runner_on_failed",
    "v2_runner_item_on_failed",
    "v2_runner_on_unreachable",
    "v2_runner_on_ok",
    "v2_runner_on_skipped",
    "v2_runner_item_on_skipped",
    "v2_playbook_on_include",
)
LEFT = (*METHODS, "v2_playbook_on_task_start")


class Seen:
    """A console whose lines are kept, and that notes what it leaves to Ansible."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, verbosity: int = 0) -> None:
        self.lines: list[str] = []
        self.left: list[str] = []
        for name in (*METHODS, "v2_playbook_on_task_start", "v2_playbook_on_stats", "v2_runner_on_start"):
            monkeypatch.setattr(
                Default, name, lambda *_args, name=name: self.left.append(name) if name in LEFT else None
            )
        self.console: Any = object.__new__(CallbackModule)
        self.console._display = SimpleNamespace(
            verbosity=verbosity, display=lambda line, **_more: self.lines.append(line)
        )
        self.console._last_task_banner = "task"
        self.console._task_type_cache = {}
        self.console._last_failures, self.console._begun = {}, {}
        self.console._ending = Ending(["ansible-playbook", "x.yml"])
        self.hints: list[str] = []
        self.console._terminal = SimpleNamespace(settle=lambda component="": None, hint=self.hints.append)
        self.console._handle_warnings = lambda _result: None
        self.console.get_option = lambda _name: True
        self.console.host_label = lambda result: result.host.get_name()


def result(
    action: str = "steady.ops.x",
    loop: object = None,
    host: str = "api",
    rescue: bool = False,
    role: str | None = "steady.ops",
    **shown: Any,
) -> Any:
    task = SimpleNamespace(action=action, resolved_action=action, loop=loop, _uuid="task", delegate_to=None)
    task._role, task.check_mode = SimpleNamespace(_role_collection=role), False
    include = SimpleNamespace(_uuid="include", _parent=None)
    block = SimpleNamespace(_uuid="block", _parent=include, block=[] if rescue else [task], rescue=[task] * rescue)
    task._parent = block
    return SimpleNamespace(result=shown, task=task, host=SimpleNamespace(get_name=lambda: host))


def test_a_failure_is_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen(monkeypatch)
    seen.console.v2_runner_on_failed(result(msg="It broke. Mend it.", plan=[1]), True)
    seen.console.v2_runner_on_unreachable(result(msg="No route."))
    seen.console.v2_runner_item_on_failed(result(msg="Item."))
    assert seen.lines == [
        "failed: [api] It broke. Mend it.",
        "...ignoring",
        "failed: [api] No route.",
        "failed: [api] Item.",
    ]


def test_what_has_no_sentence_looks_as_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen(monkeypatch)
    for shown in ({"rc": 1}, {"msg": " "}, {"msg": ["x"]}):
        seen.console.v2_runner_on_failed(result(**shown))
    seen.console.v2_runner_on_failed(result(loop=[1], msg="x", results=[]))
    assert seen.lines == [] and seen.left == ["v2_runner_on_failed"] * 4


def test_messages_are_lines_and_skips_are_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen(monkeypatch)
    seen.console.v2_runner_on_ok(result("ansible.builtin.debug", msg=["one", "two"]))
    seen.console.v2_runner_on_ok(result("ansible.builtin.debug", msg="three"))
    seen.console.v2_runner_on_skipped(result())
    seen.console.v2_runner_item_on_skipped(result())
    seen.console.v2_playbook_on_include(SimpleNamespace(_task=result().task))
    seen.console.v2_runner_on_ok(result(msg="not a debug"))
    seen.console.v2_runner_item_on_ok(result(msg="not a debug"))
    assert (seen.lines, seen.left) == (["  one", "  two", "  three"], [])
    seen.console.v2_runner_on_ok(result(changed=True))
    seen.console.v2_runner_item_on_ok(result(changed=True))
    assert seen.left == ["v2_runner_on_ok", "v2_runner_item_on_ok"]


def test_a_module_that_changes_tells_how_long_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen(monkeypatch)
    monkeypatch.setattr(console, "time", SimpleNamespace(monotonic=iter([10.0, 22.0, 30.0]).__next__))
    done = result("steady.ops.toy_deploy", changed=True)
    seen.console.v2_runner_on_start(done.host, done.task)
    seen.console.v2_runner_on_ok(done)
    seen.console.v2_runner_on_ok(result("steady.ops.toy_deploy"))
    planned = result("steady.ops.toy_deploy", changed=True)
    planned.task.check_mode = True
    seen.console.v2_runner_on_ok(planned)
    assert seen.lines == ["changed: [api] after 12 s", "ok: [api]"]


@pytest.mark.parametrize(("verbosity", "role"), [(1, "steady.ops"), (2, "steady.ops"), (0, None), (0, "acme.toy")])
def test_detail_and_tasks_of_others_are_ansibles_own(
    monkeypatch: pytest.MonkeyPatch, verbosity: int, role: str | None
) -> None:
    seen = Seen(monkeypatch, verbosity)
    for name in METHODS:
        shown = result("ansible.builtin.command", role=role, msg="x")
        shown._task = shown.task
        getattr(seen.console, name)(shown)
    assert (seen.lines, seen.left) == ([], list(METHODS))


@pytest.mark.parametrize("shown", [{"error_kind": "Refused"}, {"plan": []}])
def test_a_failure_of_the_front_end_is_a_sentence_in_any_collection(
    monkeypatch: pytest.MonkeyPatch, shown: dict[str, object]
) -> None:
    seen = Seen(monkeypatch)
    seen.console.v2_runner_on_failed(result("acme.toy.toy_deploy", role=None, msg="It broke.", **shown))
    assert (seen.lines, seen.left) == (["failed: [api] It broke."], [])


def test_the_end_tells_what_serves_and_what_is_next(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen(monkeypatch)
    seen.console.v2_runner_on_ok(result("steady.ops.guard", runbook="deploy", mode="real"))
    said = "It broke. Next: ansible-playbook x.yml"
    seen.console.v2_runner_on_failed(
        result("steady.ops.toy_deploy", msg=said, plan=[], serving={"id": "abc", "version": "1"})
    )
    seen.console.v2_playbook_on_stats(SimpleNamespace(failures={"api": 1}, dark={}))
    assert seen.lines[1:] == ["Serving now:", "  api | 1 (abc)", "Next: ansible-playbook x.yml", ""]
    seen.console.v2_playbook_on_stats(SimpleNamespace(failures={}, dark={}))
    assert len(seen.lines) == 5, "the next playbook of the same command begins anew"


def test_a_failure_stands_under_the_name_of_its_task(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen(monkeypatch)
    seen.console._print_task_banner = lambda task: seen.lines.append(f"TASK {task._uuid}")
    seen.console._last_task_banner = "an earlier one"
    seen.console.v2_runner_on_failed(result(msg="It broke."))
    assert seen.lines == ["TASK task", "failed: [api] It broke."]


def test_a_rescue_that_ends_in_the_same_failure_says_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen(monkeypatch)
    # a delegated task has both names in its label, the rescue's own task one
    seen.console.host_label = lambda _result: "api -> web"
    seen.console.v2_runner_on_failed(result(msg="It broke."))
    seen.console.host_label = lambda result: result.host.get_name()
    seen.console.v2_runner_on_failed(result(msg="It broke.", host="web"))
    for host in ("api", "web"):
        seen.console.v2_runner_on_failed(result(msg="It broke.", host=host, rescue=True))
    seen.console.v2_runner_on_failed(result(msg="Worse.", rescue=True))
    assert seen.lines == ["failed: [api -> web] It broke.", "failed: [web] It broke.", "failed: [api] Worse."]
    assert seen.left == []


def test_another_task_that_fails_alike_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen(monkeypatch)
    for host in ("api", "web", "web"):
        seen.console.v2_runner_on_failed(result(msg="It broke.", host=host))
    assert seen.lines == ["failed: [api] It broke.", "failed: [web] It broke.", "failed: [web] It broke."]


def test_nothing_of_the_result_is_shown_but_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen(monkeypatch)
    seen.console.v2_runner_on_failed(
        result(msg=" Two lines.\n  Of one refusal.\n", invocation={"module_args": {"x": "canary"}}, stderr="canary")
    )
    assert seen.lines == ["failed: [api] Two lines.\n  Of one refusal."]


def test_a_loop_that_failed_before_its_first_item_has_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen(monkeypatch)
    seen.console.v2_runner_on_failed(result(loop=[1], msg="'x' is undefined."))
    assert (seen.lines, seen.left) == (["failed: [api] 'x' is undefined."], [])


@pytest.mark.parametrize(
    ("shown", "loop"), [({"msg": {"a": 1}}, None), ({"msg": "x"}, [1]), ({"x": 1}, None), ({"msg": None}, None)]
)
def test_other_messages_of_debug_look_as_usual(
    monkeypatch: pytest.MonkeyPatch, shown: dict[str, object], loop: object
) -> None:
    seen = Seen(monkeypatch)
    seen.console.v2_runner_on_ok(result("debug", loop=loop, **shown))
    assert (seen.lines, seen.left) == ([], ["v2_runner_on_ok"])


@pytest.mark.parametrize(
    ("to", "address", "label"),
    [
        (None, None, "api"),
        ("api", "10.0.0.5", "api"),
        ("web", "web", "api -> web"),
        ("web", "10.0.0.5", "api -> web(10.0.0.5)"),
        ("web", "{{ machine_address }}", "api -> web"),
    ],
)
def test_a_delegated_host_has_an_address_where_ansible_knows_it(
    to: str | None, address: str | None, label: str
) -> None:
    found = result(_ansible_delegated_vars={"ansible_host": address})
    found.task.delegate_to = to
    assert CallbackModule.host_label(found) == label


def test_it_is_what_ansible_calls_a_stdout_callback() -> None:
    assert (CallbackModule.CALLBACK_TYPE, CallbackModule.CALLBACK_NAME) == ("stdout", "steady.ops.console")
    assert CallbackModule.CALLBACK_VERSION == 2.0 and issubclass(CallbackModule, Default)


@pytest.mark.parametrize(
    ("role", "verbosity", "left"),
    [
        ("steady.ops", 0, []),
        ("steady.ops", 1, ["v2_playbook_on_task_start"]),
        ("acme.toy", 0, ["v2_playbook_on_task_start"]),
    ],
)
def test_a_task_of_ours_has_no_heading_before_it_has_something_to_show(
    monkeypatch: pytest.MonkeyPatch, role: str, verbosity: int, left: list[str]
) -> None:
    seen = Seen(monkeypatch, verbosity)
    task = result(role=role).task
    task.get_name = lambda: " steady.ops.x : Do it "
    seen.console.v2_playbook_on_task_start(task, False)
    assert seen.left == left and seen.hints == ([] if left else ["Do it"])
    if not left:
        named = (seen.console._last_task_name, seen.console._task_type_cache)
        assert named == ("steady.ops.x : Do it", {"task": "TASK"})
