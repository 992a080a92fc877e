"""The independent model of a unit: its components end where they were wanted, or where they were. Shares no code with
the collection.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.release_model import Model


@dataclass
class Part(Model):
    """One component of a unit.

    :param returns: of the releases that do not pass, those from which the platform goes back by itself.
    :param switches: how often it was told to serve something else.
    """

    returns: frozenset[str] = frozenset()
    switches: int = 0
    undo: Callable[[], None] | None = None

    def may_deploy(self, name: str) -> bool:
        """Tell whether a deployment is not refused beforehand."""
        if name == self.serving:
            return name in self.good
        return self._back(name) is not None or name in self._candidates()

    def try_deploy(self, name: str) -> bool:
        """Deploy a release; tell whether it serves."""
        self.undo = None
        if name == self.serving:
            self.adopt()
            return True
        before, back, passed_before = self.serving, self._back(name), self.verdicts.get(name) == "verified"
        self.adopt()
        self.switches += 1
        if name in self.good:
            self.serving = name
            self._verified(name)
            self.undo = lambda: self._undo_deploy(name, back, withdraw=not passed_before)
            return True
        self.verdicts[name] = "failed"
        if back is not None:
            self._return_to(back, moves=not (name in self.returns and back == before))
        return False

    def try_rollback(self) -> bool:
        """Go back by one; tell whether what is gone back to serves."""
        self.undo = None
        target, before, well = self.target(), self.serving, self.serving in self.good
        assert target is not None
        self.adopt()
        self.switches += 1
        if target in self.good:
            self.verdicts[before] = "withdrawn"
            self.serving = target
            self._verified(target)
            self.undo = (lambda: self._return_to(before)) if well else None
            return True
        self.verdicts[target] = "failed"
        if well:
            self._return_to(before)
        else:
            self.verdicts[before] = "withdrawn"
            self.serving = target
        return False

    def _undo_deploy(self, name: str, back: str | None, *, withdraw: bool) -> None:
        if back is None:
            return
        if withdraw:
            self.verdicts[name] = "withdrawn"
        self._return_to(back)

    def _return_to(self, back: str, *, moves: bool = True) -> None:
        self.switches += moves
        self.serving = back
        self._verified(back)

    def _candidates(self) -> list[str]:
        walk = list(self.served)
        if self.serving in walk:
            while walk.pop() != self.serving:
                pass
        return [name for name in reversed(walk) if self._eligible(name)]

    def _back(self, name: str) -> str | None:
        if self.serving in self.good:
            return self.serving
        return next((other for other in self._candidates() if other != name), None)


@dataclass
class UnitModel:
    """The components in the order of the inventory."""

    parts: dict[str, Part] = field(default_factory=dict)

    def deploy(self, name: str, *limit: str) -> bool:
        """Deploy to all of them; tell whether it is green."""
        chosen = self._chosen(limit)
        if not all(part.may_deploy(name) for part in chosen):
            # the run over one component alone is refused as well
            return False
        return self._each(chosen, lambda part: part.try_deploy(name))

    def rollback(self, *limit: str) -> bool:
        """Roll all of them back by one; tell whether it is green."""
        chosen = self._chosen(limit)
        if any(part.target() is None for part in chosen):
            return False
        return self._each(chosen, lambda part: part.try_rollback())

    def serving(self) -> dict[str, str]:
        """Return what must serve."""
        return {name: part.serving for name, part in self.parts.items()}

    def _chosen(self, limit: tuple[str, ...]) -> list[Part]:
        return [part for name, part in self.parts.items() if not limit or name in limit]

    @staticmethod
    def _each(chosen: list[Part], change: Callable[[Part], bool]) -> bool:
        done: list[Part] = []
        for part in chosen:
            if change(part):
                done.append(part)
                continue
            for earlier in reversed(done):
                if earlier.undo is not None:
                    earlier.undo()
            return False
        return True
