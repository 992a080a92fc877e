"""A ledger with check runs in its journal, and people with real keys."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ansible_collections.steady.ops.plugins.plugin_utils._approvals.desk import Desk
from ansible_collections.steady.ops.plugins.plugin_utils._approvals.people import read_approvers
from ansible_collections.steady.ops.plugins.plugin_utils._approvals.requests import Approval, ApprovalRequest
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Policy
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger, initialise

API, WEB = "toy/production/api", "toy/production/web"
CHECK = "01JCHECK000000000000000001"
PEOPLE = {"needed": 2, "people": ["ann", "bob", "carol"]}
DAVE = {"user": "dave", "host": "desk", "pid": 7}
HASH = {API: "sha256:aa", WEB: "sha256:bb"}


class World:
    """One ledger, its policy, and a directory of keys."""

    def __init__(self, base: Path, approvers: object = "these") -> None:
        self.base = base
        self.ledger: Ledger = initialise(f"file://{base}/ledger", "toy", "production")[0]
        self.policy = Policy(
            "toy", "production", self.ledger.url, approvers=PEOPLE if approvers == "these" else approvers
        )

    def keys(self, *names: str) -> World:
        """Make a key for each name, and have them allowed under that name."""
        lines = []
        for name in names:
            path = self.base / name
            if not path.exists():
                make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "key", "-f", str(path)]
                subprocess.run(make, check=True)
            lines.append(f"{name} {' '.join(Path(f'{path}.pub').read_text().split()[:2])}")
        self.policy = replace(self.policy, allowed_signers="\n".join(lines))
        return self

    def sign(self, name: str, text: str, namespace: str = "steady.ops") -> str:
        """Return the signature of a person over a text."""
        command = ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", str(self.base / name)]
        return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout

    @property
    def now(self) -> datetime:
        """Return the ledger's time."""
        return self.ledger.store.now()

    @property
    def desk(self) -> Desk:
        """Return what approvals are judged with."""
        return Desk(self.ledger, self.policy, read_approvers(self.policy.approvers))

    def journal(self, event: str, run: str = CHECK, **more: object) -> None:
        """Write one event."""
        self.ledger.journal.append({"event": event, "run": run, **more})

    def check_run(
        self,
        run: str = CHECK,
        *,
        objects: tuple[str, ...] = (API,),
        who: Mapping[str, object] | None = None,
        result: str = "ok",
        steps: tuple[str, ...] = ("Write one",),
        **more: object,
    ) -> ApprovalRequest:
        """Write what a check run leaves; return its request."""
        asked_by = dict(DAVE if who is None else who)
        about = {"runbook": "deploy", "action": "deploy", "mode": "check", "objects": list(objects), "who": asked_by}
        self.journal("opened", run, **about, allowed=True, approval={"asked": True}, **more)
        for name in objects:
            self.journal("planned", run, object=name, module="m", plan_hash=HASH[name], steps=list(steps))
        if result:
            self.journal("closed", run, result=result)
        return self.desk.request(run, self.now) if result == "ok" and steps else None  # type: ignore[return-value]

    def step(self, name: str = API, run: str = "01R", hash: str = "", **more: object) -> None:
        """Write that a real run changed an object."""
        values: dict[str, object] = {"result": "ok", "changed": True, "plan_hash": hash or HASH[name], **more}
        self.journal("step", run, object=name, **values)

    def approve(self, asked: ApprovalRequest, *names: str) -> ApprovalRequest:
        """Have people sign a request as the tool keeps it."""
        for name in names:
            armor = self.sign(name, self.desk.text(asked))
            given = Approval(name, "signature", {"armor": armor, "key": "k"}, self.now)
            self.desk.requests.change(
                asked,
                lambda known, given=given: replace(known, approvals=(*known.approvals, given)),  # type: ignore[misc]
            )
        return next(known for known in self.desk.requests.all() if known.id == asked.id)
