"""One conversion: an empty file, Blender's own importer, one collection, one ``.blend``."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import bpy

from converter import importers
from converter.importers import ImportFailed

__all__ = ["ImportFailed", "build"]


_HELPERS = "glTF_not_exported"
"""The importer's own collection for bone shapes: what uses them takes them along."""


def build(source: Path, target: Path, name: str) -> None:
    """Import ``source`` and write ``target`` holding one collection called ``name``; raises ImportFailed.

    ``target`` appears complete or not at all.
    """
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with tempfile.TemporaryDirectory(prefix="model-") as folder:
        scene = bpy.context.scene
        assert scene is not None
        collection = bpy.data.collections.new(name)
        scene.collection.children.link(collection)
        importers.read(source, Path(folder))
        for obj in scene.objects:
            if not any(other.name.startswith(_HELPERS) for other in obj.users_collection):
                _move(obj, collection)
        if not collection.objects:
            raise ImportFailed("it holds no objects")
        _pack_images()
        partial = target.with_name(f"{target.stem}.partial.blend")
        bpy.data.libraries.write(str(partial), {collection}, fake_user=False)
        os.replace(partial, target)


def _move(obj: bpy.types.Object, collection: bpy.types.Collection) -> None:
    """Keep an object in ``collection`` only."""
    if obj.name not in collection.objects:
        collection.objects.link(obj)
    for other in list(obj.users_collection):
        if other != collection:
            other.objects.unlink(obj)


def _pack_images() -> None:
    for image in bpy.data.images:
        if image.source == "FILE" and image.packed_file is None and image.has_data:
            image.pack()
