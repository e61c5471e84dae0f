# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a finished ``.blend`` something that Blender's Asset Browser shows.

The asset has the job's name: a second collection of the same objects or, of a model that is one object, a copy of it,
which Blender puts where the mouse lets it go, in one undo step. What the delivery appends is beside it as before, and
is no asset.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import bpy
from mathutils import Matrix

from client.formats import handover
from converter import plain_objects, prepared_look
from converter.importers import ImportFailed
from converter.rehearsal import publish

_TURN = 1e-4
"""Radians that are no rotation."""


def put_on_shelf(blend: Path, target: Path, entry: Mapping[str, Any]) -> None:
    """Write ``target``: ``blend`` with an asset as ``entry`` describes it (`client.jobs.shelf`), in place of an earlier
    one. What is open before is gone afterwards. Raises ImportFailed, OSError, RuntimeError.
    """
    bpy.ops.wm.open_mainfile(filepath=str(blend), load_ui=False, use_scripts=False)
    collection = bpy.data.collections.get(handover.COLLECTION)
    if collection is None or not (collection.all_objects or plain_objects.ROWS in collection):
        raise ImportFailed("there is no model in it")
    _remove_earlier(collection)
    asset = _asset_of(collection, str(entry["name"]))
    _describe(asset, entry)
    shown = asset.all_objects if isinstance(asset, bpy.types.Collection) else ()
    for owner in (asset, *(one for one in shown if one.parent is None)):
        for name, value in entry["facts"].items():
            owner[name] = value
    # `libraries.write` leaves out previews since 5.0; what is saved as a whole has to be used by something. Appending
    # takes that mark away again.
    for one in (collection, *(mesh for mesh in bpy.data.meshes if prepared_look.number_of(mesh.name) >= 0)):
        one.use_fake_user = True
    partial = target.with_name(f"{target.stem}.partial.blend")
    bpy.ops.wm.save_as_mainfile(filepath=str(partial), check_existing=False, compress=False, copy=True)
    publish(partial, target)


def _remove_earlier(collection: bpy.types.Collection) -> None:
    """Remove earlier assets, with all of them that the collection does not have itself."""
    earlier: set[bpy.types.ID] = {one for one in bpy.data.objects if one.asset_data is not None}
    for one in bpy.data.collections:
        if one.asset_data is not None:
            earlier |= {one, *one.all_objects, *one.children_recursive}
    bpy.data.batch_remove([*earlier - {*collection.all_objects, *collection.children_recursive}])


def _asset_of(collection: bpy.types.Collection, name: str) -> bpy.types.Collection | bpy.types.Object:
    """Return what is to be the asset of a model."""
    if plain_objects.ROWS in collection:
        return _with_rows_as_objects(collection, name)
    if (only := _only_mesh(collection)) is not None:
        asset = cast(bpy.types.Object, only.copy())
        asset.name, asset.parent, asset.matrix_basis = name, None, _in_world(only)
        return asset
    return _copy_of(collection, name)


def _only_mesh(collection: bpy.types.Collection) -> bpy.types.Object | None:
    """Return the object that is all of a model but for what it hangs on; none that is turned, as Blender drops objects
    unturned."""
    objects = list(collection.all_objects)
    meshes = [one for one in objects if one.type == "MESH"]
    if len(meshes) != 1 or any(one.animation_data is not None or one.constraints for one in objects):
        return None
    above, one = [meshes[0]], meshes[0]
    while (one := one.parent) is not None:
        above.append(one)
    is_plain = set(above) == set(objects) and all(one.type == "EMPTY" for one in above[1:])
    return meshes[0] if is_plain and _in_world(meshes[0]).to_quaternion().angle < _TURN else None


def _in_world(one: bpy.types.Object) -> Matrix:
    """Return where an object is, which Blender tells only of what is in a scene."""
    if one.parent is None:
        return one.matrix_basis.copy()
    return _in_world(one.parent) @ one.matrix_parent_inverse @ one.matrix_basis


def _with_rows_as_objects(collection: bpy.types.Collection, name: str) -> bpy.types.Collection:
    """Return such a collection of one whose objects are rows, which the delivery still reads: only the asset has
    objects."""
    notes = {key: collection[key] for key in (plain_objects.ROWS, plain_objects.BLOCKS) if key in collection}
    notes |= {key: dict(value.items()) for key, value in notes.items() if hasattr(value, "items")}
    before = set(bpy.data.objects)
    plain_objects.restore(collection)
    made = set(bpy.data.objects) - before
    asset = _copy_of(collection, name, is_apart=True)
    for holder in (collection, *collection.children_recursive):
        for one in made.intersection(holder.objects):
            holder.objects.unlink(one)
    for key, value in notes.items():
        collection[key] = value
    return asset


def _copy_of(collection: bpy.types.Collection, name: str, *, is_apart: bool = False) -> bpy.types.Collection:
    """Return a new collection of what is on show of another one; what is ``apart`` shares no collection with it."""
    asset = bpy.data.collections.new(name)
    for one in collection.objects:
        asset.objects.link(one)
    for child in collection.children:
        if handover.EXCLUDED not in child:
            asset.children.link(_copy_of(child, child.name, is_apart=True) if is_apart else child)
    return asset


def _describe(asset: bpy.types.Collection | bpy.types.Object, entry: Mapping[str, Any]) -> None:
    asset.asset_mark()
    data = asset.asset_data
    data.description, data.author, data.catalog_id = entry["description"], entry["author"], entry["catalog_id"]
    for tag in entry["tags"]:
        data.tags.new(tag, skip_if_exists=True)
    preview = Path(entry.get("preview", ""))
    if preview.is_file():
        with bpy.context.temp_override(id=asset):
            bpy.ops.ed.lib_id_load_custom_preview(filepath=str(preview))
