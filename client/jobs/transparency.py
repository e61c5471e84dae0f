# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an image may hold transparency.

The service was seen to refuse images with transparency, in these words: "an error occurred while processing the input
image" (C). So they are sent over a plain colour, as a copy that the background Blender writes before the submit.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

WHITE = "#ffffff"
"""What is seen through an image, unless it says another colour."""

_PNG_START = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPES_WITH_ALPHA = (4, 6)
_MOST_CHUNKS = 1000


def may_be_transparent(stream: BinaryIO) -> bool:
    """Whether the image in a file has an alpha channel or a transparent colour; reads headers, decodes nothing.

    PNG: colour types 4 and 6, or a ``tRNS`` chunk (PNG specification); WebP: the alpha bits of ``VP8X`` and ``VP8L``
    (WebP container and lossless specifications). Everything else, and what is damaged, counts as opaque.
    """
    stream.seek(0)
    head = stream.read(33)
    if head.startswith(_PNG_START):
        return len(head) == 33 and (head[25] in _COLOUR_TYPES_WITH_ALPHA or _has_transparent_colour(stream))
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP" and len(head) >= 25:
        extended = head[12:16] == b"VP8X" and head[20] & 0x10
        lossless = head[12:16] == b"VP8L" and head[24] & 0x10
        return bool(extended or lossless)
    return False


def _has_transparent_colour(stream: BinaryIO) -> bool:
    for _ in range(_MOST_CHUNKS):
        head = stream.read(8)
        if len(head) < 8 or head[4:] in (b"IDAT", b"IEND"):
            return False
        if head[4:] == b"tRNS":
            return True
        stream.seek(int(struct.unpack(">I", head[:4])[0]) + 4, 1)
    return False


def file_may_be_transparent(path: str) -> bool:
    """Whether the image in a file may be transparent; a file that cannot be read counts as opaque."""
    try:
        with open(path, "rb") as stream:
            return may_be_transparent(stream)
    except (OSError, ValueError):
        return False
