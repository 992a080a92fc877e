"""The independent model of deploy and rollback: the decision table of the documentation in a few lines.

It shares no code with the collection. Every intended change either happens whole or leaves what served.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Model:
    """What must serve, which verdicts must stand, and where a rollback must go.

    :param good: the releases that pass their probe.
    """

    good: frozenset[str]
    serving: str = ""
    served: list[str] = field(default_factory=list)
    verdicts: dict[str, str] = field(default_factory=dict)

    def target(self) -> str | None:
        """Walk the serving history back from what serves, past it and past all that is withdrawn or failed."""
        walk = list(self.served)
        if self.serving in walk:
            while walk.pop() != self.serving:
                pass
        return next((name for name in reversed(walk) if self._eligible(name)), None)

    def _eligible(self, name: str) -> bool:
        return name != self.serving and self.verdicts.get(name) == "verified"

    def adopt(self) -> None:
        """Record what serves, if it passes and the ledger does not know it as last served."""
        if self.serving in self.good and (not self.served or self.served[-1] != self.serving):
            self._verified(self.serving)

    def deploy(self, name: str) -> None:
        """Deploy a release by name."""
        if name == self.serving:
            self.adopt()
            return
        back = self.serving if self.serving in self.good else self.target()
        if back is None:
            return
        self.adopt()
        if name in self.good:
            self.serving = name
            self._verified(name)
        else:
            self.verdicts[name] = "failed"
            self.serving = back
            self.served.append(back)

    def rollback(self) -> None:
        """Go back by one."""
        target = self.target()
        if target is None:
            return
        self.adopt()
        self.verdicts[self.serving] = "withdrawn"
        self.serving = target
        self._verified(target)

    def put_back(self, name: str, *, failed: bool) -> None:
        """Settle a killed deploy that is not wanted any more: what serves stays, and is recorded.

        :param failed: the release was judged, by the platform or by the killed run; otherwise its verdict stays.
        """
        self.adopt()
        if failed:
            self.verdicts[name] = "failed"
        self.served.append(self.serving)

    def outside(self, name: str) -> None:
        """Another tool deploys."""
        self.serving = name

    def _verified(self, name: str) -> None:
        self.verdicts[name] = "verified"
        self.served.append(name)
