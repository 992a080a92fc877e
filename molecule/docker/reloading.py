"""Serves the release of the working directory; on SIGHUP goes over to the one that current leads to, on its socket.

What asks in between waits in the socket's queue: this is what a graceful reload is. Nothing of the release knows of it.
"""

import os
import signal
import socket
import sys
import threading

sys.path.insert(0, os.getcwd())

from lab.app.behaviour import Behaviour
from lab.app.server import Application
from lab.app.settings import load

INHERITED, CURRENT = "RELOADING_SOCKET", "/srv/app/current"


class Reloading(Application):
    """A release on a socket that may be there already."""

    daemon_threads = False

    def server_bind(self):
        """Take over the socket of the release before, where there is one."""
        if INHERITED not in os.environ:
            super().server_bind()
            return
        self.socket.close()
        self.socket = socket.socket(fileno=int(os.environ[INHERITED]))
        self.server_address = self.socket.getsockname()


def main():
    """Serve until the signal, let what was begun end, and become the next release."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    settings = load("settings.json")
    application = Reloading(settings, Behaviour(settings))
    threading.Thread(target=application.serve_forever, args=(0.02,), daemon=True).start()
    signal.sigwait({signal.SIGHUP})
    application.shutdown()
    kept = os.dup(application.socket.fileno())
    os.set_inheritable(kept, True)
    application.server_close()
    os.chdir(CURRENT)
    os.environ[INHERITED] = str(kept)
    os.execv(sys.executable, [sys.executable, *sys.argv])


main()
