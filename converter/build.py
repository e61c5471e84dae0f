"""One conversion: an empty file, Blender's own importer, one collection, one ``.blend``."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import bpy

from converter import gather, importers
from converter.importers import ImportFailed

__all__ = ["ImportFailed", "Units", "build"]


@dataclass(frozen=True)
class Units:
    """What importers ask the scene for: the frame rate for keyframes, metres per unit for sizes."""

    fps: int = 24
    fps_base: float = 1.0
    scale_length: float = 1.0


def build(source: Path, target: Path, units: Units | None = None) -> None:
    """Import ``source`` and write ``target`` holding one collection to append; raises ImportFailed.

    ``target`` appears complete or not at all. It is not compressed: the artist's Blender reads it on its main thread.
    """
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with tempfile.TemporaryDirectory(prefix="model-") as folder:
        scene = bpy.context.scene
        assert scene is not None
        _set_units(scene, units or Units())
        before = set(scene.keys())
        collection = gather.active_collection(scene)
        importers.read(source, Path(folder))
        gather.take_all(scene, collection)
        if not collection.all_objects:
            raise ImportFailed("it holds no objects")
        gather.note(scene, collection, before)
        gather.pack_files()
        gather.drop_defaults()
        partial = target.with_name(f"{target.stem}.partial.blend")
        bpy.data.libraries.write(str(partial), {collection}, fake_user=False, compress=False)
        os.replace(partial, target)


def _set_units(scene: bpy.types.Scene, units: Units) -> None:
    scene.render.fps = units.fps
    scene.render.fps_base = units.fps_base
    scene.unit_settings.scale_length = units.scale_length
