# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of one component are a fleet: which of them a run takes. Pure.

A deploy with a batch takes the hosts that serve the release already, which are proved again and so keep a sick one from
being followed by others, and the next share of the rest. A rollback takes the hosts that serve what is left.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ...module_utils._errors import InvalidInput, Refused
from ...module_utils._release.history import fits
from .._gates.request import Batch
from .standings import Standing, last_left, newest, standings
from .units import Record, Unit, left_by_settling

_SHARE = re.compile(r"(?P<number>[0-9]{1,6}) ?(?P<percent>%?)", re.ASCII)


@dataclass(frozen=True)
class Choice:
    """What a run takes of the components of its play, in the inventory's order.

    :param still: of a rollback that otherwise ends with what it settles, what goes back beside that.
    :param told: what may be said of each fleet once all of it passed.
    :param leaves: C(rollback_from) of a host alone on which a killed deploy may not have begun: it must not go further
        back then.
    """

    members: tuple[str, ...]
    still: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    leaves: Mapping[str, str] = field(default_factory=dict)


def judge_batch(batch: Batch, fleets: Collection[str]) -> None:
    """Refuse a batch that says nothing.

    :param fleets: those of the play.
    :raises InvalidInput: it is no share, or there is nothing to take a share of.
    """
    share_of(batch, 1)
    if not fleets:
        raise InvalidInput(
            f"{batch.name} is {batch.said!r}, and no host of this run belongs to a fleet",
            remedy=f"Leave {batch.name} out, or write component_fleet: <name> in the group_vars of the group that holds"
            " the component's hosts.",
        )


def share_of(batch: Batch, size: int) -> int:
    """Return how many of a fleet's hosts one run takes: at least one, never more than was asked for otherwise.

    :raises InvalidInput: it is neither a number of hosts nor a percentage.
    """
    found = _SHARE.fullmatch(batch.said)
    number = int(found["number"]) if found else 0
    if found is None or number < 1 or (found["percent"] and number > 100):
        raise InvalidInput(
            f"{batch.name} is {batch.said!r}, neither a number of hosts from 1 nor a percentage from 1% to 100%",
            remedy=f"Write it as in {batch.name}=2 or {batch.name}=25%.",
        )
    return max(1, size * number // 100) if found["percent"] else min(number, size)


def choose(
    wanted: Unit, fleets: Mapping[str, str], batch: Batch | None, open_ones: Sequence[Unit], records: Sequence[Record]
) -> Choice:
    """Choose the components that a run takes. Those of no fleet are taken always, and a fleet without a batch whole.

    :param wanted: with all components of the play as its members.
    :param fleets: the fleet of each component; empty where it has none.
    :param open_ones: units that earlier runs left open and that share a component with the play.
    :raises InvalidInput: the batch is no share, or the history of a host is corrupt.
    :raises Refused: a rollback that names nothing would go further back with hosts that were never switched.
    """
    if not any(fleets.values()):
        return Choice(wanted.members)
    hosts: dict[str, list[str]] = {}
    for member in wanted.members:
        hosts.setdefault(fleets[member], []).append(member)
    alone = set(hosts.pop("", []))
    if wanted.action == "rollback":
        return _rollback(wanted, hosts, alone, open_ones, records)
    if wanted.action != "deploy" or batch is None:
        return Choice(wanted.members)
    begun = next((unit for unit in open_ones if _goes_on(unit, wanted, alone)), None)
    if begun is not None:
        taken = set(begun.members)
    else:
        taken = alone.union(*(_share(wanted, each, batch, open_ones, records) for each in hosts.values()))
    told = tuple(_reached(name, len(taken & set(each)), len(each), wanted) for name, each in sorted(hosts.items()))
    return Choice(_of(wanted, taken), told=told)


def _of(wanted: Unit, taken: Collection[str]) -> tuple[str, ...]:
    return tuple(member for member in wanted.members if member in taken)


def _goes_on(unit: Unit, wanted: Unit, alone: Collection[str]) -> bool:
    """Tell whether a run first goes on with the batch that an earlier one began: the same deploy in the same play."""
    same = (unit.action, unit.wish) == (wanted.action, wanted.wish)
    return same and set(alone) <= set(unit.members) <= set(wanted.members)


def _share(
    wanted: Unit, hosts: Sequence[str], batch: Batch, open_ones: Sequence[Unit], records: Sequence[Record]
) -> set[str]:
    """Return the hosts of a fleet that serve the release, and the next ones; first those that a run left in between."""
    known = standings(hosts, open_ones, records)
    done = {host for host in hosts if _is_done(known[host], wanted.wish.get("release", ""))}
    rest = sorted((host for host in hosts if host not in done), key=lambda host: known[host].unfinished is None)
    return done | set(rest[: share_of(batch, len(hosts))])


def _is_done(standing: Standing, selector: str) -> bool:
    return standing.unfinished is None and standing.serving is not None and fits(standing.serving, selector)


def _reached(fleet: str, reached: int, size: int, wanted: Unit) -> str:
    line = f"fleet {fleet}: {reached} of {size} hosts serve {wanted.wish.get('release', '')}"
    return line if reached == size else f"{line}; run the same command again for the next share"


def _rollback(
    wanted: Unit,
    fleets: Mapping[str, Sequence[str]],
    alone: Collection[str],
    open_ones: Sequence[Unit],
    records: Sequence[Record],
) -> Choice:
    taken, still, told, leaves = set(alone), set[str](), list[str](), dict[str, str]()
    for name, hosts in sorted(fleets.items()):
        known = standings(hosts, open_ones, records)
        if not wanted.wish and not open_ones:
            _refuse_the_untouched(name, known, records)
        back = _that_go_back(wanted, known)
        taken |= back
        if not wanted.wish:
            leaves |= {host: each.id for host, each in known.items() if each.deploying}
        still |= _left_behind(wanted, known, open_ones, records)
        if len(back) < len(hosts):
            told.append(f"fleet {name}: {len(back)} of {len(hosts)} hosts went back, the others stay as they are")
    return Choice(_of(wanted, taken), _of(wanted, still), () if open_ones else tuple(told), leaves)


def _that_go_back(wanted: Unit, known: Mapping[str, Standing]) -> set[str]:
    """Return the hosts of a fleet that a rollback takes; all where that cannot be told, so that it is refused there."""
    leaves, to = wanted.wish.get("rollback_from", ""), wanted.wish.get("rollback_to", "")
    if leaves:
        serve = {host for host, standing in known.items() if standing.may_serve(leaves)}
        return serve or {host for host, standing in known.items() if standing.left(leaves)} or set(known)
    if to:
        away = {
            host for host, each in known.items() if each.unfinished or not (each.serving and fits(each.serving, to))
        }
        return away or set(known)
    latest = newest(known)
    return {host for host, each in known.items() if each.unfinished or each.id == latest} if latest else set(known)


def _refuse_the_untouched(fleet: str, known: Mapping[str, Standing], records: Sequence[Record]) -> None:
    """Refuse to send a whole fleet further back when the newest release has left the few hosts that it ever came to.

    :raises Refused: that is so.
    """
    left, latest = last_left(known, records), newest(known)
    served = next((each.serving for each in known.values() if each.id == latest), None)
    if left is None or served is None or any(each.unfinished or each.id == left.id for each in known.values()):
        return
    untouched = [host for host, each in known.items() if left.id not in each.history.releases]
    if untouched:
        raise Refused(
            f"{left.label} serves on no host of the fleet {fleet} any more and never came to {', '.join(untouched)}, so"
            " there is nothing to bring back",
            remedy=f"To go further back with the hosts that serve {served.label}, name it",
            next={"playbook": "rollback", "variables": {"rollback_from": served.id}},
        )


def _left_behind(
    wanted: Unit, known: Mapping[str, Standing], open_ones: Sequence[Unit], records: Sequence[Record]
) -> set[str]:
    """Return the hosts that serve what an unfinished unit's hosts no longer do once that unit is settled."""
    found: set[str] = set()
    for unit in open_ones:
        left = {release.id for release in left_by_settling(unit, [m for m in unit.members if m in known], records)}
        settled = unit.members if unit.action == "rollback" else ()
        found |= {host for host, standing in known.items() if standing.id in left and host not in settled}
    leaves = wanted.wish.get("rollback_from", "")
    return {host for host in found if not leaves or known[host].may_serve(leaves)}
