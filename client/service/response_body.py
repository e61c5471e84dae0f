# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the body of an answer as it arrives: decoded, bounded in size and in time."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from typing import Any

import requests

from .connection_errors import BROKEN
from .content_encoding import decoded_text
from .request_watch import RequestWatch

MAX_ANSWER_BYTES = 4 * 1024 * 1024
"""Most bytes that are read of an answer of the service, after decoding."""


class TooLarge(OSError):
    """The body is larger than `MAX_ANSWER_BYTES`."""


def encoded_pieces(response: requests.Response, watch: RequestWatch, size: int) -> Iterator[bytes]:
    """Yield the body as it arrives, up to ``size`` bytes at a time and as it was sent, chunks put together.

    Raises one of ``BROKEN`` when it ends too early, IncompleteRead when its length was declared. This asks the
    standard library's response: ``iter_content`` waits until it has ``size`` bytes, which a trickling server can draw
    out for hours, and the versions of urllib3 differ in everything else.
    """
    source: Any = getattr(response.raw, "_fp", response.raw)
    left: int | None = getattr(source, "length", None)
    while left is None or left > 0:
        piece: bytes = source.read1(size if left is None else min(size, left))
        if watch.expired:
            raise TimeoutError("the answer trickles")
        if not piece:
            if left is not None:
                raise http.client.IncompleteRead(b"", left)
            return
        if left is not None:
            left -= len(piece)
        yield piece


def read_bounded(response: requests.Response, watch: RequestWatch) -> tuple[bytes, Exception | None]:
    """Return the decoded body as far as it came, and why it is not whole (None when it is)."""
    data = bytearray()
    try:
        pieces = encoded_pieces(response, watch, 1 << 16)
        for piece in decoded_text(pieces, response.headers.get("Content-Encoding")):
            data += piece
            if len(data) > MAX_ANSWER_BYTES:
                raise TooLarge("the answer is far too large")
            watch.check()
    except BROKEN as error:
        return bytes(data[:MAX_ANSWER_BYTES]), error
    return bytes(data), None
