# SPDX-License-Identifier: GPL-3.0-or-later
"""PNG out of numpy arrays, with zlib alone."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """8-bit PNG of an array (height, width), (height, width, 3) or (height, width, 4), top row first."""
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    height, width, channels = pixels.shape
    color_type = {1: 0, 3: 2, 4: 6}[channels]
    rows = np.empty((height, 1 + width * channels), np.uint8)
    flat = pixels.reshape(height, -1)
    # Filter "up": the difference to the row above. One numpy operation, and much smaller files.
    rows[:, 0] = 2
    rows[0, 1:] = flat[0]
    rows[1:, 1:] = flat[1:] - flat[:-1]
    header = struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0)
    data = _chunk(b"IDAT", zlib.compress(rows.tobytes(), 4))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + data + _chunk(b"IEND", b"")


def encode_png_gray(width: int, height: int) -> bytes:
    """A plain grey image."""
    return encode_png(np.full((height, width), 128, np.uint8))
