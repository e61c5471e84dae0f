# SPDX-License-Identifier: GPL-3.0-or-later
"""A listening socket on loopback, a thread for each connection, and an end that leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import socketserver
import sys
import threading
import time
from typing import Any


def wait_for_end(connection: socket.socket, seconds: float, stopping: threading.Event) -> None:
    """Say nothing, and throw away what comes, until the client goes, the sandbox stops or the time is up."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not stopping.is_set():
        if select.select([connection], [], [], 0.05)[0] and not connection.recv(65536):
            return


class _Stop(Exception):
    """Ends the loop of a server from within."""


class Listener(socketserver.ThreadingTCPServer):
    """`close` ends every connection and joins every thread; `stopping` is set from then on."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 64
    allow_reuse_address = os.name == "posix"

    def __init__(self, port: int, handler: type[socketserver.BaseRequestHandler], name: str) -> None:
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(("127.0.0.1", port), handler)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])
        self._thread = threading.Thread(target=self._serve, name=f"sandbox-{name}")

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self.stopping.set()
        if self._thread.is_alive():
            # The loop looks at `stopping` after each connection: here is one, so that it need not be polled.
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.server_port), timeout=1).close()
            self._thread.join()
        with self._open_lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def _serve(self) -> None:
        with contextlib.suppress(_Stop):
            self.serve_forever()

    def service_actions(self) -> None:
        if self.stopping.is_set():
            raise _Stop

    def verify_request(self, request: Any, client_address: Any) -> bool:
        return not self.stopping.is_set()

    def watch(self, connection: socket.socket) -> None:
        """Let `close` end this connection too."""
        with self._open_lock:
            self._open.add(connection)

    def forget(self, connection: socket.socket) -> None:
        """Leave a connection that was watched alone from now on."""
        with self._open_lock:
            self._open.discard(connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.watch(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.forget(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is everyday life here; anything else is a bug and is shown."""
        if not isinstance(sys.exc_info()[1], OSError) and not self.stopping.is_set():
            super().handle_error(request, client_address)
