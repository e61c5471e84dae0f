# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a ``Placement`` of a scene's properties or an operator's arguments."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

import bpy
from mathutils import Matrix, Vector

from ..client.jobs.geometry import NOWHERE, Box, box_around, vector
from ..client.jobs.placement import Original, Placeholder, Placement, Units
from .placement_fields import FIELDS
from .scene import settings_of

if TYPE_CHECKING:
    from .placement import PlacementArguments, TripoPlacement

_BLENDER = os.urandom(8).hex()
"""This Blender in tokens: the number of a process comes again, in a container at each start."""


def placement_of(scene: bpy.types.Scene) -> Placement:
    """Return what the next job of a scene notes if Generate is pressed now. Reads properties only."""
    settings = settings_of(scene).placement
    normal = vector(settings.normal) if settings.use_normal else None
    return read_placement(settings, scene, normal, settings.placeholder)


def read_placement(
    source: TripoPlacement | PlacementArguments,
    scene: bpy.types.Scene,
    normal: tuple[float, float, float] | None,
    placeholder: bpy.types.Object | None,
) -> Placement:
    """Return the placement of a group of properties, or of an operator's arguments, with the scene's own numbers."""
    return Placement(
        **{name: getattr(source, name) for name in FIELDS},
        cursor=vector(scene.cursor.location[:]),
        point=vector(source.point),
        normal=normal,
        placeholder=None if placeholder is None else placeholder_of(placeholder),
        units=units_of(scene),
    )


def units_of(scene: bpy.types.Scene) -> Units:
    """Return what an importer would ask the scene for."""
    return Units(scene.render.fps, scene.render.fps_base, scene.unit_settings.scale_length)


def placeholder_of(obj: bpy.types.Object) -> Placeholder:
    """Return what is to be known of an object to put a model in its place, even when it is gone."""
    matrix = tuple(number for row in world_matrix(obj) for number in row)
    return Placeholder(obj.name, matrix, own_box(obj), token_of(obj))


def present_of(noted: Placeholder, scene: bpy.types.Scene) -> bpy.types.Object | None:
    """Return a placeholder whatever it is called now; by its name where its token is no longer anybody's, as after
    File ▸ Revert. None when there is neither."""
    named = scene.objects.get(noted.name)
    if not noted.token.startswith(_BLENDER) or (named is not None and token_of(named) == noted.token):
        return named
    return next((one for one in scene.objects if token_of(one) == noted.token), named)


def world_matrix(obj: bpy.types.Object) -> Matrix:
    """Return where an object is. Blender does not evaluate one that is hidden, as a replaced placeholder is, or lies in
    an excluded collection: in a file that was opened since, its own matrix says that it is at the origin."""
    if obj.visible_get() or obj.parent_type != "OBJECT" or len(obj.constraints):
        return obj.matrix_world
    if obj.parent is None:
        return obj.matrix_basis
    if obj.parent.type == "CURVE":  # it may lead along its path
        return obj.matrix_world
    return world_matrix(obj.parent) @ obj.matrix_parent_inverse @ obj.matrix_basis  # type: ignore[return-value]


def original_of(objects: Iterable[bpy.types.Object]) -> Original:
    """Return what names the objects that a mesh tool works on, until its result is there."""
    chosen = list(objects)
    return Original(tuple(one.name for one in chosen), tuple(token_of(one) for one in chosen))


def token_of(obj: bpy.types.Object) -> str:
    """Return what names an object as long as this Blender runs, whatever it is renamed to, and saves nothing."""
    return f"{_BLENDER}:{obj.session_uid}"


def own_box(obj: bpy.types.Object) -> Box:
    """Return an object's bounds in its own space; an empty's are those of what it shows."""
    if obj.type == "EMPTY":
        reach = obj.empty_display_size
        if obj.instance_type != "COLLECTION" or obj.instance_collection is None:
            return Box((-reach, -reach, -reach), (reach, reach, reach))
        offset = obj.instance_collection.instance_offset
        corners = [
            vector((world_matrix(one) @ Vector(corner) - offset)[:])
            for one in obj.instance_collection.all_objects
            for corner in one.bound_box
        ]
        return box_around(corners) if corners else Box(NOWHERE, NOWHERE)
    return box_around(vector(corner) for corner in obj.bound_box)
