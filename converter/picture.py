"""A picture from elsewhere, written anew as a small PNG: the artist's Blender then never opens the original."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import bpy

from converter.importers import ImportFailed

SIZE = 256


def write_anew(source: Path, target: Path, size: int = SIZE) -> None:
    """Write ``source`` as a PNG with no side longer than ``size``; raises ImportFailed, OSError, RuntimeError.

    ``target`` appears complete or not at all.
    """
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    image: Any = bpy.data.images.load(str(source))
    width, height = image.size
    if width < 1 or height < 1:
        raise ImportFailed("it is no picture")
    longest = max(width, height)
    if longest > size:
        image.scale(max(1, width * size // longest), max(1, height * size // longest))
    partial = target.with_name(f"{target.stem}.partial.png")
    image.file_format = "PNG"
    image.save(filepath=str(partial))
    os.replace(partial, target)
