"""Two components as one unit: what fails at which of them, and what the next command makes of it."""

from __future__ import annotations

from typing import Any

from tests.faults.arena import Running
from tests.unit_faults.arena import UnitArena
from tests.unit_faults.case import BACK, BAD, DEPLOY, KILLED, OK, RED, REFUSED, ROLLBACK, Command, Ends, Setup, UnitCase

NEXT: Command = {"action": "deploy", "release": "1.2.0"}
OLDEST = ("1.0.0", "1.0.0")
NEWEST = ("1.2.0", "1.2.0")
SERVED_NEXT = (NEXT, Ends(OK, NEWEST, sent=4))
SETTLED_BACK = (ROLLBACK, Ends(OK, sent=2))
FOREVER = 99


def hooked(member: str, **moments: Any) -> Setup:
    """A component with a command of its own around its switch."""

    def arrange(arena: UnitArena) -> None:
        arena.serving()
        arena.more[member] = {"hooks": {moment: [hook] for moment, hook in moments.items()}}

    return arrange


def unhooked(arena: UnitArena) -> None:
    """The commands are taken away."""
    arena.more.clear()


def lacking(member: str, version: str) -> Setup:
    """The artefact of one component is gone."""

    def arrange(arena: UnitArena) -> None:
        arena.serving_over()
        arena.control.delete_image(f"shop/{member}", tag=version)

    return arrange


def refusing(member: str, kind: str = "access_denied", *, after: int = 0) -> Setup:
    """The provider refuses to change one component."""

    def arrange(arena: UnitArena) -> None:
        arena.serving()
        arena.control.fault("UpdateService", kind, service=f"shop-{member}", after=after, count=FOREVER)

    return arrange


def failing(member: str, kind: str) -> Setup:
    """The next operation of one component goes so."""

    def arrange(arena: UnitArena) -> None:
        arena.serving()
        arena.control.fault("UpdateService", kind, service=f"shop-{member}")

    return arrange


def web_refuses(arena: UnitArena, _running: Running) -> None:
    """From now on the provider refuses to change web."""
    arena.control.fault("UpdateService", "access_denied", service="shop-web", count=FOREVER)


def provider_is_gone(arena: UnitArena, _running: Running) -> None:
    """From now on no call is answered."""
    arena.control.fault("*", "500_before", count=FOREVER)


def theirs_at(member: str, version: str) -> Any:
    """Another tool deploys to a component."""

    def middle(arena: UnitArena, _running: Running) -> None:
        arena.change(member, version)

    return middle


def theirs_in_motion(arena: UnitArena, _running: Running) -> None:
    """Another tool begins to deploy to web; its operation takes a while."""
    arena.control.hold("shop-web")
    arena.control.outside("shop-web", image="shop/web:1.2.0")


def lease_is_lost(_arena: UnitArena, running: Running) -> None:
    """The keeper says that the run is gone."""
    running.stop_lease()


def what_served_fails_now(arena: UnitArena, _running: Running) -> None:
    """The release that web would go back to answers wrongly from now on."""
    arena.probes["web"] = dict(arena.probes["web"])
    arena.push_to("web", "1.1.0", {"kind": "wrong_body", "body": "later"})
    arena.control.settings(durations={})


def image_before_is_gone(arena: UnitArena, _running: Running) -> None:
    """The artefact that web would go back to is deleted."""
    arena.control.delete_image("shop/web", tag="1.1.0")


def release_web(arena: UnitArena) -> None:
    """Their operation comes to its end."""
    arena.control.release("shop-web")
    arena.control.wait("shop-web")


def at(step: str, **more: Any) -> dict[str, Any]:
    return {"pause_at": step, **more}


def killed(step: str, **more: Any) -> dict[str, Any]:
    return {"kill_before": step, **more}


FAIL = {"argv": ["/bin/false"]}
HANG = {"argv": ["/bin/sleep", "30"], "timeout_seconds": 0.3}
LACKS = {"argv": ["/bin/true"], "environment": ["NO_SUCH_VARIABLE_OF_THE_RUN"]}
ONE: Command = {**DEPLOY, "job": {"members": ["web"]}}

FAILS = (
    UnitCase("second_fails", "the second does not pass", "probe of api", Ends(BACK, words=("web serves 1.1.0",)),
             then=(SERVED_NEXT,)),
    UnitCase("first_fails", "the first does not pass", "probe of web",
             Ends(BACK, sent=2, words=("api was not touched",)), {"action": "deploy", "release": "3.0.0"}),
    UnitCase("second_is_reverted", "the platform reverts the second", "operation of api", Ends(BACK, sent=3), DEPLOY,
             arrange=failing("api", "self_rollback"), then=(SERVED_NEXT,)),
    UnitCase("second_fails_at_once", "the platform fails the second", "operation of api", Ends(BACK), DEPLOY,
             arrange=failing("api", "fail")),
    UnitCase("second_stays_old", "the second's old process goes on serving", "operation of api", Ends(BACK), DEPLOY,
             arrange=failing("api", "succeeded_but_old")),
    UnitCase("second_is_refused", "access to the second is denied", "switch of api", Ends(BACK, sent=2), DEPLOY,
             arrange=refusing("api"), then=(SERVED_NEXT,)),
    UnitCase("second_answer_lost", "the answer to the second's change is lost", "switch of api",
             Ends(OK, NEWEST, sent=2), DEPLOY, arrange=failing("api", "500_after")),
    UnitCase("rollback_second_fails", "what the second goes back to does not pass", "probe of api", Ends(BACK),
             ROLLBACK, arrange=lambda arena: (arena.serving_over(), arena.control.fault(
                 "UpdateService", "self_rollback", service="shop-api"))[0]),
)  # fmt: skip

REHEARSED = (
    UnitCase("second_lacks_artefact", "the second has no such artefact", "rehearsal", Ends(REFUSED, sent=0), DEPLOY,
             arrange=lacking("api", "1.2.0")),
    UnitCase("first_lacks_artefact", "the first has no such artefact", "rehearsal", Ends(REFUSED, sent=0), DEPLOY,
             arrange=lacking("web", "1.2.0")),
    UnitCase("second_has_no_way_back", "what serves at the second has no artefact any more", "rehearsal",
             Ends(REFUSED, sent=0, words=("no way back",)), DEPLOY, arrange=lacking("api", "1.1.0")),
    UnitCase("second_has_no_target", "the second has nothing to go back to", "rehearsal",
             Ends(REFUSED, sent=0), ROLLBACK, arrange=lacking("api", "1.0.0")),
    UnitCase("second_cannot_be_read", "the second may not be read", "rehearsal",
             Ends(REFUSED, sent=0, words=("was not begun",)), DEPLOY,
             arrange=lambda arena: (arena.serving(), arena.control.fault(
                 "DescribeService", "access_denied", service="shop-api", count=FOREVER))[0]),
)  # fmt: skip

UNDOING = (
    UnitCase("undo_refused", "access is denied", "undo of web",
             Ends(RED, ("2.0.0", "1.1.0"), is_open=True, words=("web STILL serves 2.0.0", "NOT undone")),
             job=at("undo web"), middle=web_refuses, then=(SETTLED_BACK,)),
    UnitCase("undo_refused_then_deploy", "access is denied", "undo of web, then another deploy",
             Ends(RED, ("2.0.0", "1.1.0"), is_open=True), job=at("undo web"), middle=web_refuses, then=(SERVED_NEXT,)),
    UnitCase("provider_gone_in_undo", "the provider does not answer", "undo of web",
             Ends(RED, ("2.0.0", "1.1.0"), is_open=True), job=at("undo web"), middle=provider_is_gone,
             then=(SETTLED_BACK,)),
    UnitCase("outside_before_undo", "another tool changes the first", "before the undo of web",
             Ends(RED, ("1.2.0", "1.1.0"), words=("nothing is undone", "web serves 1.2.0")),
             job=at("undo web"), middle=theirs_at("web", "1.2.0"), then=(SERVED_NEXT,)),
    UnitCase("way_back_deleted", "the artefact of what served is deleted", "before the undo of web",
             Ends(RED, ("2.0.0", "1.1.0"), words=("no longer exists", "web STILL serves 2.0.0")),
             job=at("undo web"), middle=image_before_is_gone, then=(SERVED_NEXT,)),
    UnitCase("undo_is_reverted", "the platform reverts it", "undo of web",
             Ends(RED, ("2.0.0", "1.1.0"), is_open=True, words=("web STILL serves 2.0.0",)), job=at("undo web"),
             middle=lambda arena, _running: arena.control.fault("UpdateService", "self_rollback", service="shop-web"),
             then=(SETTLED_BACK,)),
    UnitCase("lease_lost_in_undo", "the lease is lost", "before the undo of web",
             Ends(RED, ("2.0.0", "1.1.0"), is_open=True), job=at("undo web"), middle=lease_is_lost,
             then=(SETTLED_BACK,)),
)  # fmt: skip

BETWEEN = (
    UnitCase("provider_gone", "the provider does not answer", "between the components",
             Ends(RED, ("1.2.0", "1.1.0"), is_open=True), DEPLOY, at("switch api"), middle=provider_is_gone,
             then=(SERVED_NEXT,)),
    UnitCase("lease_lost", "the lease is lost", "between the components",
             Ends(RED, ("1.2.0", "1.1.0"), is_open=True), DEPLOY, at("switch api"), middle=lease_is_lost,
             then=(SERVED_NEXT,)),
    UnitCase("outside_second", "another tool changes the second", "between the components",
             Ends(OK, NEWEST, sent=2), DEPLOY, at("switch api"), middle=theirs_at("api", "1.0.0")),
    UnitCase("outside_second_fails", "another tool changes the second, then it does not pass",
             "between the components", Ends(RED, ("1.1.0", "1.0.0"), theirs="api"), BAD, at("switch api"),
             middle=theirs_at("api", "1.0.0")),
    UnitCase("killed_between_same", "SIGKILL, then the same", "between the components",
             Ends(KILLED, ("1.2.0", "1.1.0"), is_open=True), DEPLOY, killed("switch api"),
             then=((NEXT, Ends(OK, NEWEST, sent=1)),)),
    UnitCase("killed_between_other", "SIGKILL, then another deploy", "between the components",
             Ends(KILLED, ("2.0.0", "1.1.0"), is_open=True), BAD, killed("switch api"),
             then=((NEXT, Ends(OK, NEWEST, sent=3)),)),
    UnitCase("killed_between_rollback", "SIGKILL, then a rollback", "between the components",
             Ends(KILLED, ("1.2.0", "1.1.0"), is_open=True), DEPLOY, killed("switch api"),
             UnitArena.serving_over, then=((ROLLBACK, Ends(OK, sent=1)), (ROLLBACK, Ends(OK, OLDEST, sent=2)))),
    UnitCase("killed_between_bad_same", "SIGKILL, then the same, which does not pass", "between the components",
             Ends(KILLED, ("2.0.0", "1.1.0"), is_open=True), BAD, killed("switch api"),
             then=((BAD, Ends(RED, sent=3)),)),
    UnitCase("killed_between_part", "SIGKILL, then a run over one of them", "between the components",
             Ends(KILLED, ("1.2.0", "1.1.0"), is_open=True), DEPLOY, killed("switch api"),
             then=((ONE, Ends(REFUSED, ("1.2.0", "1.1.0"), 0, ("leaves out api",), is_open=True)),
                   (NEXT, Ends(OK, NEWEST, sent=1)))),
    UnitCase("killed_between_adopt", "SIGKILL, then an adoption", "between the components",
             Ends(KILLED, ("1.2.0", "1.1.0"), is_open=True), DEPLOY, killed("switch api"),
             then=(({"action": "adopt"}, Ends(REFUSED, ("1.2.0", "1.1.0"), 0, ("there is no adopt",), is_open=True)),
                   (ROLLBACK, Ends(OK, sent=1)))),
    UnitCase("killed_rollback_deploy", "SIGKILL of a rollback, then a deploy", "between the components",
             Ends(KILLED, ("1.0.0", "1.1.0"), is_open=True), ROLLBACK, killed("switch api"),
             UnitArena.serving_over, then=((NEXT, Ends(OK, NEWEST, sent=3)),)),
    UnitCase("killed_rollback_rollback", "SIGKILL of a rollback, then a rollback", "between the components",
             Ends(KILLED, ("1.0.0", "1.1.0"), is_open=True), ROLLBACK, killed("switch api"),
             UnitArena.serving_over, then=((ROLLBACK, Ends(OK, OLDEST, sent=1)),)),
    UnitCase("killed_in_undo_same", "SIGKILL, then the same", "before the undo of web",
             Ends(KILLED, ("2.0.0", "1.1.0"), is_open=True), BAD, killed("undo web"), then=((BAD, Ends(RED, sent=3)),)),
    UnitCase("killed_in_undo_other", "SIGKILL, then another deploy", "in the undo of web",
             Ends(KILLED, (), is_open=True), BAD, {"kill_at": 20, "count_from": "undo web"},
             then=((NEXT, Ends(OK, NEWEST, sent=3)),)),
    UnitCase("killed_in_undo_rollback", "SIGKILL, then a rollback", "in the undo of web",
             Ends(KILLED, (), is_open=True), BAD, {"kill_at": 30, "count_from": "undo web"},
             then=((ROLLBACK, Ends(OK, sent=1)),)),
    UnitCase("killed_then_outside", "SIGKILL, then another tool changes the first", "between the components",
             Ends(KILLED, ("2.0.0", "1.1.0"), is_open=True), BAD, killed("switch api"),
             mend=lambda arena: arena.change("web", "1.0.0"),
             then=((NEXT, Ends(REFUSED, ("1.0.0", "1.1.0"), 0, ("nothing is undone",))), (NEXT, Ends(OK, NEWEST)))),
)  # fmt: skip

HOOKS = (
    UnitCase("hook_before_fails", "the command before the switch fails", "hook of api",
             Ends(BACK, sent=2, words=("/bin/false before the switch ended with 1",)), DEPLOY,
             arrange=hooked("api", before_switch=FAIL), mend=unhooked, then=(SERVED_NEXT,)),
    UnitCase("hook_after_fails", "the command after the switch fails", "hook of api",
             Ends(BACK, words=("/bin/false after the switch ended with 1",)), DEPLOY,
             arrange=hooked("api", after_switch=FAIL)),
    UnitCase("hook_after_hangs", "the command after the switch hangs", "hook of api",
             Ends(BACK, words=("did not run to its end",)), DEPLOY, arrange=hooked("api", after_switch=HANG)),
    UnitCase("hook_before_hangs", "the command before the switch hangs", "hook of web",
             Ends(REFUSED, sent=0, words=("did not run to its end",)), DEPLOY,
             arrange=hooked("web", before_switch=HANG)),
    UnitCase("hook_lacks_variable", "the command wants what the run does not hold", "hook of api",
             Ends(BACK, sent=2, words=("wants NO_SUCH_VARIABLE_OF_THE_RUN",)), DEPLOY,
             arrange=hooked("api", before_switch=LACKS)),
    UnitCase("hook_after_undo_fails", "the command after the undo fails", "hook of web", Ends(BACK),
             arrange=hooked("web", after_undo=FAIL)),
    UnitCase("hook_after_undo_hangs", "the command after the undo hangs", "hook of web", Ends(BACK),
             arrange=hooked("web", after_undo=HANG)),
)  # fmt: skip

FULL = tuple(
    UnitCase(f"full_at_{number}", "the disk is full for the rest of the run", f"write {number} of a unit's deploy",
             Ends(RED if number > 1 else REFUSED, (), is_open=1 < number < 6), DEPLOY,
             {"full_from": number, "count_from": "switch web"}, then=(SERVED_NEXT,))
    for number in range(1, 7)
)  # fmt: skip

CASES = (*FAILS, *REHEARSED, *UNDOING, *BETWEEN, *HOOKS, *FULL)
