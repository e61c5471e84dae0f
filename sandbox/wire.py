# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets: two listening HTTP/1.1 servers that read requests and let answers go (see `delivery`)."""

from __future__ import annotations

import contextlib
import http.server
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .clock import Clock
from .faults import Faults
from .journal import Entry, Journal, Origin
from .listening import Listener
from .messages import Request, Response
from .response_delivery import SERVER_NAME, Exit
from .tls import Certificate, Secure

Handle = Callable[[Request, Entry], Response]
Control = Callable[[Request], Response]
MAX_BODY = 128 * 1024 * 1024
CONTROL_PREFIX = "/_sandbox/"
IDLE_SECONDS = 75.0


class Server(Listener):
    """One origin on loopback, behind TLS where `certificates` are given (see `secure`)."""

    def __init__(
        self,
        port: int,
        origin: Origin,
        handle: Handle,
        control: Control | None,
        journal: Journal,
        clock: Clock,
        certificates: Mapping[str, Certificate],
        faults: Faults,
    ) -> None:
        self.origin: Origin = origin
        self.handle = handle
        self.control = control
        self.journal = journal
        self.clock = clock
        super().__init__(port, Handler, origin)
        self._secure = Secure(certificates, faults, self.stopping) if certificates else None

    @property
    def url(self) -> str:
        return f"{'https' if self._secure else 'http'}://127.0.0.1:{self.server_port}"

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Read what comes on one connection, after the handshake where there is one."""
        if self._secure is None:
            super().finish_request(request, client_address)
            return
        hidden = self._secure.wrap(request)
        if hidden is None:
            return
        self.watch(hidden)
        try:
            hidden.do_handshake()
            super().finish_request(hidden, client_address)
            with contextlib.suppress(OSError, ValueError):  # it may have been reset
                hidden.unwrap()
        finally:
            self.forget(hidden)
            hidden.close()


class Handler(http.server.BaseHTTPRequestHandler):
    """Reads one request after another off a connection and delivers what the origin answers."""

    protocol_version = "HTTP/1.1"
    server_version = SERVER_NAME
    sys_version = ""
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    server: Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on stderr: the journal has it all."""

    def _dispatch(self) -> None:
        parts = urlsplit(self.path)
        control = self.server.control
        under_control = control is not None and parts.path.startswith(CONTROL_PREFIX)
        entry: Entry | None = None
        if not under_control:
            journal, now = self.server.journal, self.server.clock.now()
            has_key = "authorization" in self.headers
            entry = journal.add(self.server.origin, self.command, parts.path, now, has_key)
        body = self._read_body(entry)
        if body is None:
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
        if entry is None:
            assert control is not None
            self._send(control(request))
            return
        response = self.server.handle(request, entry)
        entry.status = None if response.delivery.kind in ("reset", "hang") else response.status
        try:
            self._deliver(response, entry)
        except OSError:
            entry.ended = "client gone"
            raise

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _dispatch

    def _read_body(self, entry: Entry | None) -> bytes | None:
        """The body, or None when the request was refused here because of how it is framed."""
        if "transfer-encoding" in self.headers:
            return self._refuse(entry, 411, "LENGTH_REQUIRED")
        text = self.headers.get("content-length", "")
        if not text:
            return b"" if self.command != "POST" else self._refuse(entry, 411, "LENGTH_REQUIRED")
        if not text.isascii() or not text.isdigit():
            return self._refuse(entry, 400, "VALIDATION_FAILED")
        length = int(text)
        if length > MAX_BODY:
            return self._refuse(entry, 413, "PAYLOAD_TOO_LARGE")
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionError("the client stopped in the middle of its body")
        return body

    def _refuse(self, entry: Entry | None, status: int, code: str) -> None:
        self.close_connection = True
        if entry is not None:
            entry.status, entry.ended = status, "answered"
        body = {"error": {"code": code, "message": http.server.BaseHTTPRequestHandler.responses[status][0]}}
        self._send(Response.json(status, body))

    def _send(self, response: Response) -> None:
        self._deliver(response, None)

    def _deliver(self, response: Response, entry: Entry | None) -> None:
        kind = response.delivery.kind
        closing = response.closes or response.raw is not None or response.version == "HTTP/1.0"
        if closing or kind in ("cut", "extra") or self.server.stopping.is_set():
            self.close_connection = True
        if entry is not None and kind in ("reset", "hang"):
            entry.ended = kind  # before the client can know of it
        door = Exit(self.connection, self.server.stopping, self.command == "HEAD")
        ended = door.send(response, self.close_connection)
        if ended != "answered":
            self.close_connection = True
        if entry is not None:
            entry.ended = ended
