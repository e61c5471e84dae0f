# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the objects that a job worked on, and how much room they take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy
import numpy as np

from ...client.formats import handover
from ...client.jobs.geometry import Box, vector
from ...client.jobs.placement import Original, Placement
from ...properties.placement_values import token_of, world_matrix
from .. import delivered_models
from .geometry import moved, points_of

if TYPE_CHECKING:
    from ...client.store import Job


def of_job(job: Job, scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """Return the objects that a job worked on: those that were named, or the meshes of the model that it was given, if
    that was delivered into this scene."""
    named = Placement.from_json(job.placement).original
    if named is not None:
        return find(named, scene)
    models = delivered_models.collections_of(job.source_job, scene) if job.source_job else []
    objects = models[0].all_objects if models else ()
    return [one for one in objects if isinstance(one.data, bpy.types.Mesh) and not one.get(handover.LEVEL)]


def are_gone(job: Job, objects: list[bpy.types.Object]) -> bool:
    """Whether a job names objects that were not found."""
    return not objects and Placement.from_json(job.placement).original is not None


def find(original: Original | None, scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """Return the objects that a job worked on, whatever they are called now; none when one of them is gone."""
    if original is None or not original.names:
        return []
    tokens = {token_of(one): one for one in scene.objects}
    found: list[bpy.types.Object] = []
    for number, name in enumerate(original.names):
        token = original.tokens[number] if number < len(original.tokens) else ""
        present = tokens.get(token) or scene.objects.get(name)
        if present is None:
            return []
        found.append(present)
    return found


def bounds(objects: list[bpy.types.Object], scene: bpy.types.Scene) -> Box | None:
    """Return the room that objects take in world space, exact for meshes; None when they have no surface."""
    for view_layer in scene.view_layers[:1] if objects else ():
        view_layer.update()
    boxes: list[Any] = []
    depsgraph = scene.view_layers[0].depsgraph
    for obj in objects:
        seen: Any = obj if depsgraph is None else obj.evaluated_get(depsgraph)
        is_mesh = isinstance(seen.data, bpy.types.Mesh)
        matrix = seen.matrix_world if seen.is_evaluated else world_matrix(obj)
        points = points_of(seen.data, matrix) if is_mesh else moved(seen.bound_box, matrix)
        if len(points):
            boxes.append(points)
    if not boxes:
        return None
    return Box(
        vector(np.min([box.min(axis=0) for box in boxes], axis=0).tolist()),
        vector(np.max([box.max(axis=0) for box in boxes], axis=0).tolist()),
    )
