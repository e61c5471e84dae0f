"""A client that takes what comes, byte for byte, and judges nothing: for answers that no library would read."""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import socket
import zlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

MOST = 400_000
"""An answer without an end is read so far."""


@dataclass(frozen=True)
class RawAnswer:
    """All that came; `ended` is how: eof, reset, timeout (nothing more came), much (more than `MOST`)."""

    data: bytes
    ended: str

    @property
    def heads(self) -> list[bytes]:
        """The heads in front of the body: interim ones first."""
        found: list[bytes] = []
        rest = self.data
        while rest.startswith(b"HTTP/1."):
            head, _, rest = rest.partition(b"\r\n\r\n")
            found.append(head)
        return found

    @property
    def status(self) -> int:
        """The status of the answer itself."""
        return int(self.heads[-1].split(b" ")[1])

    @property
    def interim(self) -> list[int]:
        return [int(head.split(b" ")[1]) for head in self.heads[:-1]]

    @property
    def headers(self) -> dict[str, str]:
        """Names in small letters; the last of several."""
        lines = self.heads[-1].decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}

    @property
    def names(self) -> list[str]:
        """Header names as they were written."""
        return [line.partition(":")[0] for line in self.heads[-1].decode("latin-1").split("\r\n")[1:]]

    @property
    def body(self) -> bytes:
        """The body, out of its chunks and its encoding."""
        body = self.data.split(b"\r\n\r\n", len(self.heads))[-1]
        if self.headers.get("transfer-encoding") == "chunked":
            body = _joined(body)
        match self.headers.get("content-encoding", ""):
            case "gzip":
                return gzip.decompress(body)
            case "deflate":
                return zlib.decompress(body)
            case _:
                return body

    @property
    def json(self) -> Any:
        return json.loads(self.body.decode("utf-8-sig"))

    @property
    def alike(self) -> bytes:
        """Without what differs from one answer to the next: dates, ids, signatures."""
        text = re.sub(rb"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}|\d{8}T\d{6}Z", b"#", self.data)
        return re.sub(rb"(?i)date: [^\r]*|\d{4}-\d\d-\d\dT[\d:]+Z|127\.0\.0\.1:\d+", b"#", text)


def _joined(body: bytes) -> bytes:
    whole = b""
    while True:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            return whole
        whole, body = whole + body[:length], body[length + 2 :]


def ask(
    method: str,
    url: str,
    key: str = "",
    body: Any = None,
    *,
    accept: str = "",
    timeout: float = 20.0,
    keep: bool = False,
) -> RawAnswer:
    """One request on a connection of its own, which the server is asked to close."""
    parts = urlsplit(url)
    data = b"" if body is None else json.dumps(body).encode()
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}", "Connection: close"]
    lines += [f"Authorization: Bearer {key}"] if key else []
    lines += [f"Accept-Encoding: {accept}"] if accept else []
    lines += ["Content-Type: application/json", f"Content-Length: {len(data)}"] if method == "POST" else []
    came, ended = b"", "much"
    assert parts.hostname is not None
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=timeout) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall("\r\n".join([*lines, "", ""]).encode() + data)
        try:
            while len(came) < MOST:
                piece = connection.recv(65536)
                if not piece:
                    ended = "eof"
                    break
                came += piece
        except TimeoutError:
            ended = "timeout"
        except ConnectionError:
            ended = "reset"
    return RawAnswer(came, ended)
