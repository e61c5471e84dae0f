# SPDX-License-Identifier: GPL-3.0-or-later
"""Decode bodies by their ``Content-Encoding``, a bounded piece at a time."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

ACCEPTED = "gzip, deflate"
"""The value of ``Accept-Encoding``: what this module decodes in every Python."""

_GZIP = frozenset({"gzip", "x-gzip"})
_COMPRESSED = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz"})
"""Encodings that cannot be decoded here. Any other word (``identity``, ``utf-8``, ``aws-chunked``) is seen on bodies
that are sent as they are."""
_PIECE_BYTES = 1 << 16
_MOST_ROUNDS = 2
"""How often a body may be compressed: by the server and by something in between."""


class DecodingError(OSError):
    """The body is not what its ``Content-Encoding`` says, or cannot be decoded here."""


def is_encoded(header: str | None) -> bool:
    """Whether a ``Content-Encoding`` changes the bytes of the body."""
    return bool(_compressions(header))


def decoded(pieces: Iterable[bytes], header: str | None) -> Iterator[bytes]:
    """Yield the decoded body in pieces of at most 64 kB; raises DecodingError, also when the body ends too early.

    Bytes that are evidently not compressed are yielded as they are: storages declare what was true of the file's
    original.
    """
    compressions = _compressions(header)
    if len(compressions) > _MOST_ROUNDS or not _COMPRESSED.isdisjoint(compressions):
        raise DecodingError(f"the encoding {', '.join(compressions)[:40]} is not known")
    for compression in reversed(compressions):  # they stand in the order in which they were applied
        pieces = _inflated(iter(pieces), is_gzip=compression in _GZIP)
    yield from pieces


def decoded_text(pieces: Iterable[bytes], header: str | None) -> Iterator[bytes]:
    """As `decoded`, for what can only be a text: gzip that was not declared, or not often enough, is decoded too."""
    pieces = decoded(pieces, header)
    for _ in range(_MOST_ROUNDS):
        pieces = _inflated(iter(pieces), is_gzip=True)
    yield from pieces


def _compressions(header: str | None) -> list[str]:
    words = [word.strip().lower() for word in (header or "").split(",")]
    return [word for word in words if word in _GZIP or word in _COMPRESSED or word == "deflate"]


def _inflated(pieces: Iterator[bytes], *, is_gzip: bool) -> Iterator[bytes]:
    data = b""
    for piece in pieces:
        data += piece
        if len(data) >= 2:
            break
    if not data:
        return
    if is_gzip and not data.startswith(b"\x1f\x8b"):
        yield data
        yield from pieces
        return
    bits = 31 if is_gzip else _deflate_bits(data)
    inflater = zlib.decompressobj(bits)
    while True:
        try:
            out = inflater.decompress(data, _PIECE_BYTES)
        except zlib.error as error:
            raise DecodingError("the compressed body is damaged") from error
        if out:
            yield out
        data = inflater.unconsumed_tail
        if inflater.eof:
            # A file of gzip may be several, one behind the other; anything else that follows is padding.
            data = inflater.unused_data
            while len(data) < 2 and (piece := next(pieces, b"")):
                data += piece
            if not (is_gzip and data.startswith(b"\x1f\x8b")):
                for _rest in pieces:
                    pass  # so that a wrong length of the encoded body is noticed
                return
            inflater = zlib.decompressobj(bits)
        elif not data and len(out) < _PIECE_BYTES:
            data = next(pieces, b"")
            if not data:
                raise DecodingError("the compressed body ends too early")


def _deflate_bits(data: bytes) -> int:
    """Return how "deflate" is meant: with zlib's header as the standard says, or bare as some servers send it."""
    has_header = len(data) >= 2 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
    return zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS
