# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m lab up|down|status`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from lab.errors import LabError
from lab.lifecycle import UP, down, load, status, up
from lab.place import Place

SIZES = {"small": 2000, "medium": 50000}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it did what it says (for `status`: when all is up)."""
    options = _parser().parse_args(arguments)
    place = Place(Path(__file__).resolve().parent.parent)
    names = [name for name in (options.parts or "").split(",") if name] or None

    def say(line: str) -> None:
        print(line, file=sys.stderr if options.json else sys.stdout, flush=True)

    try:
        if options.command == "status":
            return _status(place, names, options.json)
        with place.lock(say):
            if options.command == "down":
                down(place, names, say)
                return 0
            place.create()
            up(load(place, scale=options.scale, rows=options.data_scale, say=say), names)
            return _status(place, names, True) if options.json else 0
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; the next `lab up` or `lab down` goes on from here.", file=sys.stderr)
        return 130


def _status(place: Place, names: list[str] | None, as_json: bool) -> int:
    found = status(place, names)
    if as_json:
        print(json.dumps(found, indent=2))
    else:
        for name, part in found["parts"].items():
            where = part.get("endpoint") or part.get("url") or f"{part.get('host', '')}:{part.get('port', '')}"
            print(f"  {name}: {part['state']}" + (f" at {where}" if part["state"] == UP else f", {part['why']}"))
    everything = bool(found["parts"]) and all(part["state"] == UP for part in found["parts"].values())
    if not everything and not as_json:
        print("Not everything is up: start it with `make lab`")
    return 0 if everything else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description="Real servers and fakes on this machine.")
    parser.add_argument("command", choices=["up", "down", "status"])
    parser.add_argument("--json", action="store_true", help="print the status as JSON; progress goes to standard error")
    parser.add_argument("--parts", help="comma-separated names; all without it; `apps` for every application")
    parser.add_argument("--scale", type=_positive, help="how many times faster the fakes' minutes pass (default 20)")
    parser.add_argument(
        "--data-scale",
        type=_rows,
        metavar="small|medium|N",
        help="rows in each database's largest table (small: 2000); another size than before fills anew",
    )
    return parser


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value <= 10000:
        raise argparse.ArgumentTypeError("use a number above 0, up to 10000")
    return int(value) if value.is_integer() else value


def _rows(text: str) -> int:
    if text not in SIZES and not (text.isdecimal() and 100 <= int(text) <= 50_000_000):
        raise argparse.ArgumentTypeError("use small, medium, or a number of rows from 100 to 50000000")
    return SIZES.get(text) or int(text)


if __name__ == "__main__":
    sys.exit(main())
