"""Models of many objects, written without Blender: each shows one of a few small meshes, or one of its own."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

from .glb_json import write_glb

_POINTS = struct.pack("<9f", 0, 0, 0, 1, 0, 0, 0, 1, 0) + struct.pack("<4H", 0, 1, 2, 0)


def write_many(path: Path, count: int, *, meshes: int = 1, **node: Any) -> Path:
    """Write a GLB of that many triangles in a square; ``node`` is what every node has besides."""
    nodes = [
        {"name": f"Part {number}", "mesh": number % meshes, "translation": [number % 60, 0, number // 60], **node}
        for number in range(count)
    ]
    primitive = {"attributes": {"POSITION": 0}, "indices": 1, "material": 0}
    document = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": list(range(count))}],
        "nodes": nodes,
        "meshes": [{"name": f"Mesh {number}", "primitives": [primitive]} for number in range(meshes)],
        "materials": [{"name": "Paint"}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0, 0, 0], "max": [1, 1, 0]},
            {"bufferView": 1, "componentType": 5123, "count": 3, "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": 36},
            {"buffer": 0, "byteOffset": 36, "byteLength": 6},
        ],
        "buffers": [{"byteLength": len(_POINTS)}],
    }
    return write_glb(path, document, _POINTS)
