# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a finished ``.blend`` and publish it once its delivery was rehearsed.

What crashes or fails here does not reach the artist's Blender.
"""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path
from typing import Any, cast

import bpy

from client.files import disk
from client.formats import handover
from converter import plain_objects
from converter.importers import ImportFailed

LARGE_BYTES = 1 << 26
"""From this size on nothing else is in memory when a file is opened: Blender reads it before it frees what is open."""


def write(target: Path, collection: bpy.types.Collection, looks: Set[bpy.types.Mesh]) -> None:
    """Write a collection with looks beside it, and open it again as the delivery will, before the file is at its place.
    What is open before is gone afterwards. Raises ImportFailed, OSError, RuntimeError."""
    partial = target.with_name(f"{target.stem}.partial.blend")
    bpy.data.libraries.write(str(partial), {collection, *looks}, fake_user=False, compress=False)
    publish(partial, target)


def publish(partial: Path, target: Path) -> None:
    """Rehearse a file and move it to its place; it is removed when that fails. Raises ImportFailed, OSError."""
    try:
        rehearse(partial)
    except BaseException:
        disk.remove(partial)
        raise
    disk.replace(partial, target)


def rehearse(blend: Path) -> None:
    """Open a finished ``.blend`` as a file of its own, evaluate and triangulate what is in it.

    Raises ImportFailed. What is open before is gone afterwards. Appending as the delivery does would look at the same
    data, at a cost that grows with the square of their number.
    """
    try:
        if blend.stat().st_size >= LARGE_BYTES:
            _empty()
        bpy.ops.wm.open_mainfile(filepath=str(blend), load_ui=False, use_scripts=False)
        collection = bpy.data.collections[handover.COLLECTION]
        plain_objects.restore(collection, a_few=True)
        scene = bpy.context.scene
        assert scene is not None
        scene.collection.children.link(collection)
        _triangulate()
    except (KeyError, OSError, RuntimeError, ValueError) as error:
        raise ImportFailed(f"the finished model cannot be opened again, {error}") from error


def _empty() -> None:
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)


def append(blend: Path) -> bpy.types.Collection:
    """Append the collection of a finished ``.blend`` with all its objects; raises OSError, RuntimeError, ValueError."""
    with cast(Any, bpy.data.libraries).load(str(blend), link=False) as (source, wanted):
        wanted.collections = [one for one in source.collections if one == handover.COLLECTION]
    (collection,) = cast(list[bpy.types.Collection], wanted.collections)
    plain_objects.restore(collection)
    return collection


def _triangulate() -> None:
    """Do with each mesh what drawing it begins with, as it is and as modifiers and shape keys leave it."""
    for mesh in bpy.data.meshes:
        mesh.calc_loop_triangles()
    done: set[int] = set()
    for instance in bpy.context.evaluated_depsgraph_get().object_instances:
        data: Any = cast(Any, instance.object).data
        if isinstance(data, bpy.types.Mesh) and data.as_pointer() not in done:
            done.add(data.as_pointer())
            data.calc_loop_triangles()
