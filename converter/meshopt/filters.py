# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters that follow meshopt's attribute decoder (appendix B of KHR_meshopt_compression).

Each takes and gives ``(count, stride)`` bytes. All arithmetic is in single precision, as the extension
writes it; it allows one unit in the last place for all filters but EXPONENTIAL, which is exact.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import MeshoptError

Bytes2D = NDArray[np.uint8]
# The extension leaves larger exponents undefined; they are clamped so that no float overflows.
EXPONENT_LIMIT = 126


def apply_filter(name: str, elements: Bytes2D) -> Bytes2D:
    """Apply the filter `name` of the extension; raises MeshoptError for an unknown one or stride."""
    if name == "NONE":
        return elements
    entry = FILTERS.get(name)
    if entry is None:
        raise MeshoptError(f"the filter {name[:32]!r} is not known")
    function, strides = entry
    if elements.shape[1] not in strides:
        raise MeshoptError(f"the filter {name} cannot have elements of {elements.shape[1]} bytes")
    with np.errstate(all="ignore"):  # Values that no encoder writes are undefined, and end up clamped.
        return function(np.ascontiguousarray(elements))


def _round(
    values: NDArray[np.floating[Any]], dtype: type[np.integer[Any]], low: int, high: int
) -> NDArray[np.integer[Any]]:
    """Nearest integers (halves to even, as meshoptimizer's SIMD decoders round) within `low` … `high`.

    Not-a-number becomes 0.
    """
    rounded = np.rint(values)
    return np.nan_to_num(np.clip(rounded, low, high), nan=0.0).astype(dtype)


def _octahedral(elements: Bytes2D) -> Bytes2D:
    dtype = np.int8 if elements.shape[1] == 4 else np.int16
    codes = elements.view(np.dtype(dtype).newbyteorder("<"))
    limit = int(np.iinfo(dtype).max)
    x, y, one = (codes[:, i].astype(np.float32) for i in range(3))
    # The vector is normalised at the end, so it is left in units of 1 / one.
    z = one - np.abs(x) - np.abs(y)
    fold = np.minimum(z, np.float32(0))
    x -= np.copysign(fold, x)
    y -= np.copysign(fold, y)
    scale = np.float32(limit) / np.sqrt(x * x + y * y + z * z)
    result = codes.copy()
    for i, values in enumerate((x, y, z)):
        result[:, i] = _round(values * scale, dtype, -limit - 1, limit)
    return result.view(np.uint8)


def _quaternion(elements: Bytes2D) -> Bytes2D:
    codes = elements.view("<i2")
    largest = (codes[:, 3] & 3).astype(np.intp)
    one = (codes[:, 3] | 3).astype(np.float32)
    scale = np.float32(1.0 / np.sqrt(2.0))
    x, y, z = (codes[:, i].astype(np.float32) / one * scale for i in range(3))
    w = np.sqrt(np.maximum(np.float32(0), np.float32(1) - (x * x + y * y + z * z)))
    result = np.empty_like(codes)
    rows = np.arange(len(codes))
    for offset, values in ((1, x), (2, y), (3, z), (0, w)):
        result[rows, (largest + offset) & 3] = _round(values * np.float32(32767), np.int16, -32768, 32767)
    return result.view(np.uint8)


def _exponential(elements: Bytes2D) -> Bytes2D:
    codes = elements.view("<i4")
    exponent = np.clip(codes >> 24, -EXPONENT_LIMIT, EXPONENT_LIMIT)
    mantissa = (codes << 8) >> 8
    return np.ldexp(mantissa.astype(np.float32), exponent).astype("<f4").view(np.uint8)


def _color(elements: Bytes2D) -> Bytes2D:
    unsigned = np.uint8 if elements.shape[1] == 4 else np.uint16
    limit = int(np.iinfo(unsigned).max)
    signed = np.int8 if unsigned is np.uint8 else np.int16
    raw = elements.view(np.dtype(unsigned).newbyteorder("<")).astype(np.int32)
    chroma = elements.view(np.dtype(signed).newbyteorder("<")).astype(np.int32)
    y, orange, green, alpha = raw[:, 0], chroma[:, 1], chroma[:, 2], raw[:, 3]
    # The highest set bit of alpha tells the number of bits; a zero alpha is invalid and taken as one bit.
    bits = np.frexp(np.maximum(alpha, 1).astype(np.float32))[1]
    top = (np.int32(1) << bits) - 1
    alpha = alpha & (top >> 1)
    alpha = alpha << 1 | alpha & 1
    scale = np.float32(limit) / top.astype(np.float32)
    result = np.empty(raw.shape, np.dtype(unsigned).newbyteorder("<"))
    for i, values in enumerate((y + orange - green, y + green, y - orange - green, alpha)):
        result[:, i] = _round(values.astype(np.float32) * scale, unsigned, 0, limit)
    return result.view(np.uint8)


FILTERS: dict[str, tuple[Callable[[Bytes2D], Bytes2D], range | tuple[int, ...]]] = {
    "OCTAHEDRAL": (_octahedral, (4, 8)),
    "QUATERNION": (_quaternion, (8,)),
    "EXPONENTIAL": (_exponential, range(4, 257, 4)),
    "COLOR": (_color, (4, 8)),
}
