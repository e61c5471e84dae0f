# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy on loopback, for tunnels (CONNECT) and plain requests, with the tempers that company proxies have.

Whatever host is asked for, the way leads to this sandbox (see `Route`). Each connection may meet a fault of the
target `proxy`; settings `proxy_login` and `proxy_idle` hold for all.
"""

from __future__ import annotations

import base64
import contextlib
import select
import socket
import socketserver
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from .faults import Fault, Faults
from .foreign_pages import LOGIN, PORTAL
from .listening import Listener, wait_for_end
from .response_delivery import interim, reset
from .settings import Settings

Route = Callable[[str, int], tuple[str, int]]
"""Where a host and a port lead to."""

_MAX_HEAD = 65536
_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
_PAUSE = 0.3
_DRAIN_SECONDS = 10.0


def _answer(status: int, words: str, body: bytes = b"", *lines: str) -> bytes:
    head = [f"HTTP/1.1 {status} {words}", "Via: 1.1 proxy", f"Content-Length: {len(body)}", *lines, "", ""]
    return "\r\n".join(head).encode() + body


_BLOCKED = b"<html><body><h1>Blocked by your administrator</h1></body></html>"
_LOGIN = ('Proxy-Authenticate: Basic realm="proxy"', "Connection: close")
_INSTEAD = {
    "403": _answer(403, "Forbidden", _BLOCKED, "Content-Type: text/html"),
    "407": _answer(407, "Proxy Authentication Required", _BLOCKED, *_LOGIN),
    "407_close": b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
    "429": _answer(429, "Too Many Requests", b"", "Retry-After: 1"),
    "500": _answer(500, "Internal Server Error", _BLOCKED),
    "502": _answer(502, "Bad Gateway", _BLOCKED),
    "503": _answer(503, "Service Unavailable", b"", "Retry-After: 1"),
    "504": _answer(504, "Gateway Timeout"),
    "302": _answer(302, "Found", b"", f"Location: {LOGIN}"),
    "portal": _answer(200, "OK", PORTAL, "Content-Type: text/html", "Connection: close"),
    "close": b"",
    "garbage": b"\x05\xff\x00\x01 what?\r\n",
}


class Proxy(Listener):
    """The listening proxy. `log` has one line for each connection: method, target, mode."""

    def __init__(self, port: int, faults: Faults, settings: Settings, route: Route) -> None:
        self.faults = faults
        self.settings = settings
        self.route = route
        self.log: list[tuple[str, str, str]] = []
        super().__init__(port, _Handler, "proxy")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(socketserver.BaseRequestHandler):
    server: Proxy  # pyright: ignore[reportIncompatibleVariableOverride]
    request: socket.socket  # pyright: ignore[reportIncompatibleVariableOverride]

    def handle(self) -> None:
        head, rest = self._read_head()
        method, _, target = head.partition(b"\r\n")[0].decode("latin-1").rpartition(" ")[0].partition(" ")
        if not target:
            return
        fault = self.server.faults.pop("proxy")
        mode = "" if fault is None else fault.mode
        self.server.log.append((method, target.partition("?")[0], mode))
        if self._is_stranger(head):
            mode = "407"
        if mode in _INSTEAD:
            self.request.sendall(_INSTEAD[mode])
        elif mode == "reset":
            reset(self.request)
        elif mode == "hang":
            self._say_nothing(fault)
        elif method == "CONNECT":
            host, _, port = target.rpartition(":")
            self._tunnel(self.server.route(host, int(port)), mode, fault)
        else:
            parts = urlsplit(target)
            whole = head.replace(target.encode("latin-1"), _path(target), 1) + b"\r\n\r\n" + rest
            with socket.create_connection(self.server.route(parts.hostname or "", parts.port or 80)) as far:
                far.sendall(whole)
                _Relay(self.server, self.request, far, mode, fault, True).run()

    def _read_head(self) -> tuple[bytes, bytes]:
        data = b""
        while b"\r\n\r\n" not in data and len(data) < _MAX_HEAD:
            piece = self.request.recv(4096)
            if not piece:
                return b"", b""
            data += piece
        head, _, rest = data.partition(b"\r\n\r\n")
        return head, rest

    def _is_stranger(self, head: bytes) -> bool:
        login = self.server.settings.proxy_login
        wanted = b"proxy-authorization: basic " + base64.b64encode(login.encode()).lower()
        return bool(login) and wanted not in head.lower()

    def _say_nothing(self, fault: Fault | None) -> None:
        seconds = float(fault.options.get("seconds", 120)) if fault else 0.0
        wait_for_end(self.request, seconds, self.server.stopping)

    def _tunnel(self, place: tuple[str, int], mode: str, fault: Fault | None) -> None:
        try:
            far = socket.create_connection(place, timeout=10)
        except OSError:
            self.request.sendall(_INSTEAD["502"])
            return
        with far:
            if mode == "interim":
                self.request.sendall(interim(100))
            if mode == "http_1_0":
                self.request.sendall(b"HTTP/1.0 200 OK\r\nProxy-agent: old/1\r\nX-Cache: none\r\n\r\n")
            else:
                self.request.sendall(_ESTABLISHED)
            if mode == "mute":
                self._say_nothing(fault)
            elif mode != "drop_at_once":
                _Relay(self.server, self.request, far, mode, fault).run()


def _path(target: str) -> bytes:
    parts = urlsplit(target)
    return (parts.path + (f"?{parts.query}" if parts.query else "")).encode("latin-1")


class _Relay:
    """Carries bytes both ways. The answer is what the far side says after the near side has spoken for the second
    time: once for the handshake, once for the request (a plain request was already sent: `has_asked`).
    """

    def __init__(
        self,
        server: Proxy,
        near: socket.socket,
        far: socket.socket,
        mode: str,
        fault: Fault | None,
        has_asked: bool = False,
    ) -> None:
        self._server, self._near, self._far, self._mode = server, near, far, mode
        self._pause = float(fault.options.get("seconds", _PAUSE)) if fault else 0.0
        self._has_asked = has_asked
        self._was_answered = False

    def run(self) -> None:
        """Until one side has had enough, or the mode or the idle limit says so."""
        last = time.monotonic()
        idle = self._server.settings.proxy_idle
        while not self._server.stopping.is_set():
            ready, _, _ = select.select([self._near, self._far], [], [], 0.05)
            if not ready:
                if idle and time.monotonic() - last > idle:
                    return
                continue
            last = time.monotonic()
            if self._near in ready and not self._pass_on():
                return
            if self._far in ready and not self._pass_back():
                return

    def _pass_on(self) -> bool:
        data = self._near.recv(65536)
        self._has_asked = self._has_asked or self._was_answered
        if data:
            self._far.sendall(data)
        return bool(data)

    def _pass_back(self) -> bool:
        data = self._far.recv(65536)
        self._was_answered = True
        if not data or self._mode == "drop_early":
            return False
        if self._has_asked and self._mode in ("drop_idle", "reset_idle", "drop_answer", "half_answer"):
            self._lose(data)
            return False
        self._near.sendall(data)
        return True

    def _lose(self, data: bytes) -> None:
        """The service has answered, and the near side does not get to know."""
        if self._mode == "half_answer":
            self._near.sendall(data[: len(data) // 2])
        if self._mode in ("drop_idle", "reset_idle"):
            self._server.stopping.wait(self._pause)
        if self._mode == "reset_idle":
            reset(self._near)
        else:
            with contextlib.suppress(OSError):
                self._near.shutdown(socket.SHUT_RDWR)
        # What the service still says is taken: a reset would reach it in the middle of its work.
        self._far.settimeout(_DRAIN_SECONDS)
        with contextlib.suppress(OSError):
            self._far.shutdown(socket.SHUT_WR)
            while self._far.recv(65536):
                pass
