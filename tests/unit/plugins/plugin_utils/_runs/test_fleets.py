"""Which hosts of a fleet a run takes: every row of the table in docs/deploy.md and docs/rollback.md."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, Refused
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Batch
from ansible_collections.steady.ops.plugins.plugin_utils._runs.fleets import Choice, choose, judge_batch, share_of
from ansible_collections.steady.ops.plugins.plugin_utils._runs.units import Unit, concerning
from tests.unit.plugins.plugin_utils._runs.fleet_ledger import Records, intent, release, returned, served

HOSTS = ("api-1", "api-2", "api-3", "api-4")
FIRST, SECOND, THIRD, FOURTH = HOSTS
PATH = "shop/lab"
ONE = served("1", *HOSTS, how="adopt")
BEFORE = [*served("0", *HOSTS, how="adopt"), *served("1", *HOSTS)]


def chosen(action: str, records: Records, *, batch: str = "", play: tuple[str, ...] = HOSTS, **wish: str) -> Choice:
    """What a run takes; the hosts of the play are of the fleet api, other components of none."""
    fleets = {name: "api" if name in HOSTS else "" for name in play}
    said = Batch("deploy_batch", batch) if batch else None
    return choose(Unit("now", action, play, wish), fleets, said, concerning(play, records), records)


def unit(action: str, *members: str, run: str = "r1", **wish: str) -> Records:
    return [Unit(run, action, members, wish).record(PATH, "open")]


class TestShare:
    @pytest.mark.parametrize(
        ("said", "size", "hosts"),
        [
            ("1", 4, 1),
            ("3", 4, 3),
            ("9", 4, 4),
            ("25%", 4, 1),
            ("50%", 3, 1),
            ("99%", 4, 3),
            ("100%", 4, 4),
            ("1%", 4, 1),
            ("25 %", 8, 2),
        ],
    )
    def test_it_is_a_number_or_a_percentage_of_at_least_one_host(self, said: str, size: int, hosts: int) -> None:
        assert share_of(Batch("deploy_batch", said), size) == hosts

    @pytest.mark.parametrize("said", ["0", "0%", "101%", "-1", "1.5", "half", "25%%", "٣", "1,2", "9999999"])
    def test_anything_else_is_refused(self, said: str) -> None:
        with pytest.raises(InvalidInput) as error:
            judge_batch(Batch("deploy_batch", said), {"api"})
        assert str(error.value) == (
            f"deploy_batch is {said!r}, neither a number of hosts from 1 nor a percentage from 1% to 100%."
            " Write it as in deploy_batch=2 or deploy_batch=25%."
        )

    def test_a_share_of_nothing_is_refused(self) -> None:
        judge_batch(Batch("deploy_batch", "1"), {"api"})
        with pytest.raises(InvalidInput) as error:
            judge_batch(Batch("deploy_batch", "1"), set())
        assert str(error.value) == (
            "deploy_batch is '1', and no host of this run belongs to a fleet. Leave deploy_batch out, or write"
            " component_fleet: <name> in the group_vars of the group that holds the component's hosts."
        )


class TestDeploy:
    @pytest.mark.parametrize(
        ("records", "batch", "members"),
        [
            # of the untouched the first in the inventory's order
            ([], "1", [FIRST]),
            (ONE, "1", [FIRST]),
            (ONE, "50%", [FIRST, SECOND]),
            (ONE, "", HOSTS),
            # those that serve it are proved again and do not count
            ([*ONE, *served("2", FIRST)], "1", [FIRST, SECOND]),
            ([*ONE, *served("2", THIRD)], "2", [FIRST, SECOND, THIRD]),
            ([*ONE, *served("2", FIRST, SECOND, THIRD)], "1", HOSTS),
            ([*ONE, *served("2", *HOSTS)], "1", HOSTS),
            # one that was put back, or rolled back, or replaced since, is not done
            ([*ONE, *served("2", FIRST), *served("1", FIRST, how="undo")], "1", [FIRST]),
            ([*ONE, *served("2", FIRST), *returned("2", "1", FIRST)], "1", [FIRST]),
            # one in an unknown state comes first, and counts
            ([*ONE, *intent(THIRD, "1", "2")], "1", [THIRD]),
            ([*ONE, *served("2", FIRST, THIRD), *intent(THIRD, "2", "3")], "1", [FIRST, THIRD]),
        ],
    )
    def test_it_takes_those_that_serve_it_and_the_next_share(
        self, records: Records, batch: str, members: tuple[str, ...]
    ) -> None:
        assert chosen("deploy", records, batch=batch, release="2").members == tuple(members)

    def test_a_digest_names_it_as_well(self) -> None:
        records = [*ONE, *served("2", FIRST)]
        digest = str(records[-3]["digest"])
        assert chosen("deploy", records, batch="1", release=digest).members == (FIRST, SECOND)

    def test_it_says_how_far_the_fleet_is(self) -> None:
        some = chosen("deploy", [*ONE, *served("2", FIRST)], batch="1", release="2")
        assert some.told == (
            "fleet api: 2 of 4 hosts serve 2; run the same command again for the next share",
        )  # fmt: skip
        last = chosen("deploy", [*ONE, *served("2", FIRST)], batch="3", release="2")
        assert last.told == ("fleet api: 4 of 4 hosts serve 2",)
        assert chosen("deploy", ONE, release="2").told == ()

    def test_a_component_of_no_fleet_is_always_taken(self) -> None:
        play = ("web", *HOSTS, "jobs")
        assert chosen("deploy", ONE, batch="1", play=play, release="2").members == ("web", FIRST, "jobs")
        assert chosen("deploy", ONE, play=("web", "jobs"), release="2").members == ("web", "jobs")

    def test_each_fleet_has_its_share(self) -> None:
        fleets = {"web-1": "web", "api-1": "api", "web-2": "web", "api-2": "api"}
        wanted = Unit("now", "deploy", tuple(fleets), {"release": "2"})
        found = choose(wanted, fleets, Batch("deploy_batch", "50%"), [], served("2", "web-1"))
        assert found.members == ("web-1", "api-1", "web-2")
        assert found.told == (
            "fleet api: 1 of 2 hosts serve 2; run the same command again for the next share",
            "fleet web: 2 of 2 hosts serve 2",
        )

    def test_an_adoption_takes_all(self) -> None:
        assert chosen("adopt", ONE, batch="1").members == HOSTS

    def test_a_share_that_was_killed_is_gone_on_with_before_the_next(self) -> None:
        begun = [*ONE, *unit("deploy", SECOND, THIRD, release="2"), *intent(SECOND, "1", "2", unit="r1")]
        found = chosen("deploy", begun, batch="1", release="2")
        assert found.members == (SECOND, THIRD)
        assert found.told == ("fleet api: 2 of 4 hosts serve 2; run the same command again for the next share",)

    @pytest.mark.parametrize("play", [HOSTS, ("web", *HOSTS)])
    def test_the_share_of_another_release_or_play_is_settled_and_the_run_takes_its_own(
        self, play: tuple[str, ...]
    ) -> None:
        named = "3" if play == HOSTS else "2"
        begun = [*ONE, *unit("deploy", SECOND, THIRD, release="2"), *served("2", SECOND)]
        begun += intent(SECOND, "1", "2", unit="r1", state="settled")
        assert chosen("deploy", begun, batch="1", play=play, release=named).members == play[: play.index(FIRST) + 1]

    def test_what_is_put_back_first_counts_as_what_it_will_serve(self) -> None:
        begun = [*ONE, *unit("deploy", FIRST, SECOND, release="2")]
        begun += [*intent(FIRST, "1", "2", unit="r1"), *served("2", FIRST)]
        assert chosen("deploy", begun, batch="1", release="1").members == HOSTS
        kept = {"kind": "intent", "unit_run": "r1", "runbook": "undo", "components": {FIRST: {}}, "state": "settled"}
        stays = [*begun, {**kept, "stays": True}]
        assert chosen("deploy", stays, batch="1", release="1").members == HOSTS
        assert chosen("deploy", [*stays, *served("3", SECOND)], batch="1", release="2").members == (FIRST, SECOND)

    def test_where_nothing_served_before_nothing_will(self) -> None:
        begun = [*unit("deploy", FIRST, SECOND, release="2"), *intent(FIRST, "", "2", unit="r1")]
        assert chosen("deploy", begun, batch="1", release="3").members == (FIRST,)


class TestRollback:
    @pytest.mark.parametrize(
        ("records", "members"),
        [
            # nothing is known: the modules say so
            ([], HOSTS),
            # all serve the same
            (BEFORE, HOSTS),
            # after a share only its hosts go back, never an untouched one
            ([*BEFORE, *served("2", FIRST)], [FIRST]),
            ([*BEFORE, *served("2", FIRST), *served("2", SECOND)], [FIRST, SECOND]),
            ([*BEFORE, *served("2", *HOSTS)], HOSTS),
            # the share that failed went back by itself; the earlier one is what goes
            ([*BEFORE, *served("2", FIRST), *served("1", SECOND, how="undo")], [FIRST]),
            # of three releases the newest goes
            ([*BEFORE, *served("2", FIRST, SECOND), *served("3", FIRST)], [FIRST]),
            # some were rolled back already (--limit): the others follow them, and not the other way round
            ([*BEFORE, *served("2", *HOSTS), *returned("2", "1", FIRST)], [SECOND, THIRD, FOURTH]),
            # an older release that was deployed by name is the newest
            ([*BEFORE, *served("2", *HOSTS), *served("1", FIRST)], [FIRST]),
            ([*BEFORE, *served("2", *HOSTS), *served("1", FIRST), *served("1", SECOND)], [FIRST, SECOND]),
            # a host that joins what most serve, after the share, changes nothing
            ([*BEFORE, *served("2", FIRST), *served("1", FOURTH)], [FIRST]),
            ([*BEFORE, *served("2", FIRST), *served("1", FOURTH, how="adopt")], [FIRST]),
            # another tool took one host further: it is what came last
            ([*BEFORE, *served("2", FIRST), *served("3", SECOND, how="outside")], [SECOND]),
            # it took one back: that is no new release
            ([*BEFORE, *served("2", *HOSTS), *served("1", FIRST, how="outside")], [SECOND, THIRD, FOURTH]),
            # all were rolled back together: the next rollback goes further back with all of them
            ([*BEFORE, *served("2", *HOSTS), *returned("2", "1", *HOSTS)], HOSTS),
            # a share of one host that was killed: only that host is settled
            ([*BEFORE, *intent(FIRST, "1", "2")], [FIRST]),
            ([*BEFORE, *served("2", FIRST), *intent(SECOND, "1", "2")], [FIRST, SECOND]),
            ([*BEFORE, *served("2", FIRST), *intent(FIRST, "2", "1", runbook="rollback")], [FIRST]),
            ([*BEFORE, *served("2", FIRST), *intent(FOURTH, "1", "0", runbook="rollback")], [FIRST, FOURTH]),
        ],
    )
    def test_a_bare_one_takes_the_hosts_of_the_newest_release(self, records: Records, members: tuple[str, ...]) -> None:
        assert chosen("rollback", records).members == tuple(members)

    @pytest.mark.parametrize(
        ("records", "leaves", "members"),
        [
            ([*BEFORE, *served("2", FIRST)], "2", [FIRST]),
            # the alert is older than the last share
            ([*BEFORE, *served("2", FIRST, SECOND), *served("3", FIRST)], "2", [SECOND]),
            # the same alert again: the hosts that left it have nothing to do
            ([*BEFORE, *served("2", FIRST), *returned("2", "1", FIRST)], "2", [FIRST]),
            # nobody knows it: refused by the modules
            (BEFORE, "7", HOSTS),
            # it may serve after a run that was killed
            ([*BEFORE, *intent(THIRD, "1", "2")], "2", [THIRD]),
            ([*BEFORE, *served("2", FIRST), *intent(FIRST, "2", "3")], "2", [FIRST]),
        ],
    )
    def test_with_rollback_from_it_takes_the_hosts_that_serve_that(
        self, records: Records, leaves: str, members: tuple[str, ...]
    ) -> None:
        assert chosen("rollback", records, rollback_from=leaves).members == tuple(members)

    @pytest.mark.parametrize(
        ("records", "to", "members"),
        [
            ([*BEFORE, *served("2", FIRST), *served("3", SECOND)], "1", [FIRST, SECOND]),
            ([*BEFORE, *intent(THIRD, "1", "2")], "1", [THIRD]),
            (BEFORE, "1", HOSTS),
            (BEFORE[:3], "1", HOSTS),
        ],
    )
    def test_with_rollback_to_it_takes_the_hosts_that_do_not_serve_that(
        self, records: Records, to: str, members: tuple[str, ...]
    ) -> None:
        assert chosen("rollback", records, rollback_to=to).members == tuple(members)

    def test_a_deploy_that_may_not_have_begun_takes_its_host_no_further_back(self) -> None:
        begun = [*BEFORE, *served("2", FIRST), *intent(SECOND, "1", "2"), *intent(THIRD, "1", "0", runbook="rollback")]
        assert chosen("rollback", begun).leaves == {SECOND: release("2").id}
        assert chosen("rollback", begun, rollback_from="2").leaves == {}

    def test_it_says_whom_it_left_alone(self) -> None:
        found = chosen("rollback", [*BEFORE, *served("2", FIRST)])
        assert found.told == ("fleet api: 1 of 4 hosts went back, the others stay as they are",)
        assert chosen("rollback", BEFORE).told == ()

    def test_a_component_of_no_fleet_goes_back_too(self) -> None:
        found = chosen("rollback", [*BEFORE, *served("2", FIRST)], play=("web", *HOSTS))
        assert found.members == ("web", FIRST)


class TestTheUntouched:
    """A bare rollback never goes further back with hosts that the last release never came to."""

    UNDONE = (
        *served("2", FIRST),
        {"kind": "verdict", "component": FIRST, "release": release("2").id, "verdict": "withdrawn"},
        *served("1", FIRST, how="undo"),
        *intent(FIRST, "2", "1", runbook="undo", state="settled"),
    )
    FAILED = (*served("2", FIRST)[:1], *intent(FIRST, "1", "2", state="settled"))

    @pytest.mark.parametrize(
        "share",
        [[*served("2", FIRST), *returned("2", "1", FIRST)], UNDONE, FAILED],
    )
    def test_it_is_refused_where_the_share_went_back(self, share: Records) -> None:
        records = [*BEFORE, *share]
        with pytest.raises(Refused) as error:
            chosen("rollback", records)
        two, one = release("2").label, release("1").label
        assert str(error.value) == (
            f"{two} serves on no host of the fleet api any more and never came to api-2, api-3, api-4, so there is"
            f" nothing to bring back. To go further back with the hosts that serve {one}, name it."
        )
        assert error.value.next == {"playbook": "rollback", "variables": {"rollback_from": release("1").id}}
        assert chosen("rollback", records, rollback_from="1").members == HOSTS
        assert chosen("rollback", records, rollback_from="2").members == (HOSTS if share is self.FAILED else (FIRST,))
        assert chosen("rollback", records, play=(FIRST,)).members == (FIRST,), "named alone it goes further back"

    @pytest.mark.parametrize(
        "records",
        [
            # a share that stands
            [*BEFORE, *served("2", FIRST), *intent(FIRST, "1", "2", state="settled")],
            # what came to all left all
            [*BEFORE, *served("2", *HOSTS), *returned("2", "1", *HOSTS)],
            [*BEFORE, *served("2", FIRST), *returned("2", "1", FIRST), *returned("1", "0", *HOSTS)],
            # nobody switched, or knows what serves, or what served before
            ONE,
            [*intent(FIRST, "", "2", state="settled")],
            [*ONE, *intent(FIRST, "", "2", runbook="undo", state="settled")],
            # a switch that was not finished is
            [*BEFORE, *intent(FIRST, "1", "2")],
        ],
    )
    def test_it_goes_on_where_something_is_to_bring_back(self, records: Records) -> None:
        assert chosen("rollback", records).members


class TestAfterAKill:
    """What a rollback takes beside the unfinished unit, which is put back, or finished, anyway."""

    SHARE = (*BEFORE, *served("2", FIRST), *unit("deploy", FIRST, SECOND, THIRD, release="2"))

    def test_the_shares_before_it_go_back_with_it(self) -> None:
        for more in ([], served("2", SECOND)):
            found = chosen("rollback", [*self.SHARE, *intent(SECOND, "1", "2", unit="r1"), *more])
            assert (found.still, found.told) == ((FIRST,), ())

    def test_an_untouched_host_stays(self) -> None:
        first = [*BEFORE, *unit("deploy", FIRST, SECOND, release="2"), *intent(FIRST, "1", "2", unit="r1")]
        assert chosen("rollback", first).still == ()
        put_back = [*first, *served("2", FIRST), *served("1", FIRST, how="undo")]
        assert chosen("rollback", put_back).still == (), "what it went back to is what the others serve"

    @pytest.mark.parametrize(("leaves", "still"), [("2", (FIRST,)), ("1", ())])
    def test_with_rollback_from_as_well(self, leaves: str, still: tuple[str, ...]) -> None:
        begun = [*self.SHARE, *intent(SECOND, "1", "2", unit="r1")]
        assert chosen("rollback", begun, rollback_from=leaves).still == still

    def test_an_unfinished_rollback_is_finished_with_all_of_its_hosts(self) -> None:
        shared = [*BEFORE, *served("2", FIRST, SECOND), *unit("rollback", FIRST, SECOND)]
        begun = [*shared, *intent(FIRST, "2", "1", runbook="rollback", unit="r1")]
        assert chosen("rollback", begun).still == ()
        assert chosen("rollback", [*begun, *served("2", THIRD)]).still == (THIRD,)
