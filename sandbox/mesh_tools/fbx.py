# SPDX-License-Identifier: GPL-3.0-or-later
"""The geometry in a binary FBX, versions 7.1 to 7.7, with the transform of each mesh's own object applied."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"Kaydara FBX Binary  \0"
_SINGLE = {"Y": "<h", "C": "<?", "I": "<i", "F": "<f", "D": "<d", "L": "<q"}
_ARRAYS = {"f": "<f4", "d": "<f8", "l": "<i8", "i": "<i4", "b": "<i1", "c": "<i1"}
_METRE = 100.0
"""FBX counts in centimetres."""
Meshes = list[tuple[str, NDArray[np.float64], list[list[int]]]]


@dataclass(frozen=True)
class _Record:
    name: str
    values: list[Any]
    children: list[_Record]

    def child(self, name: str) -> _Record | None:
        return next((child for child in self.children if child.name == name), None)


def read_fbx(data: bytes) -> Meshes:
    """Name, positions in metres with +Y up, and polygons of every mesh.

    Raises ValueError, struct.error, LookupError.
    """
    if not data.startswith(_MAGIC):
        raise ValueError("not a binary FBX")
    wide = struct.unpack_from("<I", data, 23)[0] >= 7500
    top = {record.name: record for record in _records(data, 27, len(data), wide)}
    unit = _number(top.get("GlobalSettings"), "UnitScaleFactor", 1.0)[0] / _METRE
    objects = {record.values[0]: record for record in top["Objects"].children if record.values}
    links = [record.values[1:3] for record in top["Connections"].children if record.values[0] == "OO"]
    found: Meshes = []
    for child, parent in links:
        shape, thing = objects.get(child), objects.get(parent)
        if shape is None or thing is None or (shape.name, thing.name) != ("Geometry", "Model"):
            continue
        corners, ends = shape.child("Vertices"), shape.child("PolygonVertexIndex")
        if corners is None or ends is None:
            continue
        positions = _moved(np.asarray(corners.values[0], float).reshape(-1, 3), thing) * unit
        found.append((str(thing.values[1]).split("\0")[0], positions, list(_polygons(ends.values[0]))))
    return found


def _polygons(ends: NDArray[Any]) -> Iterator[list[int]]:
    corners: list[int] = []
    for value in ends.tolist():
        corners.append(value if value >= 0 else -value - 1)
        if value < 0:
            yield corners
            corners = []


def _moved(positions: NDArray[np.float64], thing: _Record) -> NDArray[np.float64]:
    scale = _number(thing, "Lcl Scaling", 1.0, 1.0, 1.0)
    turn = np.eye(3)
    for axis, degrees in enumerate(_number(thing, "Lcl Rotation", 0.0, 0.0, 0.0)):
        cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        one, other = (axis + 1) % 3, (axis + 2) % 3
        step = np.eye(3)
        step[one, one] = step[other, other] = cosine
        step[one, other], step[other, one] = -sine, sine
        turn = step @ turn
    return (positions * scale) @ turn.T + _number(thing, "Lcl Translation", 0.0, 0.0, 0.0)


def _number(record: _Record | None, name: str, *default: float) -> NDArray[np.float64]:
    """A property of an object, or its default."""
    listed = record.child("Properties70") if record else None
    for one in listed.children if listed else ():
        if one.values[:1] == [name]:
            return np.array(one.values[4:], float)
    return np.array(default)


def _records(data: bytes, at: int, end: int, wide: bool) -> Iterator[_Record]:
    head = "<QQQB" if wide else "<IIIB"
    size = struct.calcsize(head)
    while at + size <= end:
        after, count, _bytes, length = struct.unpack_from(head, data, at)
        if after == 0:
            return
        at += size
        name = data[at : at + length].decode("latin-1")
        at += length
        values: list[Any] = []
        for _ in range(count):
            value, at = _value(data, at)
            values.append(value)
        yield _Record(name, values, list(_records(data, at, after, wide)) if at < after else [])
        at = after


def _value(data: bytes, at: int) -> tuple[Any, int]:
    code = chr(data[at])
    at += 1
    if code in _SINGLE:
        return struct.unpack_from(_SINGLE[code], data, at)[0], at + struct.calcsize(_SINGLE[code])
    if code in _ARRAYS:
        count, packed, length = struct.unpack_from("<III", data, at)
        at += 12
        content = data[at : at + length]
        return np.frombuffer(zlib.decompress(content) if packed else content, _ARRAYS[code], count), at + length
    if code not in "SR":
        raise ValueError("an unknown kind of value")
    length = struct.unpack_from("<I", data, at)[0]
    content = data[at + 4 : at + 4 + length]
    return (content.decode("utf-8", "replace") if code == "S" else content), at + 4 + length
