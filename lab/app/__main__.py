# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m lab.app --settings FILE [--exit-with-parent]`."""

from __future__ import annotations

import argparse
import os
import signal
import threading
from pathlib import Path

from lab.app.behaviour import Behaviour
from lab.app.server import Application
from lab.app.settings import Settings, load


def main() -> None:
    """Start one release and serve until told to stop."""
    parser = argparse.ArgumentParser(prog="lab.app")
    parser.add_argument("--settings", required=True, help="JSON file, see lab/app/settings.py")
    parser.add_argument("--exit-with-parent", action="store_true", help="exit when standard input ends")
    options = parser.parse_args()
    if options.exit_with_parent:
        threading.Thread(target=_exit_at_end_of_input, daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    settings = load(options.settings)
    behaviour = Behaviour(settings)
    print(f"info: starting version={settings.version} schema={settings.schema_revision or 'none'}", flush=True)
    if settings.log_url:
        print(f"info: connecting to {settings.log_url}", flush=True)
    behaviour.start()
    application = Application(settings, behaviour)
    _announce(settings, application.server_port)
    application.serve_forever(poll_interval=5)


def _announce(settings: Settings, port: int) -> None:
    if settings.port_file:
        temporary = Path(settings.port_file + ".new")
        temporary.write_text(str(port), encoding="utf-8")
        temporary.replace(settings.port_file)
    print(f"info: listening on {settings.host}:{port}", flush=True)


def _exit_at_end_of_input() -> None:
    # A pipe, not PR_SET_PDEATHSIG: that signal comes when the launching THREAD ends, and fakes launch from threads.
    # Not sys.stdin: an interpreter that ends while a thread holds its buffer's lock aborts.
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
