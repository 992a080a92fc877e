"""What a person reads at the end of a run."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._runs.ending import Ending, label_of

ARGV = ("ansible-playbook", "steady.ops.deploy", "-i", "x.yml", "-e", "deploy_release=2")
TWO = {"id": "abc", "version": "2"}


def ending(*more: str, runbook: str = "deploy", mode: str = "real") -> Ending:
    made = Ending((*ARGV, *more))
    made.passed({"runbook": runbook, "mode": mode})
    return made


def finding(severity: str, message: str, **more: str) -> dict[str, object]:
    return {"id": "x", "severity": severity, "message": message, **more}


def test_what_was_noticed_on_all_components_worst_first() -> None:
    end = ending()
    end.note("api", {"plan": [], "findings": [finding("warning", "Old."), finding("ok", "Fine.")]})
    end.note(
        "web", {"plan": [], "findings": [finding("unknown", "No data.", remedy="Look."), finding("critical", "Gone.")]}
    )
    assert end.lines(red=False) == [
        "Noticed, worst first:",
        "  web | critical: Gone.",
        "  web | unknown: No data. Look.",
        "  api | warning: Old.",
    ]
    # what is looked at again is known anew
    end.note("web", {"plan": [], "findings": []})
    assert end.lines(red=False)[1:] == ["  api | warning: Old."]


def test_what_serves_and_the_way_back() -> None:
    end = ending()
    end.note("web", {"serving": None, "changed": False, "plan": []})
    end.note("api", {"serving": TWO, "changed": True, "plan": []})
    assert end.lines(red=False) == [
        "Serving now:",
        "  web | not known",
        "  api | 2 (abc)",
        "To go back: ansible-playbook steady.ops.rollback -i x.yml",
    ]


def test_after_a_check_comes_the_same_command_without_it() -> None:
    end = ending("--check", "--diff", mode="check")
    end.note("api", {"plan": [], "changed": True})
    assert end.lines(red=False) == ["To do it: ansible-playbook steady.ops.deploy -i x.yml -e deploy_release=2 --diff"]
    bundled = ending("-CD", mode="check")
    bundled.note("api", {"plan": [], "changed": True})
    assert bundled.lines(red=False) == []


@pytest.mark.parametrize(("changed", "runbook"), [(False, "deploy"), (True, "rollback")])
def test_nothing_is_next_where_nothing_is(changed: bool, runbook: str) -> None:
    end = ending(runbook=runbook)
    end.note("api", {"plan": [], "changed": changed})
    assert end.lines(red=False) == []


def test_the_command_of_a_failure_is_repeated_only_when_it_is_known_whole() -> None:
    releases = "ansible-playbook steady.ops.releases -i x.yml"
    end = ending()
    end.failed({"msg": f"It broke. Next: {releases}", "next": {"playbook": "releases"}})
    assert end.lines(red=True) == [f"Next: {releases}"]
    # what a rescue says of the whole unit ends alike
    end.failed({"msg": f"api broke and web was undone. Next: {releases}"})
    assert end.lines(red=True) == [f"Next: {releases}"]
    end.failed({"msg": "Other. Next: something else", "next": "x"})
    assert end.lines(red=True) == []
    end.failed({"msg": f"It broke. Next: {' '.join(ARGV)}"})
    assert end.lines(red=True) == [f"Next: {' '.join(ARGV)}"]


def test_results_of_others_say_nothing() -> None:
    end = ending()
    end.note("api", {"findings": [finding("critical", "x")], "changed": True})
    assert end.lines(red=False) == [] and label_of({"id": "abc"}) == "abc"
