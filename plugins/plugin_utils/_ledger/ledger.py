# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The durable memory of one system and environment: opened by its URL, and known by its identity."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from ...module_utils._clock import format_time
from ...module_utils._errors import InvalidInput, Refused
from .chain import Chain, canonical
from .file_store import FileStore
from .holds import Holds
from .journal import CHAIN as JOURNAL
from .journal import Journal
from .leases import Leases
from .releases import CHAIN as RELEASES
from .releases import Releases
from .store import CHECK, INITIALISE, Store, Unusable

_IDENTITY = "identity"
_LOST = (
    f"Put its key '{_IDENTITY}' back from its backup; without one go on as docs/ledger.md says under 'Lost or damaged'"
)


@dataclass(frozen=True)
class Identity:
    """Which ledger this is.

    :param genesis: the hash of the first entry of each chain: a chain begun anew is not this ledger's.
    """

    system: str
    environment: str
    id: str
    created: str
    genesis: Mapping[str, str]

    def as_dict(self) -> dict[str, object]:
        """Return what is kept under the key C(identity)."""
        return {**vars(self), "genesis": dict(self.genesis)}


@dataclass(frozen=True)
class Ledger:
    """An open ledger: its parts share one store."""

    url: str
    identity: Identity
    store: Store = field(repr=False)
    journal: Journal = field(repr=False)
    releases: Releases = field(repr=False)
    leases: Leases = field(repr=False)
    holds: Holds = field(repr=False)

    def now_text(self) -> str:
        """Return the store's time as records carry it."""
        return format_time(self.store.now())


def store_of(url: str) -> FileStore:
    """Return the store that the URL names, without touching it.

    :raises InvalidInput: the URL is of no known kind.
    """
    scheme = url.partition(":")[0]
    if scheme == "file":
        return FileStore(url)
    if scheme in ("s3", "postgresql"):
        raise InvalidInput(
            f"ops_ledger is a {scheme} ledger, which is not available yet",
            remedy="Use file:///absolute/directory",
            next={"playbook": "inventory_check"},
        )
    raise InvalidInput(
        f"ops_ledger is {url!r}", remedy="Write it as file:///absolute/directory", next={"playbook": "inventory_check"}
    )


def open_ledger(url: str, system: str, environment: str) -> Ledger:
    """Open the ledger of a system and environment.

    :raises Unusable: it is not initialised, or damaged.
    :raises Refused: it belongs to another system or environment.
    :raises Unreachable: it cannot be read now.
    """
    store = store_of(url)
    store.refuse_shared()
    found = store.read(_IDENTITY)
    if found is None:
        raise Unusable(
            f"The ledger {url} of {system}/{environment} is not initialised: {store.absence()}",
            remedy="If it existed before, mount or restore it; if it is new, initialise it",
            next=INITIALISE,
        )
    identity = _identity(url, found.data)
    if (identity.system, identity.environment) != (system, environment):
        raise Refused(
            f"The ledger {url} belongs to {identity.system}/{identity.environment}, not to {system}/{environment}",
            remedy=f"Give {system}/{environment} an ops_ledger of its own in its inventory and initialise it",
            next=INITIALISE,
        )
    return _ledger(url, identity, store)


def initialise(url: str, system: str, environment: str) -> tuple[Ledger, bool]:
    """Make the ledger when it is not there yet; a run that was killed in the middle is finished.

    :returns: the ledger, and whether anything was written.
    :raises Refused: it is another's, or it holds entries and lost its identity.
    """
    store = store_of(url)
    store.create()
    if store.read(_IDENTITY) is not None:
        return open_ledger(url, system, environment), False
    if store.read(f"{JOURNAL}/entries/{1:012d}") or store.read(f"{RELEASES}/entries/{1:012d}"):
        raise Refused(
            f"The ledger {url} has entries but lost its identity",
            remedy=f"{_LOST}. Then check it",
            next=CHECK,
        )
    ledger_id = secrets.token_hex(8)
    genesis = {name: Chain(store, name).begin(ledger_id) for name in (JOURNAL, RELEASES)}
    Leases(store).begin()
    Holds(store).begin()
    identity = Identity(system, environment, ledger_id, format_time(store.now()), genesis)
    # last: whoever sees an identity sees a whole ledger
    store.put_if_absent(_IDENTITY, canonical(identity.as_dict()))
    return open_ledger(url, system, environment), True


def verify(ledger: Ledger) -> dict[str, int]:
    """Prove both chains entry by entry; return how many entries each has.

    :raises ChainBroken: names the first bad entry.
    """
    counts = {}
    for chain in (ledger.journal.chain, ledger.releases.chain):
        begun = ledger.identity.genesis.get(chain.name)
        if chain.first_hash() != begun:
            raise Refused(
                f"The chain {chain.name} of the ledger {ledger.url} was begun anew: entry 0 is not its first",
                remedy=f"Put {chain.name}/ back from the ledger's backup, then check it",
                next=CHECK,
                details={"chain": chain.name, "entry": 0},
            )
        counts[chain.name] = len(chain.entries())
    return counts


def _identity(url: str, data: bytes) -> Identity:
    try:
        value = json.loads(data)
        return Identity(value["system"], value["environment"], value["id"], value["created"], dict(value["genesis"]))
    except (ValueError, KeyError, TypeError):
        raise Unusable(
            f"The identity of the ledger {url} is damaged",
            remedy=f"{_LOST}. Then check it",
            next=CHECK,
        ) from None


def _ledger(url: str, identity: Identity, store: Store) -> Ledger:
    return Ledger(url, identity, store, Journal(store), Releases(store), Leases(store), Holds(store))
