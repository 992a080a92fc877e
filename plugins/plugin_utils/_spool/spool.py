# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The spool: a ledger on this controller that stands in for one that cannot be reached.

It is a whole ledger in a directory, with leases, journal and releases, begun from this controller's last copy. Runs use
it as they use any other. What they wrote is brought into the ledger by the next run that reaches it
(C(importing.py)); the copied records are not.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ...module_utils._clock import parse_time
from ...module_utils._errors import Refused
from .._incidents.standing import KEY as INCIDENTS
from .._ledger.holds import Hold
from .._ledger.ledger import Ledger, initialise, open_ledger
from .copies import Copy, name_of

DIRECTORY = "spools"
_BEGUN = "begun.json"
_LEDGER = "ledger"
_LOCK = ".lock"


@dataclass(frozen=True)
class Spool:
    """A ledger's stand-in.

    :param ledger: the stand-in itself.
    :param copied_at: how old what it was begun from is; empty when nothing was known.
    :param copied: how many entries of its releases chain were copied, the chain's first one included.
    :param id: the id of the ledger that it stands in for; empty when that is not known.
    """

    ledger: Ledger
    directory: Path
    copied_at: str
    copied: int
    id: str


def begin(home: Path, url: str, system: str, environment: str, copy: Copy | None) -> Spool:
    """Open the spool of a ledger, begun from a copy when there is none yet.

    :param home: the directory of spools.
    :raises OpsError: this controller has no room for one.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    # two runs that need one at once must not each have a spool, and leases, of their own
    with alone(home):
        return existing(home, url) or _begun(home, url, system, environment, copy)


def _begun(home: Path, url: str, system: str, environment: str, copy: Copy | None) -> Spool:
    directory = home / name_of(url)
    if (directory / _BEGUN).exists():
        raise _damaged(directory, "it has no identity")
    # what a killed run left half-begun holds nothing that was done
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(mode=0o700)
    ledger, _new = initialise(_url_of(directory), system, environment)
    copied = 1
    if copy is not None and copy.records:
        copied += ledger.releases.append(copy.records)
    for hold in copy.holds if copy else ():
        ledger.holds.place(_hold(hold))
    if copy is not None and copy.incidents:
        ledger.store.put_if_absent(INCIDENTS, copy.incidents.encode())
    about = {"url": url, "id": copy.id if copy else "", "copied_at": copy.at if copy else "", "copied": copied}
    draft = directory / f".{_BEGUN}"
    with draft.open("w", encoding="utf-8") as stream:
        json.dump(about, stream)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(directory / _BEGUN)
    return Spool(ledger, directory, str(about["copied_at"]), copied, str(about["id"]))


def existing(home: Path, url: str) -> Spool | None:
    """Return the spool of a ledger that is not imported yet; None where there is none.

    :raises OpsError: it is damaged.
    """
    directory = home / name_of(url)
    try:
        about: dict[str, Any] = json.loads((directory / _BEGUN).read_text(encoding="utf-8"))
        known = str(about["copied_at"]), int(about["copied"]), str(about["id"])
        identity: dict[str, Any] = json.loads((directory / _LEDGER / "identity").read_text(encoding="utf-8"))
        belongs = str(identity["system"]), str(identity["environment"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(directory, type(error).__name__) from None
    return Spool(open_ledger(_url_of(directory), *belongs), directory, *known)


def is_of_run(spool: Spool | None, run: str) -> bool:
    """Tell whether a run holds its leases in the spool: then it goes on there, even if the ledger came back."""
    return spool is not None and any(lease.holder.run == run for lease in spool.ledger.leases.all())


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Have one run of this controller begin or bring in at a time; the kernel frees the lock when its holder dies."""
    descriptor = os.open(home / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _damaged(directory: Path, why: str) -> Refused:
    """Return the refusal of a spool that nobody begins anew: it may hold the only record of what was done."""
    return Refused(
        f"The spool {directory}, which holds what was done without the ledger, is damaged ({why})",
        remedy="See what its journal and releases hold, then move it away.",
    )


def _url_of(directory: Path) -> str:
    return f"file://{quote(str(directory / _LEDGER))}"


def _hold(value: Mapping[str, object]) -> Hold:
    texts = {key: str(value.get(key, "")) for key in ("object", "message", "by")}
    return Hold(
        texts["object"], texts["message"], parse_time(str(value["until"])), texts["by"], parse_time(str(value["at"]))
    )
