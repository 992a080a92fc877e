"""When the login user may not become the module's: told from a machine that gives no answer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._runs.machine_become import Become, BecomeRefused, become_of
from ansible_collections.steady.ops.plugins.plugin_utils._runs.machine_errands import Errands

SUDO = Become("sudo", "root")
SAID = "The login user may not become root on the machine ({}). Allow it there with sudo, or give its password"


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("sudo: a password is required\n", "sudo: a password is required"),
        ("Last login: today\nguest is not in the sudoers file.\n", "guest is not in the sudoers file"),
        (
            "Sorry, user guest is not allowed to execute '/bin/sh' as root on m1.",
            "Sorry, user guest is not allowed to execute '/bin/sh' as root on m1",
        ),
        ("/bin/sh: 1: sudo: not found", "/bin/sh: 1: sudo: not found"),
        ("The host cannot be reached: Incorrect sudo password", "The host cannot be reached: Incorrect sudo password"),
        ("sudo: password=hunter2 is wrong", "sudo: password=******** is wrong"),
    ],
)
def test_a_refusal_is_one_sentence_with_the_way_on(heard: str, said: str) -> None:
    refused = SUDO.refusal(heard)
    assert str(refused) == f"{SAID.format(said)} with --ask-become-pass."
    assert isinstance(refused, Unreachable), "a run that is under way tries again"


@pytest.mark.parametrize(
    "heard", ["", "Connection reset by peer", "/bin/sh: 1: /usr/bin/python3: not found", "use sudo with care"]
)
def test_what_is_no_refusal(heard: str) -> None:
    assert SUDO.refusal(heard) is None
    assert Become().refusal(f"sudo: {heard}") is None, "nobody else is asked for"


def test_what_ansible_makes_of_it_is_seen_through() -> None:
    found = {"failed": True, "msg": "Module result deserialization failed", "module_stderr": "sudo: no tty\n"}
    assert str(SUDO.refusal_in(found)).startswith(SAID.partition(" (")[0])
    assert SUDO.refusal_in({**found, "failed": False}) is None
    assert SUDO.refusal_in({"failed": True, "msg": "sudo: is what the module speaks of"}) is None


def test_the_way_is_that_of_the_connection() -> None:
    plugin = SimpleNamespace(name="ansible.builtin.su", get_option=lambda _name: "app")
    assert become_of(SimpleNamespace(become=plugin)) == Become("su", "app")
    plugin = SimpleNamespace(name="sudo", get_option=lambda _name: None)
    assert become_of(SimpleNamespace(become=plugin)) == SUDO
    assert become_of(SimpleNamespace(become=None)) == Become() == become_of(SimpleNamespace())


def refused_by(command: Any) -> str:
    errands = Errands(command, lambda: "/usr/bin/python3", become=SUDO)
    with pytest.raises(BecomeRefused) as error:
        errands.errand({"errand": "look", "directory": "/nowhere"}, 5)
    return str(error.value)


def test_an_errand_says_so() -> None:
    assert "(sudo: a password is required)" in refused_by(
        lambda _line: {"rc": 1, "stdout": "", "stderr": "sudo: a password is required\n"}
    )

    def asks(_line: str) -> dict[str, Any]:
        raise RuntimeError("Missing sudo password")

    assert refused_by(asks).count("may not become root") == 1
