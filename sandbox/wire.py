# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets: two listening HTTP/1.1 servers that read requests and let answers go (see `response_delivery`)."""

from __future__ import annotations

import contextlib
import http.server
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .clock import Clock
from .faults import Faults
from .forms import is_form
from .journal import Entry, Journal, Origin
from .listening import Listener
from .messages import Request, Response
from .response_delivery import SERVER_NAME, Exit
from .tls import Certificate, Secure

Handle = Callable[[Request, Entry], Response]
Control = Callable[[Request], Response]
MAX_BODY = 128 * 1024 * 1024
MAX_FORM = 256 * 1024 * 1024
_PIECE_BYTES = 1 << 16
CONTROL_PREFIX = "/_sandbox/"
IDLE_SECONDS = 75.0


class Server(Listener):
    """One origin on loopback, behind TLS where `certificates` are given (see `tls`)."""

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
        with contextlib.ExitStack() as kept:
            body = self._read_body(entry, kept)
            if body is None:
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = dict(parse_qsl(parts.query))
            self._answer(Request(self.command, parts.path, query, headers, body[0], body[1]), entry)

    def _answer(self, request: Request, entry: Entry | None) -> None:
        if entry is None:
            assert self.server.control is not None
            self._deliver(self.server.control(request), None)
            return
        response = self.server.handle(request, entry)
        entry.status = None if response.delivery.kind in ("reset", "hang") else response.status
        try:
            self._deliver(response, entry)
        except OSError:
            entry.ended = "client gone"
            raise

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _dispatch

    def _read_body(self, entry: Entry | None, kept: contextlib.ExitStack) -> tuple[bytes, Path | None] | None:
        """The body, of a form its beginning and the file that it was written to; None when the request was refused
        here because of how it is framed."""
        if "transfer-encoding" in self.headers:
            return self._refuse(entry, 411, "LENGTH_REQUIRED")
        text = self.headers.get("content-length", "")
        if not text:
            return (b"", None) if self.command != "POST" else self._refuse(entry, 411, "LENGTH_REQUIRED")
        if not text.isascii() or not text.isdigit():
            return self._refuse(entry, 400, "VALIDATION_FAILED")
        length = int(text)
        with_files = is_form(self.headers.get("content-type", ""))
        if length > (MAX_FORM if with_files else MAX_BODY):
            return self._refuse(entry, 413, "PAYLOAD_TOO_LARGE")
        if with_files:
            return self._read_form(length, kept)
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionError("the client stopped in the middle of its body")
        return body, None

    def _read_form(self, length: int, kept: contextlib.ExitStack) -> tuple[bytes, Path]:
        path = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="tripo-sandbox-"))) / "form"
        beginning = b""
        with path.open("wb") as file:
            while length:
                piece = self.rfile.read(min(_PIECE_BYTES, length))
                if not piece:
                    raise ConnectionError("the client stopped in the middle of its body")
                beginning = beginning or piece
                file.write(piece)
                length -= len(piece)
        return beginning, path

    def _refuse(self, entry: Entry | None, status: int, code: str) -> None:
        self.close_connection = True
        if entry is not None:
            entry.status, entry.ended = status, "answered"
        body = {"error": {"code": code, "message": http.server.BaseHTTPRequestHandler.responses[status][0]}}
        self._deliver(Response.json(status, body), None)

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
