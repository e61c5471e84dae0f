# SPDX-License-Identifier: GPL-3.0-or-later
"""Decoders of meshopt's index streams: TRIANGLES (versions 0 and 1) and INDICES (versions 0 and 1).

The bitstreams are those of appendix A of the glTF extension KHR_meshopt_compression; version 0 of the
triangle stream differs only in that its vertex queue codes reach to 14 and the two "next to the last index"
codes do not exist.

The triangle codec looks sequential: a triangle takes an edge or a vertex from queues that earlier triangles
filled. But how *many* entries each triangle pushes, and how it moves the two counters, depends on its code
alone. So running sums give the position of every push and every read, each corner becomes either a known
value or a pointer to an earlier corner, and the pointers are followed by doubling. No Python loop runs over
the triangles.
"""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from .errors import MeshoptError

U32 = NDArray[np.uint32]
TABLE_SIZE = 16
SEQUENCE_TAIL = 4
MAX_VARINT = 5
# Corners (0 = a, 1 = b, 2 = c) at which the edges that a triangle pushes start and end, newest edge first.
EDGE_FROM = np.array([0, 2, 1], np.int64)
EDGE_TO = np.array([2, 1, 0], np.int64)


def decode_sequence(data: bytes, count: int) -> U32:
    """Decode an INDICES stream to `count` unsigned 32-bit indices."""
    if len(data) < 1 + SEQUENCE_TAIL or data[0] not in (0xD0, 0xD1):
        raise MeshoptError("an index stream has an unknown header")
    body = np.frombuffer(data, np.uint8, len(data) - 1 - SEQUENCE_TAIL, 1)
    ends = np.flatnonzero(body < 0x80)
    if len(ends) != count or (ends[-1] + 1 if count else 0) != len(body):
        raise MeshoptError("an index stream does not hold as many indices as it should")
    starts = np.empty_like(ends)
    starts[:1] = 0
    starts[1:] = ends[:-1] + 1
    values = _varints(body, starts, ends)
    deltas = _unzigzag(values >> np.uint32(1))
    second = values & np.uint32(1) != 0
    zero = np.uint32(0)
    sums = (
        np.add.accumulate(np.where(second, zero, deltas), dtype=np.uint32),
        np.add.accumulate(np.where(second, deltas, zero), dtype=np.uint32),
    )
    return np.where(second, sums[1], sums[0])


def decode_triangles(data: bytes, count: int) -> U32:
    """Decode a TRIANGLES stream to `count` unsigned 32-bit indices; `count` is a multiple of three."""
    triangles, odd = divmod(count, 3)
    if odd or count < 0:
        raise MeshoptError("a triangle stream does not hold whole triangles")
    if not data or data[0] not in (0xE0, 0xE1):
        raise MeshoptError("a triangle stream has an unknown header")
    if len(data) < 1 + triangles + TABLE_SIZE:
        raise MeshoptError("a triangle stream is too short")
    if not triangles:
        if len(data) != 1 + TABLE_SIZE:
            raise MeshoptError("a triangle stream has bytes left over")
        return np.empty(0, np.uint32)
    codes = np.frombuffer(data, np.uint8, triangles, 1)
    extra = data[1 + triangles : len(data) - TABLE_SIZE]
    table = np.frombuffer(data, np.uint8, TABLE_SIZE, len(data) - TABLE_SIZE)
    return _Triangles(codes, extra, table, queue_end=13 if data[0] == 0xE1 else 15).resolve()


class _Triangles:
    """The corners of all triangles of one stream, as values and pointers to earlier corners."""

    def __init__(self, codes: NDArray[np.uint8], extra: bytes, table: NDArray[np.uint8], queue_end: int) -> None:
        self.count = len(codes)
        self.high = codes >> 4
        self.low = codes & 15
        self.queue_end = queue_end
        self.free = self.high == 15
        self.raw = self.free & (self.low >= 14)
        """Triangles that spell out their corners, here or (`free` only) in the table."""
        self.on_edge = ~self.free
        self.pair, explicit_deltas, self.explicit = self._read_extra(codes, extra, table)
        self.second = self.pair >> 4
        self.third = self.pair & 15

        # next: whether a corner takes the next new index.
        self.fresh = np.zeros((self.count, 3), bool)
        self.fresh[:, 0] = self.free & (self.low != 15)
        self.fresh[:, 1] = self.free & (self.second == 0)
        self.fresh[:, 2] = (self.free & (self.third == 0)) | (self.on_edge & (self.low == 0))
        self.step = self.on_edge & (self.low >= queue_end) & (self.low < 15)

        self.values = np.zeros((self.count, 3), np.uint32)
        self._set_fresh_values()
        self._set_values_near_last(explicit_deltas)

    def _read_extra(
        self, codes: NDArray[np.uint8], extra: bytes, table: NDArray[np.uint8]
    ) -> tuple[NDArray[np.uint8], U32, NDArray[np.bool_]]:
        """Gives the byte that names the second and third corner (free triangles), the deltas of explicit
        corners in stream order, and which corners these are ``(triangles, 3)``.
        """
        pair = np.full(self.count, 0x11, np.uint8)
        tabled = self.free & ~self.raw
        pair[tabled] = table[self.low[tabled]]
        if np.any(pair[tabled] >> 4 == 15) or np.any(pair[tabled] & 15 == 15):
            raise MeshoptError("a triangle stream has an invalid table")

        explicit = np.zeros((self.count, 3), bool)
        explicit[:, 2] = self.on_edge & (self.low == 15)
        readers = np.flatnonzero(self.raw | explicit[:, 2])
        body = np.frombuffer(extra, np.uint8)
        # Where the varint that contains a byte ends: far outside from the last unended one on.
        ending = np.where(body < 0x80, np.arange(1, len(body) + 1, dtype=np.int64), 0)
        after = array("q", _next_nonzero(ending).astype(np.int64).tobytes())
        starts: list[int] = []
        pairs = bytearray()
        position = 0
        try:
            for code in codes[readers].tolist():
                reads = 1
                if code >= 0xFE:
                    both = extra[position]
                    position += 1
                    pairs.append(both)
                    reads = (code == 0xFF) + (both >= 0xF0) + (both & 15 == 15)
                for _ in range(reads):
                    starts.append(position)
                    position = after[position]
        except IndexError:
            raise MeshoptError("a triangle stream ends too early") from None
        if position != len(extra):
            raise MeshoptError("a triangle stream has bytes left over or missing")
        pair[self.raw] = np.frombuffer(bytes(pairs), np.uint8)
        explicit[:, 0] = self.raw & (self.low == 15)
        explicit[:, 1] = self.raw & (pair >> 4 == 15)
        explicit[:, 2] |= self.raw & (pair & 15 == 15)
        first = np.array(starts, np.int64)
        last = np.array([after[start] - 1 for start in starts], np.int64)
        return pair, _unzigzag(_varints(body, first, last)), explicit

    def _set_fresh_values(self) -> None:
        taken = self.fresh.ravel()
        before = (np.cumsum(taken) - taken).reshape(-1, 3)
        # A raw triangle of pair 0 starts the count anew.
        reset = self.raw & (self.pair == 0)
        origin = np.maximum.accumulate(np.where(reset, before[:, 0], 0))
        numbers = (before - origin[:, None]).astype(np.uint32)
        self.values[self.fresh] = numbers[self.fresh]

    def _set_values_near_last(self, explicit_deltas: U32) -> None:
        moves = np.zeros((self.count, 3), np.uint32)
        moves[self.explicit] = explicit_deltas
        moves[self.step, 2] = np.where(self.low[self.step] == 13, 0xFFFFFFFF, 1).astype(np.uint32)
        last = np.add.accumulate(moves.ravel(), dtype=np.uint32).reshape(-1, 3)
        known = self.explicit.copy()
        known[:, 2] |= self.step
        self.values[known] = last[known]

    def resolve(self) -> U32:
        """The corners of all triangles, flat."""
        pointers = np.arange(self.count * 3, dtype=np.int64)
        self._point_to_edges(pointers)
        self._point_to_vertices(pointers)
        active = np.flatnonzero(pointers != np.arange(len(pointers)))
        while len(active):
            near = pointers[active]
            far = pointers[near]
            pointers[active] = far
            active = active[near != far]
        return self.values.ravel()[pointers]

    def _point_to_edges(self, pointers: NDArray[np.int64]) -> None:
        """The first two corners of a triangle on an edge are those of the edge."""
        pushed = 2 + self.free.astype(np.int64)
        total = np.cumsum(pushed)
        readers = np.flatnonzero(self.on_edge)
        edge = total[readers] - 3 - self.high[readers]
        if np.any(edge < 0):
            raise MeshoptError("a triangle stream refers to an edge that is not there")
        owner = np.repeat(np.arange(self.count), pushed)[edge]
        newness = total[owner] - 1 - edge
        pointers[readers * 3] = owner * 3 + EDGE_FROM[newness]
        pointers[readers * 3 + 1] = owner * 3 + EDGE_TO[newness]

    def _point_to_vertices(self, pointers: NDArray[np.int64]) -> None:
        """Corners taken from the queue of recent vertices."""
        pushes = np.zeros((self.count, 3), bool)
        pushes[:, 0] = self.free
        pushes[:, 1] = self.fresh[:, 1] | self.explicit[:, 1]
        pushes[:, 2] = self.fresh[:, 2] | self.explicit[:, 2] | self.step
        queue = np.flatnonzero(pushes.ravel())
        per_triangle = pushes.sum(axis=1)
        before = np.cumsum(per_triangle) - per_triangle
        on_queue = self.on_edge & (self.low > 0) & (self.low < self.queue_end)
        for corner, depth, mask in (
            (2, self.low.astype(np.int64) + 1, on_queue),
            (1, self.second.astype(np.int64), self.free & (self.second > 0) & (self.second < 15)),
            (2, self.third.astype(np.int64), self.free & (self.third > 0) & (self.third < 15)),
        ):
            readers = np.flatnonzero(mask)
            entry = before[readers] - depth[readers]
            if np.any(entry < 0):
                raise MeshoptError("a triangle stream refers to a vertex that is not there")
            pointers[readers * 3 + corner] = queue[entry]


def _next_nonzero(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each place the nearest non-zero value at or after it; past the last one, a place beyond the end."""
    filled = np.where(values == 0, np.iinfo(np.int64).max >> 1, values)
    return np.minimum.accumulate(filled[::-1])[::-1]


def _varints(body: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> U32:
    """Values of the LEB128 numbers that begin and end (inclusive) at the given bytes, modulo 2**32."""
    if len(starts) == 0:
        return np.empty(0, np.uint32)
    lengths = ends - starts + 1
    longest = int(lengths.max())
    if longest > MAX_VARINT:
        raise MeshoptError("an index stream has a number of too many bytes")
    values = (body[starts] & 0x7F).astype(np.uint32)
    for place in range(1, longest):
        longer = np.flatnonzero(lengths > place)
        values[longer] |= (body[starts[longer] + place] & 0x7F).astype(np.uint32) << np.uint32(7 * place)
    return values


def _unzigzag(values: U32) -> U32:
    """0, 1, 2, 3 … to 0, -1, 1, -2 …, as unsigned numbers that wrap."""
    return (values >> np.uint32(1)) ^ (np.uint32(0) - (values & np.uint32(1)))
