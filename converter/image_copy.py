# SPDX-License-Identifier: GPL-3.0-or-later
"""Write images anew: as a small PNG, or flattened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from client.files import disk
from converter.importers import ImportFailed

SIZE = 256
QUALITY = 95
"""Of a flattened image, in per cent."""


def write_anew(source: Path, target: Path) -> None:
    """Write ``source`` as a PNG with no side longer than SIZE; raises ImportFailed, OSError, RuntimeError.

    ``target`` appears complete or not at all.
    """
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    image: Any = bpy.data.images.load(str(source))
    width, height = image.size
    if width < 1 or height < 1:
        raise ImportFailed("it is no image")
    longest = max(width, height)
    if longest > SIZE:
        image.scale(max(1, width * SIZE // longest), max(1, height * SIZE // longest))
    partial = target.with_name(f"{target.stem}.partial.png")
    image.file_format = "PNG"
    image.save(filepath=str(partial))
    disk.replace(partial, target)


def flatten(source: Path, target: Path, background: str) -> None:
    """Write ``source`` as a JPEG, with a colour ("#rrggbb") behind what is transparent.

    Raises ImportFailed, OSError, RuntimeError. ``target`` appears complete or not at all.
    """
    import numpy as np

    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    image: Any = bpy.data.images.load(str(source))
    image.colorspace_settings.name = "Non-Color"  # the values as they are stored, with 16 bits too
    width, height = image.size
    if width < 1 or height < 1:
        raise ImportFailed("it is no image")
    stored = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(stored)
    pixels = stored.reshape(-1, 4)
    colour = np.frombuffer(bytes.fromhex(background.removeprefix("#")), np.uint8).astype(np.float32) / 255
    pixels[:, :3] = colour + (pixels[:, :3] - colour) * pixels[:, 3:]
    pixels[:, 3] = 1.0
    flat: Any = bpy.data.images.new("flat", width, height, alpha=False)
    flat.pixels.foreach_set(stored)
    partial = target.with_name(f"{target.stem}.partial.jpg")
    flat.file_format = "JPEG"
    flat.save(filepath=str(partial), quality=QUALITY)
    disk.replace(partial, target)
