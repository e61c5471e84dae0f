# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a finished ``.blend`` something that Blender's Asset Browser shows.

The asset is a second collection of the same objects, with the job's name. What the delivery appends is beside it as
before, and is no asset.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bpy

from client.formats import handover
from converter import plain_objects, prepared_look
from converter.importers import ImportFailed
from converter.rehearsal import publish


def put_on_shelf(blend: Path, target: Path, entry: Mapping[str, Any]) -> None:
    """Write ``target``: ``blend`` with an asset as ``entry`` describes it (`client.jobs.shelf`), in place of an earlier
    one. What is open before is gone afterwards. Raises ImportFailed, OSError, RuntimeError.
    """
    bpy.ops.wm.open_mainfile(filepath=str(blend), load_ui=False, use_scripts=False)
    collection = bpy.data.collections.get(handover.COLLECTION)
    if collection is None or not collection.all_objects:
        raise ImportFailed("there is no model in it")
    if plain_objects.ROWS in collection:
        raise ImportFailed("it has so many objects that they are kept as a table")
    for earlier in [one for one in bpy.data.collections if one.asset_data is not None]:
        bpy.data.collections.remove(earlier)
    asset = _asset_of(collection, str(entry["name"]))
    _describe(asset, entry)
    for owner in (asset, *(one for one in asset.all_objects if one.parent is None)):
        for name, value in entry["facts"].items():
            owner[name] = value
    # `libraries.write` leaves out previews since 5.0; what is saved as a whole has to be used by something. Appending
    # takes that mark away again.
    for one in (collection, *(mesh for mesh in bpy.data.meshes if prepared_look.number_of(mesh.name) >= 0)):
        one.use_fake_user = True
    partial = target.with_name(f"{target.stem}.partial.blend")
    bpy.ops.wm.save_as_mainfile(filepath=str(partial), check_existing=False, compress=False, copy=True)
    publish(partial, target)


def _asset_of(collection: bpy.types.Collection, name: str) -> bpy.types.Collection:
    """Return a new collection of what is on show of another one."""
    asset = bpy.data.collections.new(name)
    for one in collection.objects:
        asset.objects.link(one)
    for child in collection.children:
        if handover.EXCLUDED not in child:
            asset.children.link(child)
    return asset


def _describe(asset: bpy.types.Collection, entry: Mapping[str, Any]) -> None:
    asset.asset_mark()
    data = asset.asset_data
    data.description, data.author, data.catalog_id = entry["description"], entry["author"], entry["catalog_id"]
    for tag in entry["tags"]:
        data.tags.new(tag, skip_if_exists=True)
    preview = Path(entry.get("preview", ""))
    if preview.is_file():
        with bpy.context.temp_override(id=asset):
            bpy.ops.ed.lib_id_load_custom_preview(filepath=str(preview))
