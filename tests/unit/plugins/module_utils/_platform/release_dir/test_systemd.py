"""systemd: its words, what is sent, what is read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._command import CommandResult
from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, RequestRefused, Unreachable
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.supervisor import Caller, Health, State
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.systemd import (
    Systemd,
    state_of,
    unit_name,
)

UNIT = "api.service"


class Systemctl:
    """Answers by verb; a list gives one answer after the other."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {"show": CommandResult(0, "LoadState=loaded\nActiveState=active\n", ""), **answers}
        self.calls: list[str] = []

    def run(self, argv: Sequence[str], **_more: Any) -> CommandResult:
        self.calls.append(" ".join(argv))
        verb = argv[0] if argv[0] == "journalctl" else next(word for word in argv[1:] if not word.startswith("-"))
        answer = self.answers.get(verb, CommandResult(0, "", ""))
        return answer.pop(0) if isinstance(answer, list) else answer


def unit(graceful: bool = False, **answers: Any) -> tuple[Systemd, Systemctl]:
    runner = Systemctl(**answers)
    return Systemd(Caller(runner), UNIT, graceful), runner


@pytest.mark.parametrize(("given", "name"), [("api", UNIT), ("api.service", UNIT), ("a@1", "a@1.service")])
def test_names(given: str, name: str) -> None:
    assert unit_name(given) == name


@pytest.mark.parametrize("given", ["", "-M", "a b", "a/b", "a;b.service", "a" * 300])
def test_what_is_no_name(given: str) -> None:
    with pytest.raises(InvalidInput, match=r"supervisor\.unit"):
        unit_name(given.removesuffix(".service") if given else "/")


def said(active: str, sub: str = "", **more: str) -> dict[str, str]:
    return {"LoadState": "loaded", "ActiveState": active, "SubState": sub, "MainPID": "0", "NRestarts": "0", **more}


@pytest.mark.parametrize(
    ("properties", "state"),
    [
        (said("active", "running", MainPID="7", NRestarts="2"), State(Health.RUNNING, "active/running", (7,), 2)),
        (said("active", "exited"), State(Health.STOPPED, "active/exited")),
        (said("active", "start-post", MainPID="7"), State(Health.STARTING, "active/start-post", (7,))),
        (said("activating", "auto-restart", NRestarts="3"), State(Health.STARTING, "activating/auto-restart", (), 3)),
        (said("deactivating", "stop"), State(Health.STARTING, "deactivating/stop")),
        (said("inactive", "dead"), State(Health.STOPPED, "inactive/dead")),
        (said("failed", "failed", Result="exit-code"), State(Health.FAILED, "failed/failed (exit-code)")),
        (said("maintenance", "new", Result="success"), State(Health.STARTING, "maintenance/new")),
        ({"ActiveState": "active", "SubState": "running"}, State(Health.RUNNING, "active/running")),
    ],
)
def test_its_words(properties: dict[str, str], state: State) -> None:
    assert state_of(UNIT, properties) == state


@pytest.mark.parametrize("loaded", ["not-found", "masked", "bad-setting", "error"])
def test_a_unit_that_cannot_be_used(loaded: str) -> None:
    state = state_of(UNIT, said("inactive", "dead", LoadState=loaded))
    assert state.health is Health.ABSENT
    assert state.obstacle.startswith(f"The systemd unit api.service is {loaded}. Install it")


def test_a_restart() -> None:
    systemd, runner = unit()
    systemd.switch("/srv/api/releases/b")
    systemd.settled()
    assert runner.calls[1:] == [
        "systemctl reset-failed -- api.service",
        "systemctl --no-ask-password --no-block restart -- api.service",
    ]


def test_a_reload_of_a_unit_that_changed() -> None:
    shown = CommandResult(0, "ActiveState=active\nNeedDaemonReload=yes\nan empty line\n", "")
    systemd, runner = unit(True, show=shown)
    systemd.switch("/srv/api/releases/b")
    assert runner.calls[1] == "systemctl daemon-reload"
    assert runner.calls[-1].endswith("reload-or-restart -- api.service")
    assert systemd.state().health is Health.STARTING


def test_a_user_who_may_not() -> None:
    systemd, _runner = unit(restart=CommandResult(4, "", "Interactive authentication required."))
    with pytest.raises(RequestRefused, match=r"Interactive authentication required. Run with become"):
        systemd.switch("/srv/api/releases/b")


@pytest.mark.parametrize(
    "answer", [CommandResult(1, "", "System has not been booted with systemd"), CommandResult(0, "", "")]
)
def test_no_systemd(answer: CommandResult) -> None:
    systemd, _runner = unit(show=answer)
    with pytest.raises(Unreachable, match=r"systemd does not tell how api.service stands.*Is systemd the first"):
        systemd.state()


@pytest.mark.parametrize(
    ("since", "answers", "lines", "calls"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), [CommandResult(0, "a\nb\n", "")], ["a", "b"], 1),
        (datetime(2026, 1, 1, tzinfo=UTC), [CommandResult(0, "", ""), CommandResult(0, "old\n", "")], ["old"], 2),
        (datetime(2026, 1, 1, tzinfo=UTC), [CommandResult(0, "", ""), CommandResult(0, "", "")], [], 2),
        (None, [CommandResult(0, "", "")], [], 1),
    ],
)
def test_last_words(since: Any, answers: list[CommandResult], lines: list[str], calls: int) -> None:
    systemd, runner = unit(journalctl=answers)
    assert systemd.last_words(since, 5) == lines
    assert len(runner.calls) == calls
    assert ("--since @1767225600" in runner.calls[0]) is bool(since)
