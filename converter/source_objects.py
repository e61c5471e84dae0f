# SPDX-License-Identifier: GPL-3.0-or-later
"""Open the objects that a mesh tool works on: a selection as Blender wrote it, or a converted result."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import bpy
import numpy as np

from client.formats import handover
from client.formats.selection import Selection, UnsavedImage, read_selection, selection_beside
from converter import plain_objects


class ExportFailed(Exception):
    """There is nothing to work on; the text says why."""


def open_objects(source: Path) -> tuple[bpy.types.Scene, list[bpy.types.Object]]:
    """Open a ``.blend`` and return its scene and its objects, in the order in which they were selected, visible in it.

    ``source`` is a selection with its description beside it (`client.formats.selection`), or a converted result.
    Raises ExportFailed, OSError, RuntimeError.
    """
    bpy.ops.wm.open_mainfile(filepath=str(source), load_ui=False, use_scripts=False)
    scene = bpy.context.scene
    assert scene is not None
    described = selection_beside(source)
    objects = _restored(scene, read_selection(described)) if described.is_file() else _converted()
    _show(scene, objects)
    return scene, objects


def _restored(scene: bpy.types.Scene, selection: Selection) -> list[bpy.types.Object]:
    """Return the selected objects, with the scene's frame and the pixels that were not saved as they were."""
    paint_unsaved(selection)
    scene.frame_set(selection.frame, subframe=selection.subframe)
    present = {(one.name, _library(one)): one for one in bpy.data.objects}
    found: list[bpy.types.Object] = []
    for key in selection.objects:
        found += [present[key]] if key in present else _from_library(*key) if key[1] else []
    if not found:
        raise ExportFailed("its objects are gone")
    return list(dict.fromkeys(found))


def paint_unsaved(selection: Selection) -> None:
    """Put the pixels that were not saved into the images of the file that is open."""
    for unsaved in selection.images:
        image = bpy.data.images.get(unsaved.name)
        if image is not None:
            _paint(image, unsaved)


def _paint(image: Any, unsaved: UnsavedImage) -> None:
    """Put pixels into an image, which forgets the file that it came from."""
    space = image.colorspace_settings.name
    if image.packed_file is not None:
        image.unpack(method="REMOVE")
    image.source = "GENERATED"
    image.colorspace_settings.name = space
    image.generated_width, image.generated_height = unsaved.width, unsaved.height
    image.use_generated_float = unsaved.is_float
    pixels = np.frombuffer(unsaved.pixels, np.float32 if unsaved.is_float else np.uint8)
    image.pixels.foreach_set(pixels if unsaved.is_float else pixels.astype(np.float32) / np.float32(255))


def _library(block: bpy.types.ID) -> str:
    return bpy.path.abspath(block.library.filepath) if block.library is not None else ""


def _from_library(name: str, path: str) -> list[bpy.types.Object]:
    """Return an object of another file that came along only by what uses it; none when the file is not there."""
    with suppress(OSError), cast(Any, bpy.data.libraries).load(path, link=True) as (source, wanted):
        wanted.objects = [one for one in source.objects if one == name]
        return wanted.objects
    return []


def _converted() -> list[bpy.types.Object]:
    collection: bpy.types.Collection | None = bpy.data.collections.get(handover.COLLECTION)
    if collection is None:
        raise ExportFailed("its objects are gone")
    plain_objects.restore(collection)
    return [one for one in collection.all_objects if not one.get(handover.LEVEL)]


def _show(scene: bpy.types.Scene, objects: Sequence[bpy.types.Object]) -> None:
    """Put the objects into the scene, visible whatever they were."""
    view_layer = scene.view_layers[0]
    for obj in objects:
        if obj.name not in scene.collection.objects:
            scene.collection.objects.link(obj)
        obj.hide_viewport = False
        obj.hide_set(False, view_layer=view_layer)
