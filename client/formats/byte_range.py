# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a range of a file piece by piece, never past its end."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from .errors import damaged


@dataclass(frozen=True, slots=True)
class ByteRange:
    """`length` bytes of `file` from `start`."""

    file: BinaryIO
    start: int
    length: int

    @classmethod
    def of_bytes(cls, data: bytes) -> ByteRange:
        """A span over bytes in memory."""
        return cls(BytesIO(data), 0, len(data))

    def peek(self, offset: int, count: int) -> bytes:
        """Up to `count` bytes from `offset`: fewer, or none, at the end."""
        if offset < 0 or offset >= self.length:
            return b""
        self.file.seek(self.start + offset)
        return self.file.read(min(count, self.length - offset))

    def read(self, offset: int, count: int) -> bytes:
        """Exactly `count` bytes from `offset`; raises UnsafeFile where the span ends before."""
        data = self.peek(offset, count)
        if len(data) != count:
            raise damaged("it ends too early")
        return data
