"""A component's own commands: real programs, and what of them is told."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._command import SubprocessRunner
from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.module_utils._hooks import CommandHooks, hooks_from
from ansible_collections.steady.ops.plugins.module_utils._own_command import OwnCommand
from ansible_collections.steady.ops.plugins.module_utils._release.protocol import Moment
from ansible_collections.steady.ops.plugins.module_utils._release.values import Release

RELEASE = Release("sha256:" + "ab" * 32, ref="api:2", version="2.0.0")
ENVIRON = {"PATH": "/usr/bin:/bin", "SMOKE_TOKEN": "s3cr3t-value", "AWS_SECRET_ACCESS_KEY": "never"}


def python(program: str, **more: Any) -> OwnCommand:
    return OwnCommand((sys.executable, "-c", program), **more)


def run(*hooks: OwnCommand, environ: dict[str, str] | None = None, said: list[str] | None = None) -> str:
    lines: list[str] = [] if said is None else said
    commands = CommandHooks(
        {Moment.AFTER_SWITCH: hooks}, "api", SubprocessRunner(), ENVIRON if environ is None else environ, lines.append
    )
    return commands.run(Moment.AFTER_SWITCH, RELEASE)


def test_all_that_end_well_pass() -> None:
    said: list[str] = []
    assert run(python("pass"), python("pass"), said=said) == ""
    assert said == [f"running the command {sys.executable} after the switch"] * 2


def test_a_moment_without_commands_passes() -> None:
    commands = CommandHooks({}, "api", SubprocessRunner(), ENVIRON, print)
    assert commands.run(Moment.BEFORE_SWITCH, RELEASE) == ""


def test_the_first_that_fails_ends_the_row_with_its_last_words() -> None:
    why = run(python("import sys; print('out'); sys.exit('one\\n\\ntwo\\nthree\\nfour')"), python("print('never')"))
    assert why == f"the command {sys.executable} after the switch ended with 1: two / three / four"


def test_one_that_says_nothing() -> None:
    assert run(python("raise SystemExit(3)")).endswith("after the switch ended with 3")


def test_what_it_writes_to_its_output_counts_where_it_writes_no_errors() -> None:
    assert run(python("print('smoke: 500'); raise SystemExit(1)")).endswith("ended with 1: smoke: 500")


def test_it_is_told_what_it_is_about_and_gets_no_more_than_it_names() -> None:
    program = (
        "import os, sys; e = os.environ;"
        "ok = (e['STEADY_COMPONENT'], e['STEADY_MOMENT'], e['STEADY_VERSION'], e['STEADY_RELEASE'], e['SMOKE_TOKEN'])"
        " == ('api', 'after_switch', '2.0.0', 'abababababab', 's3cr3t-value') and 'AWS_SECRET_ACCESS_KEY' not in e;"
        "sys.exit(0 if ok else str(dict(e)))"
    )
    assert run(python(program, environment=("SMOKE_TOKEN",))) == ""


def test_what_it_says_of_its_secrets_is_redacted() -> None:
    why = run(python("import os, sys; sys.exit(os.environ['SMOKE_TOKEN'])", environment=("SMOKE_TOKEN",)))
    assert "s3cr3t-value" not in why
    assert "ended with 1: " in why


def test_a_variable_that_is_not_there_is_named() -> None:
    why = run(python("pass", environment=("SMOKE_TOKEN",)), environ={})
    assert why.endswith("wants SMOKE_TOKEN, which the environment of the run does not hold")


def test_one_that_hangs_is_ended() -> None:
    why = run(python("import time; time.sleep(60)", timeout_seconds=0.3))
    assert why.endswith(f"did not run to its end: The program {sys.executable} gave no result within 0.3 s.")


def test_one_that_does_not_exist() -> None:
    assert "did not run to its end: The program /no/such cannot be started" in run(OwnCommand(("/no/such",)))


class TestOption:
    def test_each_moment_has_its_own(self) -> None:
        found = hooks_from({"after_switch": [{"argv": ["smoke", "a b"], "timeout_seconds": 5, "environment": ["T"]}]})
        assert found[Moment.AFTER_SWITCH] == (OwnCommand(("smoke", "a b"), 5.0, ("T",)),)
        assert found[Moment.BEFORE_SWITCH] == found[Moment.AFTER_UNDO] == ()

    @pytest.mark.parametrize("nothing", [None, {}, {"after_switch": None}])
    def test_none_are_none(self, nothing: object) -> None:
        assert set(hooks_from(nothing).values()) == {()}

    @pytest.mark.parametrize(
        ("item", "says"),
        [
            ({}, "argv names no program"),
            ({"argv": []}, "argv names no program"),
            ({"argv": [""]}, "argv names no program"),
            ({"argv": "smoke"}, "argv names no program"),
            ({"argv": ["smoke", 1]}, "argv names no program"),
            ({"argv": ["smoke"], "timeout_seconds": 0}, "timeout_seconds is 0"),
            ({"argv": ["smoke"], "timeout_seconds": True}, "timeout_seconds is True"),
            ({"argv": ["smoke"], "timeout_seconds": "5"}, "timeout_seconds is '5'"),
            ({"argv": ["smoke"], "environment": "T"}, "environment is no list of names"),
            ({"argv": ["smoke"], "environment": [1]}, "environment is no list of names"),
        ],
    )
    def test_what_is_wrong_is_named(self, item: dict[str, object], says: str) -> None:
        with pytest.raises(InvalidInput, match=rf"^hooks\.after_switch\[1\]\.{says}"):
            hooks_from({"after_switch": [{"argv": ["ok"]}, item]})
