"""Models of realistic sizes: the sandbox's geometry, with JPEG maps of 1024 to 4096 pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..models.glb_json import read_glb, write_glb

SIZES = {16_000: 1024, 250_000: 2048, 1_000_000: 4096}
"""Side of the maps in pixels, by the number of triangles."""
MAPS = ("color", "surface", "normal")


def save_maps(folder: Path, side: int) -> None:
    """Write the three maps of that size; runs in Blender. They are noise, so that they are as large as real ones."""
    import bpy
    import numpy as np

    random = np.random.default_rng(side)
    for name in MAPS:
        coarse = random.random((side // 32, side // 32, 3)).repeat(32, 0).repeat(32, 1)
        fine = random.random((side, side, 1)) * 0.03
        pixels = np.ones((side, side, 4), np.float32)
        pixels[:, :, :3] = coarse * 0.95 + fine
        image: Any = bpy.data.images.new(name, side, side)
        image.pixels.foreach_set(pixels.ravel())
        image.file_format = "JPEG"
        image.filepath_raw = str(folder / f"{name}-{side}.jpg")
        image.save(quality=85)
        bpy.data.images.remove(image)


def make_model(path: Path, triangles: int, maps: Path) -> Path:
    """Write a sandbox model with the maps of its size in the place of its own small ones; runs without Blender."""
    from sandbox.models import Recipe, build_model

    path.write_bytes(build_model(Recipe(words=f"a vase [triangles={triangles}]")))
    document, binary = read_glb(path)
    for image, name in zip(document["images"], MAPS, strict=True):
        data = (maps / f"{name}-{SIZES[triangles]}.jpg").read_bytes()
        view = document["bufferViews"][image["bufferView"]]
        view |= {"byteOffset": len(binary), "byteLength": len(data)}
        image["mimeType"] = "image/jpeg"
        binary += data + b"\0" * (-len(data) % 4)
    document["buffers"] = [{"byteLength": len(binary)}]
    return write_glb(path, document, binary)
