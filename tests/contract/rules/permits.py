"""A module that can change refuses without a permit: each one is really called, in this process."""

from __future__ import annotations

import contextlib
import io
import json
import os
import socket
from collections.abc import Iterator
from typing import Any
from unittest import mock

from ansible.module_utils.testing import patch_module_args

from tests.contract.documents import MODULES, changes, constant, load, module_names
from tests.contract.tree import Tree, Violation

_NOWHERE = {
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_DEFAULT_REGION": "us-east-1",
}
# what stands for a value that the inventory gives
_SAMPLES = {"dict": {"url": "http://127.0.0.1:9/"}, "list": [], "int": 1, "float": 1.0, "bool": False}


def changing_modules_refuse_without_a_permit(tree: Tree) -> Iterator[Violation]:
    for name in module_names(tree):
        if not changes(tree, name):
            continue
        path, module = f"{MODULES}{name}.py", load(tree, name)
        arguments = _first_example(tree, name, getattr(module, "OPTIONS", {}))
        result = _run(module.main, arguments)
        if not result.get("failed") or "permit" not in str(result.get("msg")):
            what = f"without a permit it says: {str(result.get('msg') or result)[:160]}"
            yield Violation(path, what, "read the permit first: Permit.from_option(..., check=module.check_mode)")


def _first_example(tree: Tree, module: str, spec: dict[str, Any]) -> dict[str, Any]:
    """Return the options of the first example, without the permit and with samples for templated values."""
    examples = constant(tree, f"{MODULES}{module}.py", "EXAMPLES") or []
    given = next((task[f"steady.ops.{module}"] for task in examples if f"steady.ops.{module}" in task), {})
    options = {}
    for key, value in given.items():
        templated = isinstance(value, str) and "{{" in value
        options[key] = _SAMPLES.get((spec.get(key) or {}).get("type", "str"), "x") if templated else value
    options.pop("permit", None)
    return options


def _run(main: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """Run a module's main() and return its result. No address but this machine's port 9 is found."""

    def no_network(*_: object, **__: object) -> None:
        raise ConnectionRefusedError("the network is not there")

    said = io.StringIO()
    with (
        patch_module_args(arguments),
        mock.patch.dict(os.environ, _NOWHERE),
        mock.patch.object(socket.socket, "connect", no_network),
        contextlib.redirect_stdout(said),
        contextlib.suppress(SystemExit),
    ):
        main()
    lines = said.getvalue().strip().splitlines()
    return dict(json.loads(lines[-1])) if lines else {"msg": "nothing at all"}


RULES = (changing_modules_refuse_without_a_permit,)
