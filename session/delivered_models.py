# SPDX-License-Identifier: GPL-3.0-or-later
"""Find delivered models in the scenes by the job's name on their collections."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import bpy

PROPERTY = "tripo_job_id"
CAME_WITH = "tripo_came_with"
"""On all objects of a variation: its job. What the artist puts beside them has none."""
SOLO = "tripo_hidden_by_solo"
"""On a collection: the view layer in which it is hidden while another variation is shown alone."""


def job_ids_on_show() -> dict[str, bool]:
    """Return the jobs whose models are in the scenes that windows show, and whether Solo hides them."""
    if not any(PROPERTY in collection for collection in bpy.data.collections):
        return {}
    scenes = {window.scene.name_full: window.scene for window in bpy.data.window_managers[0].windows}
    return {str(one[PROPERTY]): SOLO in one for scene in scenes.values() for one in _models(scene)}


def collections_of(job_id: str, scene: bpy.types.Scene) -> list[bpy.types.Collection]:
    """Return the collections of a scene that hold a job's model; importing again makes another one."""
    return [one for one in _models(scene) if one[PROPERTY] == job_id]


def models_of(job_ids: Collection[str], scene: bpy.types.Scene) -> dict[str, list[bpy.types.Collection]]:
    """Return the collections of a scene that hold these jobs' models, by job; without the jobs that have none there."""
    found: dict[str, list[bpy.types.Collection]] = {}
    for one in _models(scene):
        if one[PROPERTY] in job_ids:
            found.setdefault(str(one[PROPERTY]), []).append(one)
    return found


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


def _models(scene: bpy.types.Scene) -> Iterator[bpy.types.Collection]:
    return (one for one in scene.collection.children_recursive if PROPERTY in one)
