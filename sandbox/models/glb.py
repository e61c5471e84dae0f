# SPDX-License-Identifier: GPL-3.0-or-later
"""Binary glTF 2.0 out of meshes and maps, by the Khronos glTF 2.0 specification."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .mesh import Mesh

FLOAT, UNSIGNED_SHORT, UNSIGNED_INT = 5126, 5123, 5125
ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963


@dataclass(frozen=True)
class Material:
    """Factors, and PNG bytes for the maps there are. Colours of factors are linear RGB."""

    name: str
    color: tuple[float, float, float] = (1.0, 1.0, 1.0)
    metallic: float = 0.0
    roughness: float = 1.0
    base_color: bytes | None = None
    metallic_roughness: bytes | None = None
    normal: bytes | None = None
    emissive: bytes | None = None


@dataclass(frozen=True)
class Node:
    """One object: a mesh of one or more primitives, each with the number of its material."""

    name: str
    primitives: tuple[tuple[Mesh, int], ...]


@dataclass
class _Writer:
    with_uv: bool
    binary: bytearray = field(default_factory=bytearray)
    views: list[dict[str, Any]] = field(default_factory=list)
    accessors: list[dict[str, Any]] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    textures: list[dict[str, Any]] = field(default_factory=list)

    def view(self, data: bytes, target: int | None = None) -> int:
        self.binary += b"\0" * (-len(self.binary) % 4)
        view: dict[str, Any] = {"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(data)}
        if target is not None:
            view["target"] = target
        self.binary += data
        self.views.append(view)
        return len(self.views) - 1

    def accessor(self, values: NDArray[Any], kind: str, component: int, target: int, bounds: bool = False) -> int:
        accessor: dict[str, Any] = {
            "bufferView": self.view(np.ascontiguousarray(values).tobytes(), target),
            "componentType": component,
            "count": len(values),
            "type": kind,
        }
        if bounds:
            accessor["min"] = [float(value) for value in values.min(axis=0)]
            accessor["max"] = [float(value) for value in values.max(axis=0)]
        self.accessors.append(accessor)
        return len(self.accessors) - 1

    def texture(self, name: str, png: bytes) -> dict[str, int]:
        kind = "image/png" if png.startswith(b"\x89PNG") else "image/jpeg"
        self.images.append({"name": name, "mimeType": kind, "bufferView": self.view(png)})
        self.textures.append({"sampler": 0, "source": len(self.images) - 1})
        return {"index": len(self.textures) - 1}

    def primitive(self, mesh: Mesh, material: int, with_tangents: bool) -> dict[str, Any]:
        def vectors(values: NDArray[np.float64], kind: str, bounds: bool = False) -> int:
            return self.accessor(values.astype("<f4"), kind, FLOAT, ARRAY_BUFFER, bounds)

        attributes = {
            "POSITION": vectors(mesh.positions, "VEC3", bounds=True),
            "NORMAL": vectors(mesh.normals, "VEC3"),
        }
        if self.with_uv:
            attributes["TEXCOORD_0"] = vectors(mesh.uvs, "VEC2")
        if with_tangents:
            # glTF's v runs down, the bitangent of its tangent space runs up.
            upward = replace(mesh, uvs=mesh.uvs * (1, -1))
            attributes["TANGENT"] = vectors(upward.tangents(), "VEC4")
        short = len(mesh.positions) < 65535
        indices = mesh.faces.reshape(-1).astype("<u2" if short else "<u4")
        component = UNSIGNED_SHORT if short else UNSIGNED_INT
        return {
            "attributes": attributes,
            "indices": self.accessor(indices, "SCALAR", component, ELEMENT_ARRAY_BUFFER),
            "material": material,
        }

    def material(self, material: Material) -> dict[str, Any]:
        surface: dict[str, Any] = {}
        value: dict[str, Any] = {"name": material.name, "pbrMetallicRoughness": surface}
        if material.color != (1.0, 1.0, 1.0):
            surface["baseColorFactor"] = [*(round(part, 4) for part in material.color), 1.0]
        if material.base_color is not None:
            surface["baseColorTexture"] = self.texture(f"{material.name}_base_color", material.base_color)
        if material.metallic_roughness is not None:
            name = f"{material.name}_metallic_roughness"
            surface["metallicRoughnessTexture"] = self.texture(name, material.metallic_roughness)
        surface["metallicFactor"], surface["roughnessFactor"] = material.metallic, material.roughness
        if material.normal is not None:
            value["normalTexture"] = self.texture(f"{material.name}_normal", material.normal)
        if material.emissive is not None:
            value["emissiveTexture"] = self.texture(f"{material.name}_emissive", material.emissive)
            value["emissiveFactor"] = [1.0, 1.0, 1.0]
        return value


def encode_glb(nodes: list[Node], materials: list[Material], *, with_uv: bool, root: str = "") -> bytes:
    """One GLB. With `root` the nodes become children of one empty of that name."""
    writer = _Writer(with_uv)
    document: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "Tripo sandbox"},
        "scene": 0,
        "scenes": [{"name": "Scene", "nodes": list(range(len(nodes)))}],
        "nodes": [{"name": node.name, "mesh": index} for index, node in enumerate(nodes)],
        "meshes": [
            {
                "name": node.name,
                "primitives": [
                    writer.primitive(mesh, number, materials[number].normal is not None)
                    for mesh, number in node.primitives
                ],
            }
            for node in nodes
        ],
        "materials": [writer.material(material) for material in materials],
    }
    if root:
        document["nodes"].append({"name": root, "children": list(range(len(nodes)))})
        document["scenes"][0]["nodes"] = [len(nodes)]
    if writer.images:
        document |= {
            "images": writer.images,
            "textures": writer.textures,
            "samplers": [{"magFilter": 9729, "minFilter": 9987, "wrapS": 33071, "wrapT": 33071}],
        }
    writer.binary += b"\0" * (-len(writer.binary) % 4)
    document |= {
        "accessors": writer.accessors,
        "bufferViews": writer.views,
        "buffers": [{"byteLength": len(writer.binary)}],
    }
    return pack_glb(document, bytes(writer.binary))


def pack_glb(document: dict[str, Any], binary: bytes = b"") -> bytes:
    """A GLB container around any JSON, fit or unfit."""
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text
    if binary:
        binary += b"\0" * (-len(binary) % 4)
        chunks += struct.pack("<II", len(binary), 0x004E4942) + binary
    return struct.pack("<III", 0x46546C67, 2, 12 + len(chunks)) + chunks
