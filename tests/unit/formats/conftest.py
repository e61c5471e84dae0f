"""Model files of every format, made by hand: small, valid, and easy to spoil."""

from __future__ import annotations

import base64
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Json = dict[str, Any]

POSITIONS = struct.pack("<12f", 0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0)
INDICES = struct.pack("<6H", 0, 1, 2, 0, 2, 3)
TIMES = struct.pack("<2f", 0, 1)
MOVES = struct.pack("<6f", 0, 0, 0, 1, 0, 0)


def png(width: int = 2, height: int = 2, filling: bytes = b"\x80\x80\x80") -> bytes:
    """A PNG; the pixels are only there for the size that `filling` fits."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = b"".join(b"\0" + filling * min(width, 64) for _ in range(min(height, 64)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def pack_glb(document: Json, binary: bytes = b"") -> bytes:
    """A GLB with a right header for whatever it is given."""
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    binary += b"\0" * (-len(binary) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text
    if binary:
        chunks += struct.pack("<I4s", len(binary), b"BIN\0") + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def scene() -> tuple[Json, bytes]:
    """A textured, animated quad of two triangles with a sparse morph target: document and binary chunk."""
    image = png()
    parts = [POSITIONS, INDICES, TIMES, MOVES, struct.pack("<H", 2), struct.pack("<3f", 0, 0, 1), image]
    views: list[Json] = []
    binary = b""
    for part in parts:
        binary += b"\0" * (-len(binary) % 4)
        views.append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(part)})
        binary += part
    sparse = {
        "count": 1,
        "indices": {"bufferView": 4, "componentType": 5123},
        "values": {"bufferView": 5},
    }
    document: Json = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "children": [1]}, {"name": "child"}],
        "meshes": [
            {
                "primitives": [
                    {
                        "attributes": {"POSITION": 0},
                        "indices": 1,
                        "material": 0,
                        "targets": [{"POSITION": 4}],
                    }
                ]
            }
        ],
        "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}],
        "textures": [{"source": 0, "sampler": 0}],
        "samplers": [{}],
        "images": [{"bufferView": 6, "mimeType": "image/png"}],
        "animations": [
            {
                "channels": [{"sampler": 0, "target": {"node": 1, "path": "translation"}}],
                "samplers": [{"input": 2, "output": 3}],
            }
        ],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3"},
            {"bufferView": 1, "componentType": 5123, "count": 6, "type": "SCALAR"},
            {"bufferView": 2, "componentType": 5126, "count": 2, "type": "SCALAR"},
            {"bufferView": 3, "componentType": 5126, "count": 2, "type": "VEC3"},
            {"componentType": 5126, "count": 4, "type": "VEC3", "sparse": sparse},
        ],
        "bufferViews": views,
        "buffers": [{"byteLength": len(binary)}],
    }
    return document, binary


def meshopt_scene() -> tuple[Json, bytes]:
    """A document as a compressor writes it; the stream itself is not looked at by these checks."""
    name = "EXT_meshopt_compression"
    stream = {"buffer": 0, "byteLength": 40, "byteStride": 12, "count": 4, "mode": "ATTRIBUTES"}
    document: Json = {
        "asset": {"version": "2.0"},
        "extensionsUsed": [name],
        "extensionsRequired": [name],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3"}],
        "bufferViews": [{"buffer": 1, "byteLength": 48, "byteStride": 12, "extensions": {name: stream}}],
        "buffers": [{"byteLength": 40}, {"byteLength": 48, "extensions": {name: {"fallback": True}}}],
    }
    return document, bytes(40)


def gltf_with_data_uri() -> bytes:
    """A glTF file that embeds its buffer as text."""
    document, binary = scene()
    document["buffers"][0]["uri"] = "data:application/octet-stream;base64," + base64.b64encode(binary).decode()
    return json.dumps(document).encode()


def pack_zip(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of the given files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return target.getvalue()


def gltf_files() -> dict[str, bytes]:
    """A glTF file with its buffer and image beside it."""
    document, binary = scene()
    document["buffers"][0]["uri"] = "model%20data.bin"
    document["images"] = [{"uri": "textures/wood.png"}]
    return {
        "scene.gltf": json.dumps(document).encode(),
        "model data.bin": binary,
        "textures/wood.png": png(4, 4),
    }


def pack_fbx(text: bytes = b"mesh") -> bytes:
    """The start of a binary FBX, and a string as it holds them."""
    head = b"Kaydara FBX Binary  \x00\x1a\x00" + struct.pack("<I", 7400)
    return head + b"S" + struct.pack("<I", len(text)) + text + bytes(13)


OBJ = b"# made by hand\nmtllib box.mtl\no box\nv 0 0 0\nv 1 0 0\nv 0 1 0\nusemtl wood\nf 1 2 3\n"
MTL = b"newmtl wood\nKd 1 1 1\nmap_Kd textures/wood.png\n"
STL = bytes(80) + struct.pack("<I", 2) + bytes(100)
STL_TEXT = b"solid x\n facet normal 0 0 1\n  outer loop\n   vertex 0 0 0\n   vertex 1 0 0\n   vertex 0 1 0\n" + (
    b"  endloop\n endfacet\nendsolid x\n"
)
USDA = b'#usda 1.0\ndef Xform "a" (references = @./parts/b.usda@) {}\n'


def samples() -> dict[str, bytes]:
    """One valid file of each kind that `inspect` accepts."""
    return {
        "GLB": pack_glb(*scene()),
        "GLB meshopt": pack_glb(*meshopt_scene()),
        "glTF": gltf_with_data_uri(),
        "ZIP of glTF": pack_zip(gltf_files()),
        "ZIP of OBJ": pack_zip({"box.obj": OBJ, "box.mtl": MTL, "textures/wood.png": png()}),
        "USDZ": pack_zip({"a.usda": USDA, "wood.png": png()}, zipfile.ZIP_STORED),
        "3MF": pack_zip({"[Content_Types].xml": b"<Types/>", "3D/3dmodel.model": b"<model/>"}),
        "FBX": pack_fbx(),
        "FBX text": b"; FBX 7.4.0 project file\nFBXHeaderExtension:  {\n}\n",
        "OBJ": OBJ,
        "STL": STL,
        "STL text": STL_TEXT,
        "USDA": USDA,
        "USDC": b"PXR-USDC" + bytes(80),
    }


class Kit:
    """What the tests build files with."""

    png = staticmethod(png)
    pack_glb = staticmethod(pack_glb)
    pack_zip = staticmethod(pack_zip)
    pack_fbx = staticmethod(pack_fbx)
    scene = staticmethod(scene)
    meshopt_scene = staticmethod(meshopt_scene)
    gltf_files = staticmethod(gltf_files)
    samples = staticmethod(samples)
    OBJ, MTL = OBJ, MTL


@pytest.fixture
def kit() -> type[Kit]:
    """The functions above: test files cannot import each other."""
    return Kit


@pytest.fixture
def write(tmp_path: Path) -> Callable[[bytes], Path]:
    """Write bytes to a file whose name says nothing."""

    def _write(data: bytes) -> Path:
        path = tmp_path / "download"
        path.write_bytes(data)
        return path

    return _write
