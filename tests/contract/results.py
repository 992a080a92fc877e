"""For tests that really run a module: its result holds what RETURN documents, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.contract.documents import MODULES, constant
from tests.contract.tree import ROOT, Tree

# what Ansible or every one of our modules adds (OpsError.as_result, conduct's own keys)
_EVERYWHERE = {
    "changed", "failed", "msg", "diff", "invocation", "warnings", "deprecations", "exception", "ansible_facts",
    "error_kind", "details", "entries", "intent", "intent_open",
}  # fmt: skip
_TYPES: dict[str, tuple[type, ...]] = {
    "bool": (bool,), "dict": (Mapping,), "float": (int, float), "int": (int,), "list": (list, tuple), "str": (str,),
}  # fmt: skip


def check_result(module: str, result: Mapping[str, Any], tree: Tree | None = None) -> None:
    """Compare one real result with the module's RETURN. Null is allowed where a value is not known.

    :raises AssertionError: a key is not documented, has another type, or is promised always and missing.
    """
    said = constant(tree or Tree(ROOT), f"{MODULES}{module}.py", "RETURN")
    undocumented = sorted(set(result) - set(said) - _EVERYWHERE)
    assert not undocumented, f"{module} returns {undocumented}: describe them in RETURN"
    for key, entry in said.items():
        value = result.get(key)
        always = str(entry.get("returned")) == "always"
        assert key in result or not always, f"{module} promises {key} always: it is missing"
        allowed = _TYPES.get(str(entry.get("type")), (object,))
        assert value is None or isinstance(value, allowed), (
            f"{module}: {key} is {type(value).__name__}, not as in RETURN"
        )
