# SPDX-License-Identifier: GPL-3.0-or-later
"""The description beside a ``.blend`` of selected objects: what a ``.blend`` of single objects does not hold.

Blender writes it, the converter reads it: one line of JSON, then pixels, image after image.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ..paths import open_private

SUFFIX = ".selection"
SURFACES = frozenset({"MESH", "CURVE", "SURFACE", "FONT", "META"})
"""Types of objects that are sent, as meshes."""


class UnsavedImage(NamedTuple):
    """Pixels that are in no file: rows from the lowest up, four channels, a byte or a 32-bit float for each."""

    name: str
    width: int
    height: int
    is_float: bool
    pixels: bytes | memoryview


class Selection(NamedTuple):
    """``objects``: the name of each, and the file that it is linked from or nothing; the scene's frame; pixels."""

    objects: Sequence[tuple[str, str]]
    frame: int = 1
    subframe: float = 0.0
    images: Sequence[UnsavedImage] = ()


def selection_beside(blend: Path) -> Path:
    """Return where the description of a ``.blend`` is."""
    return blend.with_suffix(SUFFIX)


def write_selection(path: Path, selection: Selection) -> None:
    """Write a description; raises OSError."""
    images = [image._asdict() | {"pixels": memoryview(image.pixels).nbytes} for image in selection.images]
    document = json.dumps(selection._asdict() | {"images": images})
    with open(path, "wb", opener=open_private) as stream:
        stream.write(document.encode() + b"\n")
        for image in selection.images:
            stream.write(image.pixels)


def read_selection(path: Path) -> Selection:
    """Return what was written; raises OSError, and ValueError, KeyError or TypeError for anything else."""
    with path.open("rb") as stream:
        document = json.loads(stream.readline())
        images = [
            UnsavedImage(**(image | {"pixels": stream.read(image["pixels"])})) for image in document.pop("images")
        ]
    objects = [(str(name), str(library)) for name, library in document.pop("objects")]
    return Selection(objects, images=images, **document)
