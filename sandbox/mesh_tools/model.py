# SPDX-License-Identifier: GPL-3.0-or-later
"""A model as triangles in one space, and how it is read from the formats that the service takes."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .fbx import read_fbx

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_COMPONENTS = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
_TRIANGLES = 4


class UnreadableModel(ValueError):
    """The bytes are no model of the format that they are named after, or one without faces."""


@dataclass(frozen=True)
class Piece:
    """One mesh with one material: positions (n, 3), faces (m, 3 or 4), texture coordinates (n, 2) with v downwards as
    in glTF, if there are any, and the number of its material, -1 for none."""

    name: str
    positions: Floats
    faces: Ints
    uvs: Floats | None = None
    material: int = -1


@dataclass(frozen=True)
class Look:
    """A material: its linear base colour, and the images of it and of its normals, if there are any."""

    name: str
    color: tuple[float, float, float] = (0.8, 0.8, 0.8)
    image: bytes = b""
    normal: bytes = b""


@dataclass(frozen=True)
class Model:
    """What was sent, or what was made of it."""

    pieces: list[Piece]
    looks: list[Look] = field(default_factory=list[Look])

    @property
    def face_count(self) -> int:
        return sum(len(piece.faces) for piece in self.pieces)


def read_model(data: bytes, suffix: str) -> Model:
    """Read a file by its ending: .glb, .fbx, .obj or .stl. Raises UnreadableModel."""
    readers = {".glb": _read_glb, ".fbx": _read_fbx, ".obj": _read_obj, ".stl": _read_stl}
    try:
        model = readers[suffix](data)
    except (LookupError, ValueError, TypeError, struct.error, AttributeError) as error:
        raise UnreadableModel(f"the file is not a readable {suffix} model") from error
    if not model.face_count:
        raise UnreadableModel("the model has no faces")
    return model


def _read_glb(data: bytes) -> Model:
    magic, version, length = struct.unpack_from("<III", data)
    if (magic, version) != (0x46546C67, 2) or length > len(data):
        raise ValueError("not a whole binary glTF 2.0")
    size = struct.unpack_from("<I", data, 12)[0]
    reader = _Gltf(json.loads(data[20 : 20 + size]), memoryview(data)[28 + size :])
    return Model(list(reader.pieces()), [reader.look(value) for value in reader.document.get("materials", [])])


class _Gltf:
    """Reads what is in a glTF document and its one buffer."""

    def __init__(self, document: dict[str, Any], binary: memoryview) -> None:
        self.document = document
        self._binary = binary

    def pieces(self) -> Iterator[Piece]:
        """Everything in the scene, transforms applied."""
        scene = self.document["scenes"][self.document.get("scene", 0)]
        waiting = [(number, np.eye(4)) for number in reversed(scene["nodes"])]
        while waiting:
            number, above = waiting.pop()
            node = self.document["nodes"][number]
            matrix = above @ _matrix(node)
            waiting += [(child, matrix) for child in reversed(node.get("children", []))]
            if "mesh" not in node:
                continue
            mesh = self.document["meshes"][node["mesh"]]
            for primitive in mesh["primitives"]:
                if primitive.get("mode", _TRIANGLES) == _TRIANGLES:
                    yield self._piece(node.get("name") or mesh.get("name") or "mesh", primitive, matrix)

    def _piece(self, name: str, primitive: dict[str, Any], matrix: Floats) -> Piece:
        attributes = primitive["attributes"]
        positions = self._values(attributes["POSITION"]).astype(float) @ matrix[:3, :3].T + matrix[:3, 3]
        if "indices" in primitive:
            faces = self._values(primitive["indices"]).reshape(-1, 3).astype(np.int64)
        else:
            faces = np.arange(len(positions)).reshape(-1, 3)
        if np.linalg.det(matrix[:3, :3]) < 0:
            faces = faces[:, ::-1]
        uvs = self._values(attributes["TEXCOORD_0"]).astype(float) if "TEXCOORD_0" in attributes else None
        return Piece(name, positions, faces, uvs, primitive.get("material", -1))

    def look(self, material: dict[str, Any]) -> Look:
        surface = material.get("pbrMetallicRoughness", {})
        red, green, blue = surface.get("baseColorFactor", [1.0, 1.0, 1.0, 1.0])[:3]
        image, normal = self._image(surface.get("baseColorTexture")), self._image(material.get("normalTexture"))
        return Look(material.get("name", "Material"), (red, green, blue), image, normal)

    def _image(self, texture: dict[str, Any] | None) -> bytes:
        if not texture:
            return b""
        source = self.document["images"][self.document["textures"][texture["index"]]["source"]]
        return bytes(self._view(source["bufferView"])) if "bufferView" in source else b""

    def _view(self, number: int) -> memoryview:
        view = self.document["bufferViews"][number]
        start = view.get("byteOffset", 0)
        return self._binary[start : start + view["byteLength"]]

    def _values(self, number: int) -> NDArray[Any]:
        accessor = self.document["accessors"][number]
        kind = np.dtype(_COMPONENTS[accessor["componentType"]])
        width, count = _WIDTHS[accessor["type"]], accessor["count"]
        view = self.document["bufferViews"][accessor["bufferView"]]
        stride = view.get("byteStride", kind.itemsize * width)
        start = accessor.get("byteOffset", 0)
        data = self._view(accessor["bufferView"])
        return np.ndarray((count, width), kind, data, start, (stride, kind.itemsize))


def _matrix(node: dict[str, Any]) -> Floats:
    if "matrix" in node:
        return np.array(node["matrix"], float).reshape(4, 4).T
    x, y, z, w = node.get("rotation", (0.0, 0.0, 0.0, 1.0))
    turn = np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ])  # fmt: skip
    matrix = np.eye(4)
    matrix[:3, :3] = turn * np.array(node.get("scale", (1.0, 1.0, 1.0)))
    matrix[:3, 3] = node.get("translation", (0.0, 0.0, 0.0))
    return matrix


def _read_fbx(data: bytes) -> Model:
    return Model([Piece(name, positions, fans(polygons)) for name, positions, polygons in read_fbx(data)])


def _read_obj(data: bytes) -> Model:
    """Positions and faces; +Y is up, as most programs write it."""
    points: list[list[float]] = []
    polygons: list[list[int]] = []
    for line in data.decode("utf-8", errors="replace").splitlines():
        words = line.split()
        if words[:1] == ["v"]:
            points.append([float(word) for word in words[1:4]])
        elif words[:1] == ["f"]:
            corners = [int(word.split("/")[0]) for word in words[1:]]
            polygons.append([corner - 1 if corner > 0 else len(points) + corner for corner in corners])
    faces = fans(polygons)
    if len(faces) and not 0 <= faces.min() <= faces.max() < len(points):
        raise ValueError("a face has a corner that is not there")
    return Model([Piece("model", np.array(points, float).reshape(-1, 3), faces)])


def _read_stl(data: bytes) -> Model:
    """+Z is up in it. Corners at one place become one vertex."""
    count = struct.unpack_from("<I", data, 80)[0] if len(data) >= 84 else -1
    if len(data) == 84 + 50 * count:
        record = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("spare", "<u2")])
        corners = np.frombuffer(data, record, count, 84)["corners"].reshape(-1, 3).astype(float)
    elif data.lstrip()[:5] == b"solid":
        words = [line.split() for line in data.decode("latin-1").splitlines()]
        corners = np.array([word[1:4] for word in words if word[:1] == ["vertex"]], float).reshape(-1, 3)
    else:
        raise ValueError("neither a binary nor a text STL")
    positions, faces = np.unique(corners[:, [0, 2, 1]] * (1, 1, -1), axis=0, return_inverse=True)
    return Model([Piece("model", positions.astype(np.float64), faces.reshape(-1, 3))])


def fans(polygons: list[list[int]]) -> Ints:
    """Polygons as triangles."""
    found = [(one[0], one[at], one[at + 1]) for one in polygons for at in range(1, len(one) - 1)]
    return np.array(found, np.int64).reshape(-1, 3)
