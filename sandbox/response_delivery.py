# SPDX-License-Identifier: GPL-3.0-or-later
"""How one answer leaves its socket: whole, in chunks, in drops, cut off, without an end, or not at all."""

from __future__ import annotations

import http.server
import os
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.utils import formatdate

from .messages import Delivery, Response

SERVER_NAME = "TripoSandbox/1"
_CHUNKS = (11, 1, 300, 4096, 65536)
_LONGEST = 120.0
_ENDLESS_BYTES = 10**12


@dataclass(frozen=True)
class Exit:
    """Where an answer goes out. `is_head` says that the request was a HEAD: no body may follow."""

    connection: socket.socket
    stopping: threading.Event
    is_head: bool = False

    def send(self, response: Response, closes: bool) -> str:
        """Deliver one answer as it says; the word for how it ended (see `Entry`). Raises OSError for a client gone.

        The connection cannot be used any more after `reset`, `hang`, `cut` and `endless`.
        """
        delivery = response.delivery
        match delivery.kind:
            case "reset":
                reset(self.connection)
                return "reset"
            case "hang":
                self._hang(delivery.seconds)
                reset(self.connection)
                return "hang"
            case "endless_head" | "endless_body" | "flood":
                self._pour(response, delivery)
                return "endless"
            case _:
                pass
        if response.raw is not None:
            self._write(response.raw)
            return "cut"
        for status in response.interim:
            self._write(interim(status))
        head, body = head_of(response, closes), self._body(response)
        match delivery.kind:
            case "cut":
                self._write(head + response.body[: int(len(response.body) * delivery.amount)])
                return "cut"
            case "extra":
                self._write(head + response.body + b"\0" * int(delivery.amount))
            case "trickle":
                self._write(head)
                self._drip(body, delivery)
            case "drip_head":
                self._drip(head, delivery)
                self._write(body)
            case _:
                self._write(head + body)
        return "answered"

    def _body(self, response: Response) -> bytes:
        if self.is_head or response.is_bare:
            return b""
        return b"".join(_in_chunks(response.body)) if response.chunked else response.body

    def _write(self, data: bytes) -> None:
        self.connection.sendall(data)

    def _drip(self, data: bytes, delivery: Delivery) -> None:
        piece = max(1, int(delivery.amount))
        for start in range(0, len(data), piece):
            if self.stopping.wait(delivery.seconds):
                break
            self._write(data[start : start + piece])

    def _pour(self, response: Response, delivery: Delivery) -> None:
        """Send more and more of what has no end, until somebody has had enough."""
        match delivery.kind:
            case "flood":
                first, more = b"", interim(103)
            case "endless_head":
                first, more = head_of(response, True).removesuffix(b"\r\n"), b"X-More: " + b"a" * 60 + b"\r\n"
            case _:
                first, more = head_of(replace(response, declared_length=_ENDLESS_BYTES), True), b" " * 1024
        self._write(first)
        until = time.monotonic() + (delivery.seconds or _LONGEST)
        while time.monotonic() < until and not self.stopping.wait(delivery.amount):
            self._write(more)

    def _hang(self, seconds: float) -> None:
        """Say nothing until the client goes, the sandbox stops, or the time is up."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.stopping.is_set():
            readable, _, _ = select.select([self.connection], [], [], 0.05)
            if not readable:
                continue
            # Behind TLS nothing can be peeked at; who says something there while we are silent is leaving.
            if isinstance(self.connection, ssl.SSLSocket) or not self.connection.recv(1, socket.MSG_PEEK):
                return


def reset(connection: socket.socket) -> None:
    """Drop the connection with RST, so that the other side sees a reset and no orderly end."""
    layout = "hh" if os.name == "nt" else "ii"
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(layout, 1, 0))
    socket.close(connection.detach())


def interim(status: int) -> bytes:
    """An answer that comes before the answer."""
    link = "Link: </static/app.css>; rel=preload; as=style\r\n" if status == 103 else ""
    return f"HTTP/1.1 {status} {_reason(status)}\r\n{link}\r\n".encode()


def head_of(response: Response, closes: bool) -> bytes:
    """Status line and headers, with the empty line behind them."""
    given = {name.lower() for name, _ in response.headers}
    headers: list[tuple[str, str]] = []
    if "server" not in given:
        headers.append(("Server", SERVER_NAME))
    headers.append(("Date", formatdate(usegmt=True)))
    if not response.is_bare:
        headers.append(("Content-Type", response.content_type))
        if response.chunked:
            headers.append(("Transfer-Encoding", "chunked"))
        elif response.version != "HTTP/1.0" and "content-length" not in given:
            length = len(response.body) if response.declared_length is None else response.declared_length
            headers.append(("Content-Length", str(length)))
    headers += response.headers
    if closes:
        headers.append(("Connection", "close"))
    lines = [f"{response.version} {response.status} {_reason(response.status)}".rstrip()]
    lines += [f"{name.lower() if response.lower_case else name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _reason(status: int) -> str:
    return http.server.BaseHTTPRequestHandler.responses.get(status, ("", ""))[0]


def _in_chunks(body: bytes) -> Iterator[bytes]:
    """The body in pieces of uneven sizes (RFC 9112, section 7.1)."""
    start = turn = 0
    while start < len(body):
        piece = body[start : start + _CHUNKS[min(turn, len(_CHUNKS) - 1)]]
        yield f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
        start, turn = start + len(piece), turn + 1
    yield b"0\r\n\r\n"
