"""Results of mesh tools as the service sends them: a GLB whose triangles are in another order, split at every corner,
scaled to 1 m and moved to the origin."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Triangles = NDArray[np.float64]


def triangles_of(objects: Sequence[Any], depsgraph: Any = None) -> Triangles:
    """World-space triangles (n, 3, 3) of Blender's mesh objects, evaluated when a dependency graph is given."""
    found: list[Any] = []
    for obj in objects:
        seen = obj.evaluated_get(depsgraph) if depsgraph is not None else obj
        mesh = seen.data
        mesh.calc_loop_triangles()
        points = np.array([tuple(seen.matrix_world @ one.co) for one in mesh.vertices])
        found.append(points[np.array([tuple(one.vertices) for one in mesh.loop_triangles])])
    return np.concatenate(found)


def normalised(triangles: Triangles) -> Triangles:
    """About the middle of the bounds, the longest side 1 m."""
    low, high = triangles.reshape(-1, 3).min(axis=0), triangles.reshape(-1, 3).max(axis=0)
    return (triangles - (low + high) / 2) / (high - low).max()


def uv_at(points: NDArray[Any]) -> NDArray[Any]:
    """The texture coordinate of a place in a normalised model, as Blender counts it."""
    return np.stack([points[..., 0] * 0.6 + 0.5, points[..., 1] * 0.3 + points[..., 2] * 0.3 + 0.5], axis=-1)


def write_textured(path: Path, triangles: Triangles, colours: Sequence[Any] = ((1, 0, 0, 1),), seed: int = 1) -> None:
    """Write triangles shuffled and split, with `uv_at` as UV map; the materials follow each other by height."""
    shuffled = normalised(triangles)[np.random.default_rng(seed).permutation(len(triangles))]
    heights = shuffled.mean(axis=1)[:, 2]
    bounds = np.quantile(heights, np.linspace(0, 1, len(colours) + 1)[1:-1])
    groups = [shuffled[np.digitize(heights, bounds) == number] for number in range(len(colours))]
    write_glb(path, {"model": [(one, uv_at(one)) for one in groups if len(one)]}, colours)


def write_glb(path: Path, nodes: dict[str, list[tuple[Triangles, Any]]], colours: Sequence[Any]) -> None:
    """Write nodes of primitives (triangles in Blender's axes, UV map); each has the material of its number."""
    binary = bytearray()
    views: list[Any] = []
    accessors: list[Any] = []

    def accessor(values: NDArray[Any], kind: str) -> int:
        data = np.ascontiguousarray(values, np.float32)
        views.append({"buffer": 0, "byteOffset": len(binary), "byteLength": data.nbytes})
        binary.extend(data.tobytes())
        bounds = {"min": data.min(axis=0).tolist(), "max": data.max(axis=0).tolist()}
        accessors.append(
            {"bufferView": len(views) - 1, "componentType": 5126, "count": len(data), "type": kind, **bounds}
        )
        return len(accessors) - 1

    meshes: list[Any] = []
    for name, primitives in nodes.items():
        made: list[Any] = []
        for number, (triangles, uv) in enumerate(primitives):
            points = triangles.reshape(-1, 3)
            attributes = {"POSITION": accessor(points[:, [0, 2, 1]] * (1, 1, -1), "VEC3")}
            if uv is not None:
                attributes["TEXCOORD_0"] = accessor(uv.reshape(-1, 2) * (1, -1) + (0, 1), "VEC2")
            made.append({"attributes": attributes, "material": number})
        meshes.append({"name": name, "primitives": made})
    document = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": list(range(len(meshes)))}],
        "nodes": [{"name": one["name"], "mesh": number} for number, one in enumerate(meshes)],
        "meshes": meshes,
        "materials": [
            {"name": f"look {number}", "pbrMetallicRoughness": {"baseColorFactor": list(colour)}}
            for number, colour in enumerate(colours)
        ],
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": len(binary)}],
    }
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    head = struct.pack("<4sIII4s", b"glTF", 2, 28 + len(text) + len(binary), len(text), b"JSON")
    path.write_bytes(head + text + struct.pack("<I4s", len(binary), b"BIN\0") + bytes(binary))
