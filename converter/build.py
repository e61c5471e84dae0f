"""One conversion: an empty file, Blender's own importer, one collection, one ``.blend``."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import bpy

from client import formats
from converter.meshopt import MeshoptError, expand


class ConversionError(Exception):
    """The file cannot be turned into a collection; the text says why."""


def build(source: Path, target: Path, name: str) -> None:
    """Import ``source`` and write ``target`` holding one collection called ``name``; raises ConversionError.

    ``target`` appears complete or not at all.
    """
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with tempfile.TemporaryDirectory(prefix="model-") as folder:
        collection = bpy.data.collections.new(name)
        scene = bpy.context.scene
        assert scene is not None
        scene.collection.children.link(collection)
        _import(source, Path(folder))
        for obj in scene.objects:
            _move(obj, collection)
        if not collection.objects:
            raise ConversionError("it holds no objects")
        _pack_images()
        partial = target.with_name(f"{target.stem}.partial.blend")
        bpy.data.libraries.write(str(partial), {collection}, fake_user=False)
        os.replace(partial, target)


def _import(source: Path, folder: Path) -> None:
    try:
        model = formats.inspect(source)
    except formats.FormatError as error:
        raise ConversionError(error.user_message) from error
    if model.needs_meshopt:
        plain = folder / "plain.glb"
        try:
            expand(source, plain)
        except MeshoptError as error:
            raise ConversionError(str(error)) from error
        source = plain
    try:
        if bpy.ops.import_scene.gltf(filepath=str(source)) != {"FINISHED"}:
            raise ConversionError("the importer gave up")
    except RuntimeError as error:
        raise ConversionError(str(error).strip().splitlines()[-1]) from error


def _move(obj: bpy.types.Object, collection: bpy.types.Collection) -> None:
    """Keep an object in ``collection`` only; the importer's hidden helper shapes are collections of their own."""
    if obj.name not in collection.objects:
        collection.objects.link(obj)
    for other in list(obj.users_collection):
        if other != collection:
            other.objects.unlink(obj)


def _pack_images() -> None:
    for image in bpy.data.images:
        if image.source == "FILE" and image.packed_file is None and image.has_data:
            image.pack()
