"""Just enough of meshopt's encoders to make small files: nothing gets smaller, every byte is stored as it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .glb_json import Json, read_glb, write_glb

NAME = "EXT_meshopt_compression"
SIZES = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}


def attributes(data: bytes, count: int, stride: int) -> bytes:
    """An ATTRIBUTES stream of version 0 with eight bits for each delta."""
    values = np.frombuffer(data, np.uint8, count * stride).reshape(count, stride)
    deltas = np.diff(values, axis=0, prepend=values[:1]).view(np.int8)
    codes = ((deltas.astype(np.int16) << 1) ^ (deltas.astype(np.int16) >> 7)).astype(np.uint8)
    size = min(8192 // stride & ~15, 256)
    stream = bytearray(b"\xa0")
    for first in range(0, count, size):
        block = codes[first : first + size]
        groups = -(-len(block) // 16)
        filled = np.zeros((groups * 16, stride), np.uint8)
        filled[: len(block)] = block
        for lane in range(stride):
            stream += b"\xff" * -(-groups // 4) + filled[:, lane].tobytes()
    return bytes(stream) + bytes(max(0, 32 - stride)) + values[0].tobytes()


def indices(values: list[int]) -> bytes:
    """An INDICES stream of version 1."""
    stream, last = bytearray(b"\xd1"), 0
    for value in values:
        delta, last = value - last, value
        code = ((delta << 1) ^ (delta >> 31)) << 1
        while code > 127:
            stream.append(code & 127 | 128)
            code >>= 7
        stream.append(code)
    return bytes(stream) + bytes(4)


def compress(source: Path, target: Path) -> Path:
    """Write a GLB of Blender's exporter with its vertices and indices as meshopt streams."""
    document, binary = read_glb(source)
    users: dict[int, Json] = {one["bufferView"]: one for one in document["accessors"] if "bufferView" in one}
    faces = {part.get("indices") for mesh in document["meshes"] for part in mesh["primitives"]}
    parts = bytearray()
    for number, view in enumerate(document["bufferViews"]):
        start = view.get("byteOffset", 0)
        data = binary[start : start + view["byteLength"]]
        user = users.get(number)
        if user is not None:
            stride = len(data) // user["count"]
            is_index = document["accessors"].index(user) in faces
            if is_index:
                packed = indices(np.frombuffer(data, f"<u{SIZES[user['componentType']]}").tolist())
            elif stride % 4 == 0:
                packed = attributes(data, user["count"], stride)
            else:
                packed = b""
            if packed:
                stream = {"buffer": 0, "byteOffset": len(parts), "byteLength": len(packed), "byteStride": stride}
                stream |= {"count": user["count"], "mode": "INDICES" if is_index else "ATTRIBUTES"}
                view |= {"buffer": 1, "extensions": {NAME: stream}}
                data = packed
        if "extensions" not in view:
            view["byteOffset"] = len(parts)
        parts += data + bytes(-len(data) % 4)
    fallback = {"byteLength": len(binary), "extensions": {NAME: {"fallback": True}}}
    document["buffers"] = [{"byteLength": len(parts)}, fallback]
    for key in ("extensionsUsed", "extensionsRequired"):
        document.setdefault(key, []).append(NAME)
    return write_glb(target, document, bytes(parts))
