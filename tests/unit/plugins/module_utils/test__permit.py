"""The permit: read from the guard's dict, proved before each step, and its lock held as long as the process lives."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, LeaseLost, OpsError, Refused
from ansible_collections.steady.ops.plugins.module_utils._permit import Permit

API = "smartunderwrite/production/api"
AGAIN = "Run the same command again: it finishes or puts back what was begun."
STRANGE = "The option permit was not written by steady.ops.guard. Pass permit: '{{ ops_run.permit }}'."


class At:
    """A clock that stands at one boot time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def now(self) -> datetime:
        raise AssertionError("the wall clock was asked")

    def steady(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        raise AssertionError("it slept")


def option(**changes: Any) -> dict[str, Any]:
    lease = {"object": API, "token": 41, "lease_deadline_path": "/run/x/api.json"}
    return {
        "run": "01J",
        "runbook": "deploy",
        "action": "deploy",
        "objects": [lease],
        "approved_plan_hashes": ["sha256:aa"],
        "mode": "real",
        "lab": True,
        **changes,
    }


def two_objects() -> list[dict[str, Any]]:
    return [
        {"object": API, "token": 41, "lease_deadline_path": "/run/x/api.json"},
        {"object": "smartunderwrite/production/worker", "token": 7, "lease_deadline_path": "/run/x/worker.json"},
    ]


class TestReading:
    def test_all_of_it(self) -> None:
        assert Permit.from_option(option(), check=False) == Permit(
            run="01J",
            runbook="deploy",
            action="deploy",
            object=API,
            deadline_path="/run/x/api.json",
            approved_plan_hashes=("sha256:aa",),
            lab=True,
            real=True,
        )

    def test_the_front_end_names_one_of_several_objects(self) -> None:
        value = option(objects=two_objects(), object="smartunderwrite/production/worker")

        assert Permit.from_option(value, check=False).deadline_path == "/run/x/worker.json"

    @pytest.mark.parametrize("nothing", [None, {}])
    def test_none_is_refused_in_a_real_run(self, nothing: dict[str, object] | None) -> None:
        with pytest.raises(Refused) as caught:
            Permit.from_option(nothing, check=False)

        assert str(caught.value) == (
            "A change needs a permit and the option permit is empty. Make steady.ops.guard the first task of the play"
            " and pass permit: '{{ ops_run.permit }}', or run with --check."
        )

    @pytest.mark.parametrize("nothing", [None, {}])
    def test_none_is_enough_in_check_mode(self, nothing: dict[str, object] | None) -> None:
        permit = Permit.from_option(nothing, check=True, object=API)

        assert (permit.object, permit.real, permit.deadline_path) == (API, False, "")

    @pytest.mark.parametrize(
        "value",
        [
            option(mode="check"),
            option(mode=""),
            option(objects=[{"object": API, "token": 0, "lease_deadline_path": ""}]),
            option(objects=[{"object": API, "token": 0}]),
        ],
    )
    def test_one_of_a_check_run_allows_no_change(self, value: dict[str, Any]) -> None:
        with pytest.raises(Refused) as caught:
            Permit.from_option(value, check=False)

        assert str(caught.value) == (
            "The option permit comes from a check run and allows no change. Run the play without --check."
        )
        assert Permit.from_option(value, check=True).object == API

    @pytest.mark.parametrize(
        "value",
        [
            {"run": "01J"},
            {key: value for key, value in option().items() if key != "runbook"},
            option(objects=[]),
            option(objects=None),
            option(objects="all"),
            option(objects=["all"]),
            option(objects=[{"token": 1}]),
            option(objects=two_objects()),
            option(object="smartunderwrite/production/database"),
            option(approved_plan_hashes="sha256:aa"),
            option(approved_plan_hashes={"sha256:aa": True}),
        ],
    )
    @pytest.mark.parametrize("check", [True, False])
    def test_what_the_guard_did_not_write_is_refused(self, value: dict[str, Any], check: bool) -> None:
        with pytest.raises(InvalidInput) as caught:
            Permit.from_option(value, check=check)

        assert str(caught.value) == STRANGE

    def test_no_approved_hashes_is_an_empty_list(self) -> None:
        assert Permit.from_option(option(approved_plan_hashes=None), check=False).approved_plan_hashes == ()

    @given(
        st.dictionaries(
            st.sampled_from(["run", "runbook", "action", "object", "objects", "approved_plan_hashes", "mode", "lab"]),
            st.none() | st.text() | st.booleans() | st.lists(st.text() | st.dictionaries(st.text(), st.text())),
        )
    )
    def test_nothing_else_allows_a_change_or_breaks(self, value: dict[str, Any]) -> None:
        with pytest.raises(OpsError):
            Permit.from_option(value, check=False)


@pytest.fixture
def permit(tmp_path: Path) -> Permit:
    return Permit("01J", "deploy", "deploy", API, deadline_path=str(tmp_path / "api.json"), real=True)


def write(permit: Permit, content: object) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    Path(permit.deadline_path).write_text(text, encoding="utf-8")


class TestProof:
    def test_it_holds_up_to_the_deadline(self, permit: Permit) -> None:
        write(permit, {"deadline": 1000.5, "stop": False})

        permit.prove(At(1000.4))

    @pytest.mark.parametrize("seconds", [1000.5, 1000.6, 1e12])
    def test_it_ends_at_the_deadline(self, permit: Permit, seconds: float) -> None:
        write(permit, {"deadline": 1000.5, "stop": False})

        with pytest.raises(LeaseLost) as caught:
            permit.prove(At(seconds))

        assert str(caught.value) == f"The lease on {API} ran out. {AGAIN}"

    def test_it_ends_when_the_run_is_gone(self, permit: Permit) -> None:
        write(permit, {"deadline": 1000.5, "stop": True})

        with pytest.raises(LeaseLost) as caught:
            permit.prove(At(1))

        assert str(caught.value) == f"The run that held the lease on {API} is gone. {AGAIN}"

    @pytest.mark.parametrize(
        "content",
        [
            "",
            '{"deadline": 1000.5, "st',
            "[]",
            "null",
            "7",
            {},
            {"deadline": 1000.5},
            {"stop": False},
            {"deadline": None, "stop": False},
            {"deadline": "soon", "stop": False},
            '{"deadline": NaN, "stop": false}',
            '{"deadline": Infinity, "stop": false}',
            f'{{"deadline": 1{"0" * 400}, "stop": false}}',
        ],
    )
    def test_a_file_that_says_nothing_proves_nothing(self, permit: Permit, content: object) -> None:
        write(permit, content)

        with pytest.raises(LeaseLost) as caught:
            permit.prove(At(1))

        assert str(caught.value) == f"The lease on {API} cannot be proved: its deadline is gone. {AGAIN}"

    def test_bytes_that_are_no_text_prove_nothing(self, permit: Permit) -> None:
        Path(permit.deadline_path).write_bytes(b"\xff\xfe")

        with pytest.raises(LeaseLost):
            permit.prove(At(1))

    def test_a_file_that_is_gone_proves_nothing(self, permit: Permit) -> None:
        with pytest.raises(LeaseLost, match=r"cannot be proved: its deadline is gone\."):
            permit.prove(At(1))

    def test_a_permit_of_a_check_run_proves_nothing(self) -> None:
        with pytest.raises(LeaseLost):
            Permit.from_option(None, check=True, object=API).prove(At(1))

    @given(st.integers(min_value=0, max_value=45))
    def test_no_torn_file_proves_anything(self, length: int) -> None:
        whole = json.dumps({"deadline": 123456789.25, "stop": False})
        reader, writer = os.pipe()
        os.write(writer, whole[: min(length, len(whole) - 1)].encode())
        os.close(writer)
        try:
            with pytest.raises(LeaseLost):
                Permit("01J", "deploy", "deploy", API, deadline_path=f"/proc/self/fd/{reader}").prove(At(1))
        finally:
            os.close(reader)


def held(lock: Path) -> bool:
    """Look at the lock as the keeper does: whoever may take it alone knows that no module lives."""
    with lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


class TestLock:
    def test_check_mode_holds_nothing(self) -> None:
        assert Permit.from_option(None, check=True, object=API).hold() is None

    def test_it_is_private_and_shared_between_modules(self, permit: Permit, tmp_path: Path) -> None:
        first, second = permit.hold(), permit.hold()
        assert first is not None
        assert second is not None
        try:
            assert (tmp_path / "module.lock").stat().st_mode & 0o777 == 0o600
            assert not os.get_inheritable(first)
            assert held(tmp_path / "module.lock")
            os.close(first)
            assert held(tmp_path / "module.lock")
        finally:
            os.close(second)
        assert not held(tmp_path / "module.lock")

    def test_a_directory_that_is_gone_is_a_lost_lease(self, tmp_path: Path) -> None:
        permit = Permit("01J", "deploy", "deploy", API, deadline_path=str(tmp_path / "gone" / "api.json"))

        with pytest.raises(LeaseLost) as caught:
            permit.hold()

        assert str(caught.value) == (
            f"The lease on {API} cannot be held: {tmp_path}/gone/module.lock cannot be locked"
            f" (No such file or directory). {AGAIN}"
        )

    @pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
    def test_it_is_held_by_a_living_process_and_freed_by_its_death(
        self, permit: Permit, tmp_path: Path, end: signal.Signals
    ) -> None:
        program = (
            "import sys\n"
            "from ansible_collections.steady.ops.plugins.module_utils._permit import Permit\n"
            "Permit('01J', 'deploy', 'deploy', 'o', deadline_path=sys.argv[1], real=True).hold()\n"
            "print('held', flush=True)\n"
            "sys.stdin.read()\n"
        )
        module = subprocess.Popen(
            [sys.executable, "-c", program, permit.deadline_path],
            env={"PYTHONPATH": ":".join(filter(None, sys.path))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with module:
            assert module.stdout is not None
            assert module.stdout.readline() == "held\n"
            assert held(tmp_path / "module.lock")
            module.send_signal(end)
            module.wait()
        assert not held(tmp_path / "module.lock")
