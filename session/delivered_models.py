# SPDX-License-Identifier: GPL-3.0-or-later
"""Find delivered models in the scenes by the job's name on their collections; the names of such custom properties."""

from __future__ import annotations

from collections.abc import Iterator

import bpy

from ..client.schema import Kind
from ..properties.parts import OFFSET

PROPERTY = "tripo_job_id"
REQUEST = "tripo_request"
"""On a model, beside the job's name: the request, as JSON."""
CAME_WITH = "tripo_came_with"
"""On all objects of a variation: its job. What the artist puts beside them has none."""
PRESS = "tripo_press"
"""On a variation's collection: what all of one press share."""
ASIDE = "tripo_set_aside"
"""On a collection that is hidden while another variation is shown: what of it `visibility.set_aside` has hidden."""
LOOKS = "tripo_looks"
"""On an object: its looks, as `delivery.looks` keeps them."""
BESIDE = "tripo_beside"
"""On the collection of a textured result that stands beside the objects that it is the texture of: these."""


def job_ids_on_show() -> dict[str, bool]:
    """Return the jobs whose models are in the scenes that windows show, and whether another variation is shown."""
    if not any(PROPERTY in collection for collection in bpy.data.collections):
        return {}
    scenes = {window.scene.name_full: window.scene for window in bpy.data.window_managers[0].windows}
    return {str(one[PROPERTY]): ASIDE in one for scene in scenes.values() for one in _models(scene)}


def collections_of(job_id: str, scene: bpy.types.Scene) -> list[bpy.types.Collection]:
    """Return the collections of a scene that hold a job's model; importing again makes another one."""
    return [one for one in _models(scene) if one[PROPERTY] == job_id]


def press_of(job_id: str, scene: bpy.types.Scene) -> str:
    """Return what a model of a scene shares with the other variations of its press; empty without one."""
    return next((str(one.get(PRESS, "")) for one in collections_of(job_id, scene)), "")


def variations_in(scene: bpy.types.Scene, press: str) -> dict[str, list[bpy.types.Collection]]:
    """Return the collections of a scene that hold the models of a press, by job."""
    found: dict[str, list[bpy.types.Collection]] = {}
    for one in _models(scene):
        if one.get(PRESS) == press:
            found.setdefault(str(one[PROPERTY]), []).append(one)
    return found


def came_with(collection: bpy.types.Collection) -> list[bpy.types.Object]:
    """Return the objects of a variation that came with it; all others are the artist's."""
    return [one for one in collection.all_objects if one.get(CAME_WITH) == collection[PROPERTY]]


def owner_of(context: bpy.types.Context) -> bpy.types.ID | None:
    """Return what the active object hangs on or shows that came from a job, else such a collection, or None."""
    one = context.active_object
    holders = list(one.users_collection) if one else []
    while one is not None:
        if PROPERTY in one:
            return one
        if one.instance_collection is not None and PROPERTY in one.instance_collection:
            return one.instance_collection  # as the Asset Browser puts it into the scene
        one = one.parent
    for collection in (*holders, context.collection):
        if collection is not None and PROPERTY in collection:
            return collection
    return None


def parent_of_parts(one: bpy.types.Object) -> bpy.types.Object | None:
    """Return the object that the parts of a segmented model hang from, if this is it or one of them."""
    if OFFSET in one:
        return one.parent
    made_by = one.get(REQUEST) if one.type == "EMPTY" else None
    return one if isinstance(made_by, str) and f'"{Kind.MESH_SEGMENTATION}"' in made_by else None


def _models(scene: bpy.types.Scene) -> Iterator[bpy.types.Collection]:
    return (one for one in scene.collection.children_recursive if PROPERTY in one)
