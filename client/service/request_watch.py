# SPDX-License-Identifier: GPL-3.0-or-later
"""Record what of a request left the machine, and end one that takes too long.

The exceptions of ``requests`` cannot tell this: the same ProxyError comes before the tunnel stands and after a request
went through it. So the connections note it themselves, and they do the same with every urllib3 that Blender ships
(1.26 to 2.8).
"""

from __future__ import annotations

import contextlib
import errno
import http.client
import math
import re
import socket
import threading
import time
from functools import partial
from typing import Any, cast

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

_PIECE_BYTES = 1 << 16
_MAX_INTERIM_LINES = 1000
_LONGEST_LINE = 1 << 16


class RequestWatch:
    """What happened to one request, told by its connection, and the time it may still take.

    The deadline is kept by a thread that shuts the connection down: time-outs of a socket only bound the silence
    between two bytes, so a handshake or headers that drip would never end.
    """

    def __init__(self) -> None:
        self.began = False
        """Whether the first byte of the request was handed to the network, after any proxy tunnel and TLS handshake.
        Set just before, so it is never wrong in the dangerous direction."""
        self.whole = False
        """Whether all of it was."""
        self.expired = False
        """Whether the deadline ended the connection: what was read then is no whole answer."""
        self._silence = self._answer = math.inf
        self._deadline = math.inf
        self._condition = threading.Condition()
        self._connection: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def start(self, *, opening: float, silence: float, answer: float) -> None:
        """Begin with the next request; the limits are in seconds.

        ``opening``: until the request can be sent; ``silence``: for each piece of it; ``answer``: for the answer.
        """
        with self._condition:
            self.began = self.whole = self.expired = False
            self._silence, self._answer = silence, answer
            self._deadline = time.monotonic() + opening

    def check(self) -> None:
        """Raise TimeoutError when the time is over."""
        with self._condition:
            self._check()

    def extend(self, seconds: float) -> None:
        """Allow so much time from now on; raises TimeoutError when the time is over already."""
        with self._condition:
            self._check()
            self._deadline = time.monotonic() + seconds
            self._condition.notify()

    def pause(self) -> None:
        """Stop the clock until ``extend``: whoever reads is busy with something else."""
        with self._condition:
            if not self.expired:
                self._deadline = math.inf

    def opened(self, connection: socket.socket) -> None:
        """A connection stands, to the service or to a proxy; nothing was sent yet."""
        # A handle of our own: TLS replaces the socket object, and a number that was closed may be another file's.
        own = connection.dup()
        with self._condition:
            self._release()
            self._connection = own
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="request-deadline", daemon=True)
                self._thread.start()
            self._condition.notify()
            self._check()

    def sending(self) -> float:
        """A piece of the request is about to be written; return how long that may take. Raises TimeoutError."""
        with self._condition:
            self._check()
            self.began = True
            self._deadline = time.monotonic() + self._silence
            self._condition.notify()
        return self._silence

    def sent(self) -> None:
        """All of the request was written: the time for the answer begins."""
        self.whole = True
        self.extend(self._answer)

    def close(self) -> None:
        """End the watching."""
        with self._condition:
            self._release()
            self._thread = None
            self._condition.notify()

    def _check(self) -> None:
        if self.expired or time.monotonic() >= self._deadline:
            self.expired = True
            raise TimeoutError("the request takes too long")

    def _run(self) -> None:
        with self._condition:
            while self._thread is threading.current_thread():
                left = self._deadline - time.monotonic()
                if left <= 0.0 and self._connection is not None:
                    self.expired = True
                    with contextlib.suppress(OSError):  # closed by the peer already
                        self._connection.shutdown(socket.SHUT_RDWR)
                    self._release()
                # Without a connection there is nothing to end: `opened` looks at the time itself.
                bounded = self._connection is not None and left < math.inf
                self._condition.wait(min(left, threading.TIMEOUT_MAX) if bounded else None)

    def _release(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _HeaderLines:
    """The lines of an answer's head without interim answers (1xx), and whether the head was complete."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.is_complete = False
        self._at_status = True

    def readline(self, limit: int = -1) -> bytes:
        line = cast(bytes, self.stream.readline(limit))
        skipped = 0
        while self._at_status and _is_interim(line):
            while line.strip():
                line = cast(bytes, self.stream.readline(_LONGEST_LINE))
                skipped += 1
                if skipped > _MAX_INTERIM_LINES:
                    raise http.client.HTTPException("there is no end of interim answers")
            line = cast(bytes, self.stream.readline(limit))
        self._at_status = False
        self.is_complete = line in (b"\r\n", b"\n")
        return line

    def close(self) -> None:
        self.stream.close()

    def flush(self) -> None:
        self.stream.flush()


def _is_interim(line: bytes) -> bool:
    """Whether a status line announces another answer to come (RFC 9110, 15.2); 101 is a last one."""
    return re.match(rb"HTTP/[\d.]+\s+1(?!01)\d\d\b", line) is not None


class _WholeHead(http.client.HTTPResponse):
    """An answer whose head must have come completely: the standard library takes a cut one for the whole."""

    def begin(self) -> None:
        """Read the head; raises IncompleteRead when the connection ended within it."""
        lines = _HeaderLines(self.fp)
        self.fp = cast(Any, lines)
        super().begin()
        self.fp = lines.stream
        if not lines.is_complete:
            raise http.client.IncompleteRead(b"")


class _WatchedHTTPConnection(HTTPConnection):
    """Tells its watch what it does."""

    response_class = _WholeHead

    def __init__(self, *args: Any, watch: RequestWatch, **kwargs: Any) -> None:
        self._watch = watch
        self._is_open = False
        super().__init__(*args, **kwargs)

    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        self._watch.opened(made)
        return made

    def connect(self) -> None:
        """Open the connection: proxy tunnel and TLS handshake included, none of which is the request."""
        self._is_open = False
        super().connect()
        self._is_open = True

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send a request and note that it is complete."""
        super().request(*args, **kwargs)
        self._watch.sent()

    def send(self, data: Any) -> None:
        """Write bytes, of the request or while opening of what leads to the proxy."""
        if self.sock is None and self.auto_open:
            self.connect()
        if self.sock is None or not self._is_open:
            super().send(data)
            return
        for start in range(0, len(data), _PIECE_BYTES):
            # By the piece, so that a large image on a slow line takes its time, and only standing still ends it.
            self.sock.settimeout(self._watch.sending())
            try:
                super().send(data[start : start + _PIECE_BYTES])
            except ConnectionResetError as error:
                # As for a broken pipe, urllib3 then reads an answer that came early (413), whatever its version.
                raise BrokenPipeError(*error.args) from error


class _WatchedHTTPSConnection(_WatchedHTTPConnection, HTTPSConnection):
    """The same over TLS."""

    def connect(self) -> None:
        """Open the connection; raises ConnectionResetError when the peer broke off before the handshake.

        Python's TLS sockets take such a connection for one to be opened later, without an error, and everything would
        then be written to it plainly.
        """
        super().connect()
        if cast(Any, self.sock).version() is None:
            self.close()
            raise ConnectionResetError(errno.ECONNRESET, "the connection broke before the TLS handshake")


class _WatchedHTTPPool(HTTPConnectionPool):
    ConnectionCls = cast(Any, _WatchedHTTPConnection)  # urllib3's own types differ in details


class _WatchedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = cast(Any, _WatchedHTTPSConnection)


def watch_pools(manager: Any, watch: RequestWatch) -> None:
    """Make a pool manager of urllib3 open connections that tell ``watch``."""
    manager.pool_classes_by_scheme = {
        "http": partial(_WatchedHTTPPool, watch=watch),
        "https": partial(_WatchedHTTPSPool, watch=watch),
    }
