# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove delivered models with all their data, and nothing of the artist's."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import bpy

from ...properties.placement_values import world_matrix
from ..delivered_models import came_with
from . import holder

_DATA = frozenset({"ACTION", "ARMATURE", "CAMERA", "CURVE", "IMAGE", "KEY", "LIGHT", "MATERIAL", "MESH", "NODETREE"})
"""Kinds of data that come with a model."""


def remove(collections: Sequence[bpy.types.Collection], scene: bpy.types.Scene) -> None:
    """Remove models from a scene, and of their data all that nothing else uses.

    What the artist has put into a model's collection stays in it, and what hangs on one of its objects stays where it
    is. A model that is used elsewhere too, by another scene, an instance or as an asset, only leaves this scene.
    """
    leaving: list[bpy.types.Collection] = []
    for one in collections:
        holders = [parent for parent in _collections(scene) if one in parent.children.values()]
        if one.library is None and one.users <= len(holders):
            leaving.append(one)
            continue
        for parent in holders:
            parent.children.unlink(one)
    objects = [one for collection in leaving for one in _came_with(collection)]
    blocks = data_of(objects)
    let_go(objects)
    _remove_objects(leaving, objects)
    holder.remove_empty()
    remove_unused(blocks)


def _collections(scene: bpy.types.Scene) -> list[bpy.types.Collection]:
    return [scene.collection, *scene.collection.children_recursive]


def _came_with(collection: bpy.types.Collection) -> list[bpy.types.Object]:
    """Return the objects that came with a model and are in no collection but its own, after those that the artist has
    in another one too were taken out of it."""
    inside = [collection, *collection.children_recursive]
    found: list[bpy.types.Object] = []
    for one in came_with(collection):
        if all(owner in inside for owner in one.users_collection):
            found.append(one)
            continue
        for owner in inside:
            if one in owner.objects.values():
                owner.objects.unlink(one)
    return found


def let_go(objects: Collection[bpy.types.Object]) -> None:
    """Leave the artist's objects that hang on these where they are."""
    going = set(objects)
    for one in bpy.data.objects:
        if one.parent in going and one not in going and one.library is None:
            place = world_matrix(one).copy()
            one.parent = None
            one.matrix_world = place


def _remove_objects(leaving: Sequence[bpy.types.Collection], objects: Sequence[bpy.types.Object]) -> None:
    """Remove objects, and the collections that are empty then; one in which something stays is the artist's."""
    below = [child for collection in leaving for child in collection.children_recursive if child.all_objects]
    bpy.data.batch_remove(list(objects))
    bpy.data.batch_remove([one for one in below if not one.all_objects])
    for collection in leaving:
        if not collection.all_objects and not collection.children:
            bpy.data.collections.remove(collection)
            continue
        for name in [*collection.keys()]:
            if name.startswith("tripo_"):
                del collection[name]


def data_of(owners: Collection[bpy.types.ID]) -> set[bpy.types.ID]:
    """Return all data that objects or other data use, directly or through other data."""
    used: dict[bpy.types.ID, list[bpy.types.ID]] = {}
    for block, users in bpy.data.user_map().items():
        for user in users if block.id_type in _DATA else ():
            used.setdefault(user, []).append(block)
    found: set[bpy.types.ID] = set()
    waiting = list(owners)
    while waiting:
        new = set(used.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return found


def remove_unused(blocks: set[bpy.types.ID]) -> None:
    """Remove the blocks that nothing uses, and whatever is left unused by that."""
    blocks = {one for one in blocks if one.id_type != "KEY" and one.library is None}  # shape keys go with their mesh
    while unused := [one for one in blocks if one.users == 0]:
        blocks.difference_update(unused)
        bpy.data.batch_remove(unused)
