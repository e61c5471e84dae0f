"""A server and a proxy that do with each connection what a test says, byte by byte."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

TASK_ID = "5f0c7d1e-93a4-4c58-9a51-0d1f6a8f2b77"
ACCEPTED = b'{"task_id": "%s", "created_at": "2026-01-01T00:00:00Z"}' % TASK_ID.encode()


@dataclass
class Peer:
    """One connection, from the server's side. ``requests`` are the heads of those that came whole."""

    socket: socket.socket
    requests: list[bytes]
    stopping: threading.Event

    def read_request(self) -> bytes:
        """Read a request with its body; returns its head."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(body) < length:
            body += self._more()
        self.requests.append(head)
        return head

    def read_some(self) -> None:
        """Wait until anything comes."""
        self._more()

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.socket.sendall(data)

    def drip(self, data: bytes) -> None:
        """Send bytes one by one, over and over, until the other side has enough."""
        while True:
            for number in data:
                self.send(bytes([number]))
                if self.stopping.wait(0.02):
                    return

    def flood(self, data: bytes) -> None:
        """Send bytes over and over, as fast as they are taken, until the other side has enough."""
        while not self.stopping.is_set():
            self.send(data * 100)

    def say_nothing(self) -> None:
        """Wait until the other side has enough."""
        while not self.stopping.is_set() and self.socket.recv(65536):
            pass

    def reset(self) -> None:
        """Break the connection off without a farewell."""
        raw = socket.socket(fileno=self.socket.detach())
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw.close()

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Shake hands as a server."""
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def _more(self) -> bytes:
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the client left")
        return piece


Act = Callable[[Peer], None]


@dataclass
class RawServer:
    """Where it is and what it was asked."""

    port: int
    requests: list[bytes] = field(default_factory=list[bytes])
    connections: list[int] = field(default_factory=list[int])

    @property
    def posts(self) -> int:
        """How many whole POST requests came."""
        return sum(head.startswith(b"POST ") for head in self.requests)


@contextmanager
def serving(act: Act) -> Generator[RawServer]:
    """Do ``act`` with every connection, then close it in an orderly way."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = RawServer(listener.getsockname()[1])
    stopping = threading.Event()
    sockets: list[socket.socket] = []

    def talk(connection: socket.socket) -> None:
        peer = Peer(connection, server.requests, stopping)
        # The client may leave at any moment: that is what most tests are about.
        with contextlib.suppress(OSError, ValueError):
            act(peer)
        with contextlib.suppress(OSError):
            peer.socket.close()

    def accept() -> None:
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            connection.settimeout(60)
            sockets.append(connection)
            server.connections.append(len(sockets))
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        stopping.set()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def answer(
    body: bytes = ACCEPTED,
    status: str = "200 OK",
    *headers: str,
    kind: str = "application/json",
    length: int | None = -1,
) -> bytes:
    """An answer as bytes; ``length`` is what it declares: by default the true one, None for nothing."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", *headers]
    if length is not None:
        lines.append(f"Content-Length: {len(body) if length < 0 else length}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def chunked(body: bytes, status: str = "200 OK", *headers: str, size: int = 7) -> bytes:
    """An answer in chunks."""
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    coded = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    return answer(coded, status, "Transfer-Encoding: chunked", *headers, length=None)


def says(data: bytes) -> Act:
    """Read a request and answer it."""

    def act(peer: Peer) -> None:
        peer.read_request()
        peer.send(data)

    return act
