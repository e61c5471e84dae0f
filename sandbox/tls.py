# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS for the sandbox's own origins, with certificates of the caller's, and everything that may go wrong before the
handshake is over.
"""

from __future__ import annotations

import contextlib
import random
import socket
import ssl
import threading
from collections.abc import Mapping
from pathlib import Path

from .faults import Fault, Faults
from .listening import wait_for_end
from .response_delivery import reset

_HANDSHAKE_SECONDS = 30.0
_ALERTS = {"alert": 40, "old": 70, "internal_alert": 80, "name_alert": 112}
_PLAIN = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 43\r\nConnection: close\r\n\r\n"
    b"<html>Plain HTTP was sent to this port</html>"
)

Certificate = tuple[str | Path, str | Path]
"""The files of a certificate (with its chain) and of its key, both in PEM."""


class Secure:
    """Turns accepted connections into TLS. `certificates` has the usual one under the empty name."""

    def __init__(self, certificates: Mapping[str, Certificate], faults: Faults, stopping: threading.Event) -> None:
        self._contexts = {name: _context(certificate) for name, certificate in certificates.items()}
        self._faults = faults
        self._stopping = stopping

    def wrap(self, connection: socket.socket) -> ssl.SSLSocket | None:
        """The connection behind TLS, its handshake still to be made; None when a fault has ended it."""
        fault = self._faults.pop("tls")
        mode = "" if fault is None else fault.mode
        if fault is not None and not mode.startswith("certificate:"):
            with contextlib.suppress(OSError):
                self._spoil(connection, fault)
            return None
        context = self._contexts.get(mode.removeprefix("certificate:"))
        if context is None:
            raise ValueError(f"no certificate for {mode}")
        connection.settimeout(_HANDSHAKE_SECONDS)
        return context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)

    def _spoil(self, connection: socket.socket, fault: Fault) -> None:
        connection.settimeout(_HANDSHAKE_SECONDS)
        if not connection.recv(65536):
            return
        match fault.mode:
            case "plain":
                connection.sendall(_PLAIN)
            case "reset":
                reset(connection)
            case "garbage":
                connection.sendall(random.Random(3).randbytes(400))
            case "half":
                connection.sendall(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + bytes(20))
            case "hang":
                wait_for_end(connection, float(fault.options.get("seconds", 120)), self._stopping)
            case "close":
                pass
            case mode:
                connection.sendall(bytes((21, 3, 3, 0, 2, 2, _ALERTS[mode])))


def _context(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    # Without tickets the first bytes after the handshake are the answer: the proxy goes by that.
    context.num_tickets = 0
    return context
