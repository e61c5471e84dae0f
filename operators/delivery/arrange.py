"""Name, place and origin of a delivered collection."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import bpy

from . import provenance
from .restore import restore

if TYPE_CHECKING:
    from ...client.store import Job


def arrange(collection: bpy.types.Collection, job: Job, scene: bpy.types.Scene, cursor: Any = None) -> None:
    """Name the collection after the job, move its top objects to their place and link it to the scene."""
    collection.name = job.name
    collection.color_tag = "NONE"
    tops = top_objects(collection)
    x, y, z = place(job, cursor)
    for top in tops:
        top.location.x += x
        top.location.y += y
        top.location.z += z
    for owner in (collection, *tops):
        provenance.stamp(owner, job)
    scene.collection.children.link(collection)
    restore(collection, scene)
    for view_layer in scene.view_layers:
        for one in collection.all_objects:
            if one.select_get(view_layer=view_layer):
                one.select_set(False, view_layer=view_layer)


def top_objects(collection: bpy.types.Collection) -> list[bpy.types.Object]:
    """Return the objects of the collection that hang on no other."""
    return [one for one in collection.all_objects if one.parent is None]


def place(job: Job, cursor: Any = None) -> tuple[float, float, float]:
    """Return where the model goes: the given cursor, the one noted in the job, or the origin."""
    try:
        placement = json.loads(job.placement)
        if placement["location"] != "CURSOR":
            return (0.0, 0.0, 0.0)
        x, y, z = placement["cursor"] if cursor is None else cursor
        return (float(x), float(y), float(z))
    except (ValueError, KeyError, TypeError):
        return (0.0, 0.0, 0.0)
