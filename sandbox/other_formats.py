# SPDX-License-Identifier: GPL-3.0-or-later
"""A model's other files, made from its GLB: a ZIP of OBJ, MTL and textures, an STL, an FBX.

They hold what this package's own GLBs hold: nodes without transforms, triangles, PNG maps. The FBX is the geometry
alone, in the binary form 7.4 that Blender reads.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_COMPONENTS: dict[int, str] = {5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}


@dataclass(frozen=True)
class Piece:
    """One primitive: positions and faces, texture coordinates if there are any, the number of its material."""

    name: str
    positions: Floats
    faces: Ints
    uvs: Floats | None
    material: int


@dataclass(frozen=True)
class Contents:
    """What is in a GLB. `images` are PNG bytes by the name of the material and what they are for."""

    pieces: list[Piece]
    materials: list[dict[str, Any]]
    images: dict[tuple[int, str], bytes]


def read_glb(glb: bytes) -> Contents:
    """Read a GLB of this package's own."""
    length = struct.unpack_from("<I", glb, 12)[0]
    document: dict[str, Any] = json.loads(glb[20 : 20 + length])
    binary = glb[28 + length :]

    def view(number: int) -> bytes:
        found = document["bufferViews"][number]
        return binary[found["byteOffset"] : found["byteOffset"] + found["byteLength"]]

    def values(number: int) -> NDArray[Any]:
        accessor = document["accessors"][number]
        flat = np.frombuffer(view(accessor["bufferView"]), _COMPONENTS[accessor["componentType"]])
        return flat.reshape(accessor["count"], _WIDTHS[accessor["type"]])

    pieces: list[Piece] = []
    for mesh in document["meshes"]:
        for primitive in mesh["primitives"]:
            attributes = primitive["attributes"]
            uvs = values(attributes["TEXCOORD_0"]).astype(float) if "TEXCOORD_0" in attributes else None
            positions = values(attributes["POSITION"]).astype(float)
            faces = values(primitive["indices"]).reshape(-1, 3).astype(np.int64)
            pieces.append(Piece(mesh["name"], positions, faces, uvs, primitive["material"]))
    images: dict[tuple[int, str], bytes] = {}
    for number, material in enumerate(document["materials"]):
        for use, texture in (
            ("map_Kd", material["pbrMetallicRoughness"].get("baseColorTexture")),
            ("map_Bump", material.get("normalTexture")),
        ):
            if texture is not None:
                image = document["images"][document["textures"][texture["index"]]["source"]]
                images[number, use] = view(image["bufferView"])
    return Contents(pieces, document["materials"], images)


def archive_of(glb: bytes) -> bytes:
    """A ZIP with `model.obj`, `model.mtl` and `textures/`."""
    contents = read_glb(glb)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:

        def write(name: str, data: bytes | str) -> None:
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)

        write("model.obj", _obj(contents))
        write("model.mtl", _mtl(contents))
        for (number, use), png in contents.images.items():
            write(f"textures/{_texture(number, use)}", png)
    return file.getvalue()


def _texture(number: int, use: str) -> str:
    return f"material_{number}_{'base_color' if use == 'map_Kd' else 'normal'}.png"


def _obj(contents: Contents) -> str:
    lines = ["mtllib model.mtl"]
    seen = mapped = 1
    for piece in contents.pieces:
        lines += [f"o {piece.name}", *(f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in piece.positions)]
        if piece.uvs is not None:  # glTF counts v from the top, OBJ from the bottom
            lines += [f"vt {u:.6f} {1 - v:.6f}" for u, v in piece.uvs]
        lines.append(f"usemtl material_{piece.material}")
        for face in piece.faces:
            corners = (f"{seen + i}/{mapped + i}" if piece.uvs is not None else f"{seen + i}" for i in face)
            lines.append(f"f {' '.join(corners)}")
        seen += len(piece.positions)
        mapped += 0 if piece.uvs is None else len(piece.uvs)
    return "\n".join([*lines, ""])


def _mtl(contents: Contents) -> str:
    lines: list[str] = []
    for number, material in enumerate(contents.materials):
        color = material["pbrMetallicRoughness"].get("baseColorFactor", [1.0, 1.0, 1.0])
        lines += [f"newmtl material_{number}", f"Kd {color[0]:.4f} {color[1]:.4f} {color[2]:.4f}"]
        lines += [f"{use} textures/{_texture(number, use)}" for at, use in contents.images if at == number]
    return "\n".join([*lines, ""])


def stl_of(glb: bytes) -> bytes:
    """A binary STL; turned, since there +Z is up."""
    pieces = read_glb(glb).pieces
    corners = np.concatenate([piece.positions[piece.faces] for piece in pieces])[..., [0, 2, 1]] * (1, -1, 1)
    record = np.zeros(len(corners), np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("spare", "<u2")]))
    record["corners"] = corners
    return b"made by the sandbox".ljust(80) + struct.pack("<I", len(corners)) + record.tobytes()


def fbx_of(glb: bytes) -> bytes:
    """A binary FBX of the geometry in a GLB of this package's own."""
    return fbx_from([(piece.name, piece.positions, piece.faces, None) for piece in read_glb(glb).pieces])


def fbx_from(pieces: Sequence[tuple[str, Floats, Ints, Floats | None]]) -> bytes:
    """A binary FBX 7.4 with a mesh for each name, positions, faces of three or four corners and texture coordinates,
    if there are any; +Y up, in metres."""
    header = b"Kaydara FBX Binary  \0\x1a\0" + struct.pack("<I", 7400)
    settings = [("UpAxis", 1), ("UpAxisSign", 1), ("FrontAxis", 2), ("FrontAxisSign", 1), ("CoordAxis", 0)]
    properties = [_Node("P", _text(name), _text("int"), _text("Integer"), _text(""), _int(value))
                  for name, value in settings]  # fmt: skip
    scale = _Node("P", _text("UnitScaleFactor"), _text("double"), _text("Number"), _text(""), _double(100.0))
    top = [_Node("GlobalSettings", children=(_Node("Properties70", children=(*properties, scale)),))]
    geometry: list[_Node] = []
    links: list[_Node] = []
    for number, (name, positions, faces, uvs) in enumerate(pieces):
        shape, thing = 1000 + number, 1000 + len(pieces) + number
        ends = faces.copy()
        ends[:, -1] = -ends[:, -1] - 1  # the last corner of a polygon is written as its complement
        layers = () if uvs is None else _uv_layer(faces, uvs)
        geometry.append(_Node(
            "Geometry", _long(shape), _text(f"{name}\0\1Geometry"), _text("Mesh"),
            children=(
                _Node("Vertices", _array("d", positions.astype("<f8").ravel())),
                _Node("PolygonVertexIndex", _array("i", ends.astype("<i4").ravel())),
                _Node("GeometryVersion", _int(124)),
                *layers,
            ),
        ))  # fmt: skip
        geometry.append(_Node("Model", _long(thing), _text(f"{name}\0\1Model"), _text("Mesh"),
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
