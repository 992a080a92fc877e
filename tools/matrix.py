"""`make matrix`: the tests on the newest ansible-core, on the newest Python that it and the lock run on.

Unit and contract tests, and the integration tests that need no lab, in an environment of their own below .cache. It
holds what pyproject.toml names, as locked, with ansible-core as new as the package index has it. Without such an
interpreter the same runs in a container of the Debian that has one; without that, or the packages, it is NOT RUN.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tools.matrix_container import run_contained
from tools.outcome import NotRun, outcome
from tools.scratch import scratch
from tools.treehash import ROOT

PYTHON = "3.13"
# in a container the interpreter is another
CONTAINED = bool(os.environ.get("STEADY_MATRIX_CONTAINED"))
HOME = ROOT / ".cache" / ("matrix-contained" if CONTAINED else "matrix")
PARTS = {
    "unit": ("tests/unit",),
    "contract": ("tests/contract",),
    # the one that asks the lab runs where the lab's own servers are
    "integration": ("tests/integration", "--ignore=tests/integration/test_health_check.py"),
}


def interpreters() -> Iterator[str]:
    """Yield where an interpreter of that version may be, the one that was named first."""
    if os.environ.get("STEADY_MATRIX_PYTHON"):
        yield os.environ["STEADY_MATRIX_PYTHON"]
    name = f"python{PYTHON}"
    yield shutil.which(name) or f"/usr/bin/{name}"
    yield f"/usr/bin/{name}"
    # a shim on the PATH runs only where its version is chosen; the versions themselves always do
    homes = (
        Path(os.environ.get("PYENV_ROOT", "~/.pyenv"), "versions"),
        Path(os.environ.get("UV_PYTHON_INSTALL_DIR", "~/.local/share/uv/python")),
    )
    for home in homes:
        yield from sorted(map(str, home.expanduser().glob(f"*{PYTHON}*/bin/{name}")), reverse=True)


def find_python(candidates: Iterable[str]) -> str:
    """Return the first interpreter that runs and is of that version, as a path.

    Raises NotRun when none does.
    """
    question = "import sys; print('%d.%d' % sys.version_info[:2])"
    for candidate in candidates:
        try:
            answer = subprocess.run([candidate, "-c", question], capture_output=True, text=True, check=False)
        except OSError:
            continue
        if answer.stdout.strip() == PYTHON:
            return candidate
    raise NotRun(
        f"no Python {PYTHON} on the PATH, in pyenv or uv: install one, or name it with STEADY_MATRIX_PYTHON=PATH"
    )


def requirements(project: str, lock: str) -> list[str]:
    """Return what the environment holds: each dependency of the project as locked, ansible-core as new as it comes.

    :param project: text of pyproject.toml.
    :param lock: text of requirements.lock.
    """
    pins = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", lock, re.MULTILINE))
    wanted = []
    for dependency in tomllib.loads(project)["project"]["dependencies"]:
        match = re.match(r"([\w.-]+)(\[[^]]*\])?", dependency)
        if match is None:
            raise ValueError(f"pyproject.toml: the dependency {dependency!r} has no name")
        name = match[1].lower()
        wanted.append("ansible-core" if name == "ansible-core" else f"{name}{match[2] or ''}=={pins[name]}")
    return wanted


def environment(python: str, home: Path = HOME) -> Path:
    """Make the environment, or bring it up to date; return its interpreter.

    Raises NotRun when the packages cannot be had.
    """
    home.mkdir(parents=True, exist_ok=True)
    wanted, interpreter = home / "requirements.txt", home / "venv" / "bin" / "python"
    pages = [(ROOT / name).read_text(encoding="utf-8") for name in ("pyproject.toml", "requirements.lock")]
    wanted.write_text("\n".join(requirements(pages[0], pages[1])) + "\n", encoding="utf-8")
    uv = [str(ROOT / ".venv" / "bin" / "uv"), "--quiet"]
    create = [*uv, "venv", "--allow-existing", "--python", python, str(home / "venv")]
    fill = [*uv, "pip", "install", "--python", str(interpreter), "--upgrade-package", "ansible-core", "-r", str(wanted)]
    for command in (create, fill):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotRun(f"the packages for Python {PYTHON} cannot be installed: {done.stderr.strip()}")
    return interpreter


def versions(interpreter: Path) -> str:
    """Return the two versions that the tests run on, in words."""
    question = "import platform, ansible.release as r; print('ansible-core', r.__version__, 'on Python', end=' ');"
    command = [str(interpreter), "-c", f"{question} print(platform.python_version())"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def run_part(interpreter: Path, paths: Sequence[str], temporary: Path) -> bool:
    """Run pytest in the environment; both cores, no coverage."""
    command = [str(interpreter), "-m", "pytest", *paths, "-q", "-n", "2", "-o", f"cache_dir={HOME / 'pytest'}"]
    around = surroundings(interpreter, temporary)
    return subprocess.run(command, cwd=ROOT, env=around, stdin=subprocess.DEVNULL, check=False).returncode == 0


def surroundings(interpreter: Path, temporary: Path) -> dict[str, str]:
    """Return the environment variables: the programs of that environment first, the checkout as the collection."""
    return {
        **os.environ,
        "PATH": f"{interpreter.parent}{os.pathsep}{os.environ['PATH']}",
        "ANSIBLE_HOME": str(ROOT / ".ansible"),
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "LC_ALL": "C.UTF-8",
        "TMPDIR": str(temporary),
    }


def main(names: Sequence[str]) -> int:
    """Run the parts that are named, or every one; 0 when all passed."""
    started = time.monotonic()
    unknown = sorted(set(names) - set(PARTS))
    if unknown:
        raise SystemExit(f"make matrix: no part {', '.join(unknown)}: name one of {', '.join(PARTS)}")
    try:
        python = find_python(interpreters())
    except NotRun as lacking:
        if CONTAINED:
            raise
        return run_contained(str(lacking), names)
    interpreter = environment(python)
    on = versions(interpreter)
    print(f"make matrix: {on}", flush=True)
    with scratch() as temporary:
        outcomes = {name: run_part(interpreter, PARTS[name], temporary) for name in names or PARTS}
    verdicts = ", ".join(f"{name} {'passed' if passed else 'FAILED'}" for name, passed in outcomes.items())
    print(f"make matrix: {on}: {verdicts} ({time.monotonic() - started:.0f} s)", flush=True)
    return 0 if all(outcomes.values()) else 1


if __name__ == "__main__":
    sys.exit(outcome("matrix", lambda: main(sys.argv[1:])))
