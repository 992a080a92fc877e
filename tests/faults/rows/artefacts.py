"""Images that are gone, moved, or never were, and ways back that do not exist."""

from __future__ import annotations

from tests.faults.arena import REPOSITORY, SERVICE, Arena, Running, probe_of
from tests.faults.case import OK, RED, REFUSED, UNDONE, Case, Expect
from tests.faults.rows.releases import bad

CREATE = {"release": "1.0.0", "create": True, "access_role_arn": "arn:aws:iam::000000000000:role/service-role/ecr"}
BLIND = {"deploy_without_way_back": True}


def _delete_while_it_is_asked(arena: Arena, running: Running) -> None:
    arena.fault_is_taken()
    arena.control.delete_image(REPOSITORY, tag="1.1.0")


def _slow_update(arena: Arena) -> None:
    arena.adopted()
    arena.control.fault("UpdateService", "delay", seconds=0.8)


def _without_what_serves(arena: Arena) -> None:
    arena.adopted()
    arena.control.delete_image(REPOSITORY, tag="1.0.0")


def _without_the_target(arena: Arena) -> None:
    arena.deployed("1.1.0")
    arena.control.delete_image(REPOSITORY, tag="1.0.0")


def _moved(arena: Arena) -> None:
    arena.control.tag_image(REPOSITORY, "latest", arena.digest("1.0.0"))
    arena.serve("latest")
    arena.push("1.2.0", "ok", tag="latest", schema_revision="2")


def _moved_and_known(arena: Arena) -> None:
    arena.control.tag_image(REPOSITORY, "latest", arena.digest("1.0.0"))
    arena.serve("latest")
    arena.conduct(state="adopted")
    arena.push("1.2.0", "ok", tag="latest", schema_revision="2")


def _moved_and_bad(arena: Arena) -> None:
    _moved_and_known(arena)
    arena.push("2.0.0", "errors")


def _nothing_there(arena: Arena) -> None:
    arena.push("2.0.0", "crash")
    arena.options["probe"] = probe_of(arena.gateway())


def _created_badly(arena: Arena) -> None:
    arena.push("2.0.0", "crash")
    arena.conduct(**{**CREATE, **BLIND, "release": "2.0.0"})


def _serving_badly(arena: Arena) -> None:
    arena.push("1.0.0", "not_ready")
    arena.serve()


def _dying(arena: Arena) -> None:
    arena.adopted()
    arena.push("1.1.0", {"kind": "dies_after", "requests": 60})
    assert not arena.conduct(release="1.1.0")["failed"]
    while arena.observer.look().good:
        pass
    arena.push("2.0.0", "errors")


def _paused(arena: Arena) -> None:
    arena.adopted()
    arena.control.outside(SERVICE, action="PauseService")
    arena.control.wait(SERVICE)


CASES = (
    Case(
        "no_such_tag",
        "the tag does not exist",
        "resolve",
        Expect(REFUSED, words=("newest tags",)),
        job={"release": "7.7.7"},
    ),
    Case(
        "deleted_before_the_pull",
        "the image is deleted",
        "between plan and pull",
        Expect(UNDONE),
        _slow_update,
        middle=_delete_while_it_is_asked,
    ),
    Case(
        "serving_image_gone",
        "the image of what serves is deleted",
        "plan of a deploy",
        Expect(REFUSED, words=("way back", "no longer exists")),
        _without_what_serves,
    ),
    Case(
        "serving_image_gone_allowed",
        "the image of what serves is deleted, and that is accepted",
        "plan of a deploy",
        Expect(OK, serves="1.1.0"),
        _without_what_serves,
        {"release": "1.1.0", **BLIND},
    ),
    Case(
        "target_image_gone",
        "the image of the target is deleted",
        "plan of a rollback",
        Expect(REFUSED, serves="1.1.0", words=("no longer exists",)),
        _without_the_target,
        {"state": "rolled_back"},
    ),
    Case(
        "tag_moved",
        "the tag that serves was pushed again",
        "adoption",
        Expect(REFUSED, words=("pushed again",)),
        _moved,
        {"state": "adopted"},
    ),
    Case(
        "tag_moved_deploy",
        "the tag that serves was pushed again",
        "plan of a deploy",
        Expect(OK, serves="1.1.0"),
        _moved_and_known,
    ),
    Case(
        "tag_moved_bad_deploy",
        "the tag that serves was pushed again, and the new one is bad",
        "undo",
        Expect(UNDONE, sent=2),
        _moved_and_bad,
        {"release": "2.0.0"},
    ),
    Case(
        "first_no_way_back",
        "nothing served before",
        "plan of a first deploy",
        Expect(REFUSED, serves="", words=("no way back",)),
        _nothing_there,
        CREATE,
    ),
    Case(
        "first_allowed",
        "nothing served before, and that is accepted",
        "plan of a first deploy",
        Expect(OK, serves="1.0.0"),
        _nothing_there,
        {**CREATE, **BLIND},
    ),
    Case(
        "first_crashes",
        "the first release crashes",
        "creation",
        Expect(RED, serves="", words=("nothing to go back to",)),
        _nothing_there,
        {**CREATE, **BLIND, "release": "2.0.0"},
    ),
    Case(
        "create_failed",
        "the service is CREATE_FAILED",
        "observe",
        Expect(REFUSED, serves="", words=("failed to be created",)),
        _created_badly,
        {**CREATE, **BLIND},
    ),
    Case(
        "service_missing",
        "there is no such service",
        "observe",
        Expect(REFUSED, serves="", words=("create: true",)),
        _nothing_there,
    ),
    Case("paused", "the service is paused", "observe", Expect(REFUSED, serves="", words=("esume",)), _paused),
    Case(
        "serving_badly",
        "what serves fails its probe and nothing served before",
        "plan of a deploy",
        Expect(REFUSED, words=("fails its probe",)),
        _serving_badly,
    ),
    Case(
        "serving_badly_allowed",
        "what serves fails its probe and the new one is good",
        "plan of a deploy",
        Expect(OK, serves="1.1.0"),
        _serving_badly,
        {"release": "1.1.0", **BLIND},
    ),
    Case(
        "adopt_badly",
        "what serves fails its probe",
        "adoption",
        Expect(REFUSED, words=("fails its probe",)),
        _serving_badly,
        {"state": "adopted"},
    ),
    Case(
        "back_to_the_one_before",
        "what serves died, and the new one is bad too",
        "undo",
        Expect(UNDONE, sent=2),
        _dying,
        {"release": "2.0.0"},
        back="1.0.0",
    ),
    Case(
        "bad_without_way_back",
        "the new one is bad and nothing was there to go back to",
        "undo",
        Expect(RED, serves="2.0.0", words=("nothing to go back to",)),
        lambda arena: (bad("not_ready")(arena), arena.control.delete_image(REPOSITORY, tag="1.0.0"))[0],
        {"release": "2.0.0", **BLIND},
    ),
)
