"""Who started a run."""

from __future__ import annotations

import os
import pwd

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._runs.who import user_name, who


def test_account_sudo_and_awx() -> None:
    found = who({"awx_user_name": "ann", "awx_job_id": 7, "secret": "x"}, {"SUDO_USER": "bob"})
    assert found["user"] == user_name() == pwd.getpwuid(os.geteuid()).pw_name
    assert (found["sudo_user"], found["awx"]) == ("bob", {"awx_user_name": "ann", "awx_job_id": "7"})
    assert set(who({}, {})) == {"user", "host", "pid"}


def test_a_timer_names_its_schedule() -> None:
    assert who({}, {"STEADY_SCHEDULE": "nightly/api"})["schedule"] == "nightly/api"
    assert "schedule" not in who({}, {"STEADY_SCHEDULE": ""})


def test_an_account_without_a_name_is_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 2**31)
    assert user_name() == str(2**31)
