# SPDX-License-Identifier: GPL-3.0-or-later
"""Results no client should trust: wrong files under the right name, and GLBs that reach for other files."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable
from typing import Any

from .models.glb import pack_glb
from .models.png import encode_png_gray

HTML = b"<!DOCTYPE html><html><body><h1>Access denied</h1></body></html>"


def _zip(_: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("../../evil.py"), "raise SystemExit\n")
    return file.getvalue()


def _triangle(**extra: Any) -> dict[str, Any]:
    document: dict[str, Any] = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0, 0, 0], "max": [1, 1, 0]}
        ],
        "bufferViews": [{"buffer": 0, "byteLength": 36}],
        "buffers": [{"byteLength": 36}],
    }
    return document | extra


_CORNERS = struct.pack("<9f", 0, 0, 0, 1, 0, 0, 0, 1, 0)


def _outside_image(uri: str) -> Callable[[bytes], bytes]:
    def make(_: bytes) -> bytes:
        primitive = {"attributes": {"POSITION": 0}, "material": 0}
        extra: dict[str, Any] = {
            "meshes": [{"primitives": [primitive]}],
            "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}],
            "textures": [{"source": 0}],
            "images": [{"uri": uri}],
        }
        return pack_glb(_triangle(**extra), _CORNERS)

    return make


def _outside_buffer(_: bytes) -> bytes:
    return pack_glb(_triangle(buffers=[{"byteLength": 36, "uri": "../../../../../../etc/passwd"}]))


def _accessor_past_end(_: bytes) -> bytes:
    document = _triangle()
    document["accessors"][0]["count"] = 2**31 - 1
    return pack_glb(document, _CORNERS)


def _wrong_length_field(original: bytes) -> bytes:
    return original[:8] + struct.pack("<I", 2**32 - 1) + original[12:]


CONTENTS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda original: b"",
    "html": lambda original: HTML,
    "random": lambda original: random.Random(7).randbytes(5000),
    "zip": _zip,
    "png": lambda original: encode_png_gray(8, 8),
    "truncated_glb": lambda original: original[: len(original) * 2 // 3],
    "glb_wrong_length": _wrong_length_field,
    "glb_no_mesh": lambda original: pack_glb({"asset": {"version": "2.0"}, "scenes": [{}], "scene": 0}),
    "glb_bad_json": lambda original: original[:20] + b"{" * 40 + original[60:],
    "glb_accessor_past_end": _accessor_past_end,
    "glb_outside_image": _outside_image("../../../../../../etc/hostname"),
    "glb_file_url_image": _outside_image("file:///etc/hostname"),
    "glb_http_image": _outside_image("http://127.0.0.1:9/leak.png"),
    "glb_outside_buffer": _outside_buffer,
}
