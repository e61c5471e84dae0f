"""One conversion: an empty file, Blender's own importer, one collection, one ``.blend``."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import bpy

from client import handover
from converter import bounds, gather, importers, surface
from converter.importers import ImportFailed

__all__ = ["Cleaning", "ImportFailed", "Units", "build"]


@dataclass(frozen=True)
class Units:
    """What importers ask the scene for: the frame rate for keyframes, metres per unit for sizes."""

    fps: int = 24
    fps_base: float = 1.0
    scale_length: float = 1.0


@dataclass(frozen=True)
class Cleaning:
    """What is done to the meshes: merged below a distance in metres, shaded smooth below an angle in radians."""

    merge_distance: float | None = None
    smooth_angle: float | None = None


def build(source: Path, target: Path, units: Units | None = None, cleaning: Cleaning | None = None) -> None:
    """Import ``source`` and write ``target`` holding one collection to append; raises ImportFailed.

    ``target`` appears complete or not at all. It is not compressed: the artist's Blender reads it on its main thread.
    """
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with tempfile.TemporaryDirectory(prefix="model-") as folder:
        scene = bpy.context.scene
        assert scene is not None
        units = units or Units()
        _set_units(scene, units)
        before = set(scene.keys())
        collection = gather.active_collection(scene)
        importers.read(source, Path(folder))
        gather.take_all(scene, collection)
        if not collection.all_objects:
            raise ImportFailed("it holds no objects")
        _clean(units, cleaning or Cleaning())
        gather.note(scene, collection, before)
        collection[handover.SCALE_LENGTH] = units.scale_length
        room = bounds.of_objects(scene, list(collection.all_objects))
        if room is not None:
            collection[handover.BOUNDS] = room
        gather.pack_files()
        gather.drop_defaults()
        partial = target.with_name(f"{target.stem}.partial.blend")
        bpy.data.libraries.write(str(partial), {collection}, fake_user=False, compress=False)
        os.replace(partial, target)


def _clean(units: Units, cleaning: Cleaning) -> None:
    distance = cleaning.merge_distance
    if distance is not None:
        distance /= units.scale_length
    surface.clean(bpy.data.meshes, distance, cleaning.smooth_angle)


def _set_units(scene: bpy.types.Scene, units: Units) -> None:
    scene.render.fps = units.fps
    scene.render.fps_base = units.fps_base
    scene.unit_settings.scale_length = units.scale_length
