# SPDX-License-Identifier: GPL-3.0-or-later
"""Decoder of meshopt's attribute streams (mode ATTRIBUTES), versions 0 and 1.

The bitstream is the one of appendix A of the glTF extension KHR_meshopt_compression (version 0 is that of
EXT_meshopt_compression). A stream is a run of blocks; a block holds, for every byte of an element ("lane"),
groups of 16 byte deltas, each group stored with 0, 1, 2, 4 or 8 bits a delta. Only where a group starts
depends on the group before it, so a small Python loop finds the starts and numpy does the rest for many
groups at once.
"""

from __future__ import annotations

from array import array
from itertools import chain, islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .errors import MeshoptError

GROUP = 16
BLOCK_BYTES = 8192
BLOCK_ELEMENTS = 256
MAX_STRIDE = 256
# Bits a delta for the four values of a group's header, by control mode; version 0 is the last row.
WIDTHS = ((0, 1, 2, 4), (1, 2, 4, 8), (0, 2, 4, 8))
VERSION_0 = 2
SKIPPED, LITERAL = 2, 3
# A lane of a block reads at most 4 header bytes and 16 groups of 24 bytes beyond a position inside.
OVERRUN = 4 + 16 * 24
# Groups decoded by one numpy step: bounds the temporary arrays to some 30 MB.
BATCH_GROUPS = 1 << 17

Bytes2D = NDArray[np.uint8]


class _Batch(NamedTuple):
    """Where the groups of some equally large blocks lie: one row per coded lane, in stream order."""

    position: int
    rows: list[tuple[int, int]]
    """(block, lane) of each row."""
    controls: bytearray
    """Row of `WIDTHS` that each row uses."""
    headers: bytearray
    starts: array[int]
    literals: list[tuple[int, int, int]]
    """(block, lane, position) of lanes stored as they are."""


def decode_attributes(data: bytes, count: int, stride: int) -> Bytes2D:
    """Decode `count` elements of `stride` bytes; gives a ``(count, stride)`` array of bytes.

    Raises MeshoptError for every stream that does not fit exactly.
    """
    if stride % 4 or not 4 <= stride <= MAX_STRIDE:
        raise MeshoptError(f"an attribute stream has a stride of {stride} bytes")
    if count < 0 or not data:
        raise MeshoptError("an attribute stream is empty")
    version = data[0] ^ 0xA0
    if version not in (0, 1):
        raise MeshoptError("an attribute stream has an unknown header")
    tail_used = stride + (stride // 4 if version else 0)
    end = len(data) - max(tail_used, 24 if version else 32)
    if end < 1:
        raise MeshoptError("an attribute stream is too short")
    tail = np.frombuffer(data, np.uint8, tail_used, len(data) - tail_used)
    modes = tail[stride:] if version else np.zeros(stride // 4, np.uint8)

    deltas = _read_deltas(data, end, count, stride, version)
    return _apply_deltas(deltas, count, tail[:stride], modes)


def _read_deltas(data: bytes, end: int, count: int, stride: int, version: int) -> NDArray[np.uint8]:
    """Gives ``(stride, groups, 16)``: the byte deltas of every lane, the last group filled up."""
    block_size = min(BLOCK_BYTES // stride & ~(GROUP - 1), BLOCK_ELEMENTS)
    full_blocks, rest = divmod(count, block_size)
    block_groups = block_size // GROUP
    total_groups = -(-count // GROUP)
    # Even a lane that stores nothing costs a quarter of a control byte (version 1) or a header byte (version
    # 0) a block: checked first, so that a short stream cannot ask for a huge array.
    blocks = full_blocks + (rest > 0)
    least = blocks * (stride // 4) if version else blocks * stride
    if end - 1 < least:
        raise MeshoptError("an attribute stream ends too early")

    padded = np.zeros(len(data) + OVERRUN + 32, np.uint8)
    padded[: len(data)] = np.frombuffer(data, np.uint8)
    quads = _advance_tables(padded, version)
    source = padded.tobytes()
    deltas = np.zeros((stride, total_groups, GROUP), np.uint8)

    position = 1
    step = max(1, BATCH_GROUPS // (stride * block_groups))
    for first in range(0, full_blocks, step):
        batch = _find_groups(source, position, end, min(step, full_blocks - first), block_size, stride, quads)
        _unpack(padded, batch, deltas[:, first * block_groups :], block_size)
        position = batch.position
    if rest:
        batch = _find_groups(source, position, end, 1, rest, stride, quads)
        _unpack(padded, batch, deltas[:, full_blocks * block_groups :], rest)
        position = batch.position
    if position != end:
        raise MeshoptError("an attribute stream has bytes left over")
    return deltas


def _advance_tables(padded: NDArray[np.uint8], version: int) -> dict[int, list[tuple[bytes, ...]]]:
    """For each control mode and header byte, four tables: the size of a group that starts at a given byte."""
    values = np.arange(256)
    size = len(padded) - 32
    tables: dict[int, bytes] = {0: bytes(size), 8: bytes([GROUP]) * size}
    for width in (1, 2, 4):
        sentinel = (1 << width) - 1
        fields = values[:, None] >> np.arange(0, 8, width) & sentinel
        explicit = (fields == sentinel).sum(axis=1).astype(np.uint8)[padded]
        advance = np.full(size, 2 * width, np.uint8)
        for offset in range(2 * width):
            advance += explicit[offset : offset + size]
        tables[width] = advance.tobytes()
    result: dict[int, list[tuple[bytes, ...]]] = {}
    for control in (0, 1) if version else (VERSION_0,):
        widths = WIDTHS[control]
        result[control] = [tuple(tables[widths[h >> shift & 3]] for shift in (0, 2, 4, 6)) for h in range(256)]
    return result


def _find_groups(
    source: bytes,
    position: int,
    end: int,
    blocks: int,
    elements: int,
    stride: int,
    quads: dict[int, list[tuple[bytes, ...]]],
) -> _Batch:
    """Walk `blocks` blocks of `elements` elements from `position`, noting where each group starts."""
    groups = -(-elements // GROUP)
    header_size = -(-groups // 4)
    batch = _Batch(position, [], bytearray(), bytearray(), array("q"), [])
    append = batch.starts.append
    for block in range(blocks):
        if VERSION_0 in quads:
            controls = bytes([VERSION_0]) * stride
        else:
            packed = source[position : position + stride // 4]
            controls = bytes(byte >> shift & 3 for byte in packed for shift in (0, 2, 4, 6))
            position += stride // 4
        for lane, control in enumerate(controls):
            if control == SKIPPED and VERSION_0 not in quads:
                continue
            if control == LITERAL:
                batch.literals.append((block, lane, position))
                position += elements
            else:
                header = source[position : position + header_size]
                position += header_size
                batch.rows.append((block, lane))
                batch.controls.append(control)
                batch.headers.extend(header)
                tables = chain.from_iterable(map(quads[control].__getitem__, header))
                for table in islice(tables, groups):
                    append(position)
                    position += table[position]
            if position > end:
                raise MeshoptError("an attribute stream ends too early")
    return batch._replace(position=position)


def _unpack(padded: NDArray[np.uint8], batch: _Batch, deltas: NDArray[np.uint8], elements: int) -> None:
    """Write the deltas of a batch to its places in `deltas` ``(stride, groups, 16)``."""
    groups = -(-elements // GROUP)
    for block, lane, position in batch.literals:
        lane_groups = deltas[lane, block * groups : (block + 1) * groups]
        lane_groups.reshape(-1)[:elements] = padded[position : position + elements]
    if not batch.rows:
        return
    rows = np.array(batch.rows, np.intp)
    headers = np.frombuffer(bytes(batch.headers), np.uint8).reshape(len(rows), -1)
    fields = (headers[:, :, None] >> np.array([0, 2, 4, 6], np.uint8) & 3).reshape(len(rows), -1)[:, :groups]
    widths = np.array(WIDTHS, np.uint8)[np.frombuffer(bytes(batch.controls), np.uint8)[:, None], fields].ravel()
    starts = np.frombuffer(batch.starts, np.int64)
    lanes = np.repeat(rows[:, 1], groups)
    targets = (rows[:, :1] * groups + np.arange(groups)).ravel()
    for width in (1, 2, 4, 8):
        chosen = np.flatnonzero(widths == width)
        if len(chosen):
            deltas[lanes[chosen], targets[chosen]] = _unpack_groups(padded, starts[chosen], width)


def _unpack_groups(padded: NDArray[np.uint8], starts: NDArray[np.int64], width: int) -> NDArray[np.uint8]:
    """Gives ``(groups, 16)`` deltas of groups that all have `width` bits a delta."""
    packed = padded[starts[:, None] + np.arange(2 * width)]
    values: NDArray[np.uint8]
    if width == 8:
        return packed
    if width == 1:
        values = np.unpackbits(packed, axis=1, bitorder="little")
    else:
        # The wider fields are stored from the most significant bit down.
        shifts = np.arange(8 - width, -1, -width).astype(np.uint8)
        values = (packed[:, :, None] >> shifts & np.uint8((1 << width) - 1)).reshape(len(starts), GROUP)
    sentinel = values == (1 << width) - 1
    rank = np.cumsum(sentinel, axis=1) - 1
    rank += (starts + 2 * width)[:, None]
    values[sentinel] = padded[rank[sentinel]]
    return values


def _apply_deltas(
    deltas: NDArray[np.uint8], count: int, baseline: NDArray[np.uint8], modes: NDArray[np.uint8]
) -> Bytes2D:
    """Undo the deltas of each channel of four bytes, starting from the `baseline` element."""
    stride = len(baseline)
    lanes = deltas.reshape(stride, -1)[:, :count]
    result = np.empty((count, stride), np.uint8)
    for channel, mode in enumerate(modes.tolist()):
        first = channel * 4
        part = lanes[first : first + 4]
        base = baseline[first : first + 4]
        if mode == 0:
            values = (part >> 1) ^ (0 - (part & 1)).astype(np.uint8)
            values = np.add.accumulate(values, axis=1, dtype=np.uint8) + base[:, None]
            result[:, first : first + 4] = values.T
        elif mode == 1:
            words = np.ascontiguousarray(part.T).view("<u2")
            words = (words >> 1) ^ (0 - (words & 1)).astype(np.uint16)
            words = np.add.accumulate(words, axis=0, dtype=np.uint16) + base.copy().view("<u2")
            result[:, first : first + 4] = words.astype("<u2").view(np.uint8)
        elif mode & 15 == 2:
            # The encoder turned the bits to the left by the high half of the mode, so they are turned back.
            rotation = mode >> 4
            dwords = np.ascontiguousarray(part.T).view("<u4")
            dwords = dwords >> np.uint32(rotation) | dwords << np.uint32(32 - rotation & 31)
            dwords = np.bitwise_xor.accumulate(dwords, axis=0) ^ base.copy().view("<u4")
            result[:, first : first + 4] = dwords.astype("<u4").view(np.uint8)
        else:
            raise MeshoptError("an attribute stream has an unknown channel mode")
    return result
