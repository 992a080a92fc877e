"""Calling a supervisor's program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._command import CommandResult
from ansible_collections.steady.ops.plugins.module_utils._errors import RequestRefused
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.supervisor import Caller


class Runner:
    """Answers every program with the same, and remembers how it was called."""

    def __init__(self, rc: int = 0, out: str = "", err: str = "") -> None:
        self.answer = CommandResult(rc, out, err)
        self.calls: list[tuple[tuple[str, ...], Mapping[str, str], float | None]] = []

    def run(
        self, argv: Sequence[str], *, environment: Any = None, stdin: str = "", timeout_seconds: Any = None
    ) -> CommandResult:
        self.calls.append((tuple(argv), environment, timeout_seconds))
        return self.answer


def test_nothing_of_this_run_is_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/api")
    monkeypatch.setenv("ANSIBLE_VAULT_PASSWORD", "canary")
    monkeypatch.delenv("SHELL", raising=False)
    runner = Runner(out="done")
    caller = Caller(runner, 7.0, {"STEADY_CURRENT": "/srv/api/current"})
    assert caller.must("pm2", "jlist", more={"PM2_HOME": "/p"}) == "done"
    (argv, environment, seconds) = runner.calls[0]
    assert (argv, seconds) == (("pm2", "jlist"), 7.0)
    assert environment.items() >= {"HOME": "/home/api", "STEADY_CURRENT": "/srv/api/current", "PM2_HOME": "/p"}.items()
    assert not {"ANSIBLE_VAULT_PASSWORD", "SHELL"} & set(environment)


@pytest.mark.parametrize(
    ("out", "err", "said"),
    [
        ("", "first\n  Access   denied \n\n", "systemctl restart -- ended with 4: Access denied. Ask root."),
        ("only this\n", "", "systemctl restart -- ended with 4: only this. Ask root."),
        ("", "", "systemctl restart -- ended with 4: without a word. Ask root."),
    ],
)
def test_one_that_must_succeed(out: str, err: str, said: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        Caller(Runner(4, out, err)).must("systemctl", "restart", "--", "api.service", remedy="Ask root.")
    assert str(refused.value) == said
