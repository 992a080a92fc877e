# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo's own service on the App Runner fake, and what a stranger sees of it."""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError
from lab.fakes.apprunner.control import Control, ControlError
from lab.lifecycle import load, write_status
from lab.parts import Lab
from lab.place import Place

SERVICE = "demo-api"
DEATH_SECONDS = 40  # after its start; a busy machine has verified it long before
RELEASES: dict[str, dict[str, object]] = {
    "1.0.0": {"kind": "ok"},
    "2.0.0": {"kind": "ok"},
    "3.0.0": {"kind": "wrong_body"},
    "4.0.0": {"kind": "dies_after", "seconds": DEATH_SECONDS},
}
RESET_SCALE = 2000.0  # nobody watches the reset
WATCHED_SCALE = 60.0  # slow enough to be read, fast enough to be watched to the end
STEP_SECONDS = 60.0


@dataclass(frozen=True)
class Stage:
    """The lab as the demo uses it: one service, asked over HTTP and over the fake's control API."""

    lab: Lab
    control: Control
    url: str

    def answer(self) -> str:
        """What the service answers a stranger now: `version 2.0.0`, or how it fails."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.url}/health", timeout=5) as answer:
                body = json.loads(answer.read())
            if answer.status == 200 and body.get("status") == "ok":
                return f"version {body['version']}"
            return f"{answer.status} without status ok"
        except urllib.error.HTTPError as error:
            return str(error.code)
        except (OSError, ValueError) as error:
            return f"nothing that can be read ({error})"

    def changes(self) -> int:
        """How many changing calls App Runner has received for this service so far."""
        return len(self.control.requests(mutating=True, target=SERVICE))

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Let the fake's minutes pass at the speed of the demo; the lab's own speed returns afterwards."""
        self.control.settings(scale=max(self.lab.scale, WATCHED_SCALE))
        try:
            yield
        finally:
            self.control.settings(scale=self.lab.scale)


def prepare(place: Place) -> Stage:
    """Make the service and its ledger anew: four releases in the image store, 1.0.0 running, nothing recorded."""
    with place.lock(print):
        lab = load(place)
        endpoint = lab.facts.get("apprunner", {}).get("endpoint")
        if not endpoint:
            raise LabError("The lab's App Runner fake is not up: start it with `make lab`.")
        control = Control(str(endpoint))
        control.settings(scale=RESET_SCALE)
        try:
            _remove_service(control)
            for version, behaviour in RELEASES.items():
                control.put_image(SERVICE, version, version, behaviour)
            service = control.create_service(SERVICE, f"{SERVICE}:1.0.0")
        finally:
            control.settings(scale=lab.scale)
        write_status(lab, demo={"url": service["url"], "ledger": str(_new_ledger(place))})
    return Stage(lab, control, str(service["url"]))


def _new_ledger(place: Place) -> Path:
    """A directory of its own for each demo: a run of a killed one may still hold leases in its ledger, which goes."""
    for old in place.ledger.glob("demo-*"):
        shutil.rmtree(old, ignore_errors=True)
    return place.ledger / f"demo-{secrets.token_hex(4)}"


def _remove_service(control: Control) -> None:
    """Delete what an earlier demo left, as it was left: a killed run's operation may still go on."""
    with contextlib.suppress(ControlError):
        control.release(SERVICE)
        control.wait(SERVICE, STEP_SECONDS)
        control.outside(SERVICE, action="DeleteService")
    deadline = time.monotonic() + STEP_SECONDS
    while any(each["name"] == SERVICE and each["status"] != "DELETED" for each in control.services()):
        if time.monotonic() > deadline:
            raise LabError(f"The demo's service {SERVICE} does not go away: run `make lab-down`, then `make demo`.")
        time.sleep(0.1)
