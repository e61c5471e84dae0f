# SPDX-License-Identifier: GPL-3.0-or-later
"""Check that a GLB is complete (glTF 2.0 specification, chapter 4.4)."""

from __future__ import annotations

import struct

from .byte_range import ByteRange
from .errors import damaged

HEADER = struct.Struct("<4sII")


def check_glb(span: ByteRange) -> None:
    """Raises UnsafeFile for a GLB of another version or length than it should have."""
    _, version, length = HEADER.unpack(span.read(0, HEADER.size))
    if version != 2:
        raise damaged(f"it is a GLB of version {version}, and only version 2 is known")
    if length != span.length:
        raise damaged(f"it should have {length:,} bytes, but has {span.length:,}")
