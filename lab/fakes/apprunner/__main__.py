# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m lab.fakes.apprunner --state-dir D [--port P] [--scale N] [--account A] [--region R]`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading
from pathlib import Path

from lab.fakes.apprunner.fake import Fake, Server


def main() -> None:
    """Serve until told to stop; writes `endpoint.json` (endpoint, pid) to the state directory once it answers."""
    parser = argparse.ArgumentParser(prog="lab.fakes.apprunner", description="A fake of AWS App Runner.")
    parser.add_argument(
        "--state-dir", required=True, type=Path, help="private directory; keeps everything over restarts"
    )
    parser.add_argument(
        "--port", type=int, default=0, help="port on loopback; 0: the one of the last life, else a free one"
    )
    parser.add_argument(
        "--scale", type=float, default=1.0, help="how many of the provider's seconds pass in a real one"
    )
    parser.add_argument("--account", default="000000000000")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--exit-with-parent", action="store_true", help="stop when standard input ends")
    options = parser.parse_args()
    if options.scale <= 0:
        parser.error("--scale must be above 0")
    fake = Fake(options.state_dir, options.account, options.region, options.scale)
    announced = options.state_dir / "endpoint.json"
    server = _listen(options.port, announced, fake)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    if options.exit_with_parent:
        threading.Thread(target=_stop_at_end_of_input, args=(stopping,), daemon=True).start()
    fake.start()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.5}, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    temporary = announced.with_suffix(".new")
    temporary.write_text(
        json.dumps({"endpoint": endpoint, "port": server.server_port, "pid": os.getpid()}), encoding="utf-8"
    )
    temporary.replace(announced)
    print(f"fake App Runner on {endpoint}, scale {options.scale:g}", flush=True)
    stopping.wait()
    fake.stop()
    os._exit(0)


def _stop_at_end_of_input(stopping: threading.Event) -> None:
    # Not sys.stdin: an interpreter that ends while a thread holds its buffer's lock aborts.
    while os.read(0, 4096):
        pass
    stopping.set()


def _listen(port: int, announced: Path, fake: Fake) -> Server:
    """Port 0 prefers the port of the last life, because clients may still know it."""
    if port == 0 and announced.exists():
        try:
            return Server(int(json.loads(announced.read_text(encoding="utf-8"))["port"]), fake)
        except OSError:
            pass
    return Server(port, fake)


if __name__ == "__main__":
    main()
