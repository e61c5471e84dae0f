# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the geometry of a model as a binary FBX, version 7.4."""

from __future__ import annotations

import struct
from typing import Any

from numpy.typing import NDArray

from .model import Floats, Ints, Piece


def encode_fbx(pieces: list[Piece]) -> bytes:
    """The bytes of a file with a mesh for each piece; +Y up, in metres."""
    header = b"Kaydara FBX Binary  \0\x1a\0" + struct.pack("<I", 7400)
    settings = [("UpAxis", 1), ("UpAxisSign", 1), ("FrontAxis", 2), ("FrontAxisSign", 1), ("CoordAxis", 0)]
    properties = [_Node("P", _text(name), _text("int"), _text("Integer"), _text(""), _int(value))
                  for name, value in settings]  # fmt: skip
    scale = _Node("P", _text("UnitScaleFactor"), _text("double"), _text("Number"), _text(""), _double(100.0))
    top = [_Node("GlobalSettings", children=(_Node("Properties70", children=(*properties, scale)),))]
    geometry: list[_Node] = []
    links: list[_Node] = []
    for number, piece in enumerate(pieces):
        shape, thing = 1000 + number, 1000 + len(pieces) + number
        ends = piece.faces.copy()
        ends[:, -1] = -ends[:, -1] - 1  # the last corner of a polygon is written as its complement
        layers = () if piece.uvs is None else _uv_layer(piece.faces, piece.uvs)
        geometry.append(_Node(
            "Geometry", _long(shape), _text(f"{piece.name}\0\1Geometry"), _text("Mesh"),
            children=(
                _Node("Vertices", _array("d", piece.positions.astype("<f8").ravel())),
                _Node("PolygonVertexIndex", _array("i", ends.astype("<i4").ravel())),
                _Node("GeometryVersion", _int(124)),
                *layers,
            ),
        ))  # fmt: skip
        geometry.append(_Node("Model", _long(thing), _text(f"{piece.name}\0\1Model"), _text("Mesh"),
                              children=(_Node("Version", _int(232)),)))  # fmt: skip
        links += [_Node("C", _text("OO"), _long(shape), _long(thing)), _Node("C", _text("OO"), _long(thing), _long(0))]
    top += [_Node("Objects", children=tuple(geometry)), _Node("Connections", children=tuple(links))]
    data = header
    for node in top:
        data += node.at(len(data))
    return data + b"\0" * 13 + b"\xfa\xbc\xab\x09\xd0\xc8\xd4\x66\xb1\x76\xfb\x83\x1c\xf7\x26\x7e" + b"\0" * 144


def _uv_layer(faces: Ints, uvs: Floats) -> tuple[_Node, ...]:
    layer = _Node(
        "LayerElementUV", _int(0),
        children=(
            _Node("Version", _int(101)),
            _Node("Name", _text("UVMap")),
            _Node("MappingInformationType", _text("ByPolygonVertex")),
            _Node("ReferenceInformationType", _text("IndexToDirect")),
            _Node("UV", _array("d", (uvs * (1, -1) + (0, 1)).astype("<f8").ravel())),
            _Node("UVIndex", _array("i", faces.astype("<i4").ravel())),
        ),
    )  # fmt: skip
    element = _Node("LayerElement", children=(_Node("Type", _text("LayerElementUV")), _Node("TypedIndex", _int(0))))
    return layer, _Node("Layer", _int(0), children=(_Node("Version", _int(100)), element))


class _Node:
    """One record of a binary FBX: where it ends stands in it, so it is written for a place."""

    def __init__(self, name: str, *values: bytes, children: tuple[_Node, ...] = ()) -> None:
        self._name, self._values, self._children = name.encode(), values, children

    def at(self, offset: int) -> bytes:
        """The bytes of the record that begins at `offset` of the file."""
        values = b"".join(self._values)
        inner = b""
        begins = offset + 13 + len(self._name) + len(values)
        for child in self._children:
            inner += child.at(begins + len(inner))
        if self._children:
            inner += b"\0" * 13
        head = struct.pack("<IIIB", begins + len(inner), len(self._values), len(values), len(self._name))
        return head + self._name + values + inner


def _text(value: str) -> bytes:
    return b"S" + struct.pack("<I", len(value.encode())) + value.encode()


def _int(value: int) -> bytes:
    return b"I" + struct.pack("<i", value)


def _long(value: int) -> bytes:
    return b"L" + struct.pack("<q", value)


def _double(value: float) -> bytes:
    return b"D" + struct.pack("<d", value)


def _array(code: str, values: NDArray[Any]) -> bytes:
    data = values.tobytes()
    return code.encode() + struct.pack("<III", len(values), 0, len(data)) + data
