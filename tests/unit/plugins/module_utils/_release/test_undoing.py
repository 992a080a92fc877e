"""An undo that is asked for: back to what served before the last deploy or rollback, whatever it was."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._release.intent import Intent
from tests.release_world import Killed, World, digest_of, drive, history_of
from tests.unit.plugins.module_utils._release.stories import label, release


def world(*story: str, **behaviour: str) -> World:
    """Return a world in which these releases were deployed one after the other, the first adopted."""
    first, *others = story
    found = World(configured=first, behaviour={**dict.fromkeys("abcdef", "good"), **behaviour})
    drive(found, action="adopt")
    for name in others:
        drive(found, release=name)
    return found


def verdicts(of: World) -> dict[str, str]:
    return {of.name_of(release(name).digest): history_of(of).verdict(release(name).id) for name in "abc"}


def release_change(before: str, after: str) -> dict[str, object]:
    left = release(before).as_dict()
    return {"from_release": left, "to_release": release(after).as_dict(), "back_release": left}


def undo(of: World, **more: Any) -> dict[str, object]:
    return drive(of, action="undo", **more)


def test_a_deploy_is_undone_and_its_release_withdrawn() -> None:
    stage = world("a", "b")
    result = undo(stage, reason="frontend did not pass")
    assert (result["failed"], result["changed"]) == (False, True)
    assert result["msg"] == f"api serves {label('a')} again instead of {label('b')}"
    assert (stage.configured, verdicts(stage)) == ("a", {"a": "verified", "b": "withdrawn", "c": ""})
    assert history_of(stage).verdicts[release("b").id] == ("withdrawn", "frontend did not pass")
    assert history_of(stage).eligible(release("a").id) == []


def test_a_release_that_had_passed_before_keeps_its_verdict() -> None:
    stage = world("a", "b", "c", "b")
    undo(stage)
    assert (stage.configured, verdicts(stage)) == ("c", {"a": "verified", "b": "verified", "c": "verified"})
    assert history_of(stage).eligible(release("c").id)[0].id == release("b").id


def test_one_that_was_withdrawn_before_is_withdrawn_again() -> None:
    stage = world("a", "b")
    drive(stage, action="rollback")
    drive(stage, release="b")
    undo(stage)
    assert (stage.configured, verdicts(stage)["b"]) == ("a", "withdrawn")


def test_a_rollback_is_undone_and_what_it_left_stands_again() -> None:
    stage = world("a", "b")
    drive(stage, action="rollback")
    undo(stage)
    assert (stage.configured, verdicts(stage)) == ("b", {"a": "verified", "b": "verified", "c": ""})


def test_a_rollback_from_what_fails_stays() -> None:
    stage = world("a", "b")
    stage.behaviour["b"] = "bad"
    drive(stage, action="rollback")
    result = undo(stage)
    assert (result["failed"], result["changed"], stage.configured) == (False, False, "a")
    assert result["msg"] == f"api stays on {label('a')}: what it was rolled back from fails its probe"


@pytest.mark.parametrize("again", ["undo", "failed deploy", "nothing"])
def test_there_is_nothing_to_undo(again: str) -> None:
    stage = world("a", "b", c="bad") if again != "nothing" else world("a")
    if again == "undo":
        undo(stage)
    if again == "failed deploy":
        drive(stage, release="c")
    serving, mutations = stage.configured, stage.mutations
    result = undo(stage)
    assert (result["failed"], result["changed"]) == (False, False)
    assert result["msg"] == "api has nothing to undo: its last deploy or rollback did not stay"
    assert (stage.configured, stage.mutations) == (serving, mutations)


def test_another_tools_change_stays() -> None:
    stage = world("a", "b")
    stage.outside("c")
    result = undo(stage)
    assert result["failed"]
    assert str(result["msg"]).startswith(
        f"api serves c ({release('c').id}) and not {label('b')}, which the deploy left there, so nothing is undone."
    )
    assert stage.configured == "c"
    assert result["details"]["cannot_be_undone"]  # type: ignore[index]
    assert result["details"]["serving"]["id"] == release("c").id  # type: ignore[index]


def test_another_tools_change_to_nothing_known_stays_too() -> None:
    stage = world("a", "b")
    stage.configured = ""
    assert undo(stage)["details"] == {"cannot_be_undone": True, "serving": None}


def test_new_settings_of_a_unit_that_went_on_do_not_hide_what_served_before_it() -> None:
    stage = world("a", "b")
    stage.records[:] = [
        {**record, "unit_run": "u"} if record["kind"] == "intent" else record for record in stage.records
    ]
    change = {**release_change("b", "b"), "settings": ["cpu"], "was_verified": True}
    intent = {"kind": "intent", "runbook": "deploy", "unit_run": "u", "components": {"api": change}}
    stage.records += [{**intent, "state": "open"}, {**intent, "state": "settled"}]
    undo(stage)
    assert (stage.configured, verdicts(stage)["b"]) == ("a", "withdrawn")


@pytest.mark.parametrize("deleted", [True, False])
def test_there_is_nothing_to_go_back_to(deleted: bool) -> None:
    stage = world("a", "b") if deleted else World(behaviour={"b": "good"})
    if deleted:
        stage.deleted.add("a")
    else:
        drive(stage, release="b", without_way_back=True)
    result = undo(stage)
    gone = f": the artefact of {label('a')} no longer exists" if deleted else ""
    assert result["failed"]
    assert str(result["msg"]).startswith(f"api cannot go back from {label('b')}, there is nothing to go back to{gone}.")
    assert result["details"]["cannot_be_undone"]  # type: ignore[index]


def test_settings_stay_as_they_are_and_are_told() -> None:
    stage = world("a")
    change = {**release_change("a", "a"), "settings": ["cpu"]}
    intent = {"kind": "intent", "runbook": "deploy", "components": {"api": change}}
    stage.records += [{**intent, "state": "open"}, {**intent, "state": "settled"}]
    result = undo(stage)
    assert result["msg"] == f"api serves {label('a')} as before; its settings stay as the run left them"
    (finding,) = result["findings"]  # type: ignore[misc]
    assert (finding["id"], finding["value"]) == ("settings_not_restored", "cpu")
    assert stage.mutations == 0


def test_what_it_goes_back_to_fails() -> None:
    stage = world("a", "b")
    stage.behaviour["a"] = "bad"
    result = undo(stage)
    assert (result["failed"], result["rolled_back"]) == (True, False)
    assert "there is nothing to go back to: a answers 500" in str(result["msg"])


@pytest.mark.parametrize("then", [{"action": "undo"}, {"action": "rollback"}, {"release": "c"}])
def test_a_killed_undo_is_finished_whatever_comes_next(then: dict[str, str]) -> None:
    for effects in range(1, 40):
        stage = world("f", "a", "b")
        stage.effects, stage.kill_after = 0, effects
        with contextlib.suppress(Killed):
            undo(stage)
        stage.kill_after = None
        began = stage.mutations > 2
        drive(stage, **dict(then))
        if then == {"action": "undo"}:
            assert (stage.configured, verdicts(stage)["b"]) == ("a", "withdrawn"), effects
        elif then == {"release": "c"}:
            assert (stage.configured, verdicts(stage)["b"]) == ("c", "withdrawn" if began else "verified"), effects
        assert history_of(stage).intent is None


def test_an_open_intent_is_settled_first() -> None:
    stage = world("a")
    intent = {
        "kind": "intent", "runbook": "deploy", "state": "open", "run": "r0",
        "components": {"api": {"from_release": release("a").as_dict(), "to_release": release("b").as_dict(),
                               "back_release": release("a").as_dict()}},
    }  # fmt: skip
    stage.records.append(intent)
    stage.outside("b")
    result = undo(stage)
    assert (result["failed"], stage.configured, verdicts(stage)["b"]) == (False, "a", "")


def test_an_intent_tells_whether_its_release_had_passed() -> None:
    stage = world("a", "b", "a")
    settled = history_of(stage).settled
    assert isinstance(settled, Intent)
    assert (settled.after.digest, settled.was_verified) == (digest_of("a"), True)


def test_an_undo_that_the_platform_reverts_is_no_way_back() -> None:
    stage = world("a", "b")
    stage.behaviour["a"] = "reverts"
    result = undo(stage)
    assert (result["failed"], result["rolled_back"], stage.configured) == (True, False, "b")
