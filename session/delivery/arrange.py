# SPDX-License-Identifier: GPL-3.0-or-later
"""Set name, place and origin of a delivered collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import bpy
from mathutils import Matrix, Quaternion, Vector

from ...client.formats import handover
from ...client.jobs.geometry import Box, Transform, add, box_around, fit, vector
from ...client.jobs.names import name_in_scene
from ...client.jobs.placement import Placement, transform
from ...client.notices import N_, Notice, text
from ...converter import edit_ready
from ...properties.placement_values import placeholder_of, present_of
from ...properties.preferences import get_preferences
from ..artist_view import view_layers_on_show
from ..delivered_models import CAME_WITH
from . import free_place, holder, provenance
from .animation import moves_itself
from .restore import restore

if TYPE_CHECKING:
    from ...client.store import Job


_MOST_OBJECTS, _MOST_VERTICES = 100, 1_000_000
"""Of a model whose scale is applied on the artist's main thread: a million vertices take some milliseconds."""


class Placed(NamedTuple):
    """Where a model stands in world space, if it has a surface, and what is to be said of the place; what moved it
    there, its own box before that, and the object whose place it takes, which is still to be hidden."""

    room: Box | None
    note: Notice | None
    moves: Transform
    box: Box | None
    replaced: bpy.types.Object | None


def arrange(
    collection: bpy.types.Collection,
    job: Job,
    scene: bpy.types.Scene,
    into: Box | None = None,
    *,
    parent: bool = False,
) -> Placed:
    """Name the collection after the job, move its top objects to their place and link it to the scene.

    With ``into``, a box in world space, that is the place, whatever the job's placement says; with ``parent`` there is
    an empty above the model in any case. Reads numbers only: the converter noted the bounds, because looking for
    them in a large model takes long.
    """
    preferences = get_preferences(bpy.context)
    collection.name = name_in_scene(job.name) if preferences.name_by_prompt else job.name
    collection.color_tag = "NONE"
    placement, replaced = _placement_now(job, scene)
    scale_length = scene.unit_settings.scale_length
    # Blender keeps the unit's scale as a short float: what differs by no more than that is the same.
    unit_ratio = round(float(collection.pop(handover.SCALE_LENGTH, scale_length)) / scale_length, 6)
    box = _bounds(collection, unit_ratio)
    if into is not None and box is not None:
        moves, replaced = fit(box, into), None
    else:
        moves = transform(placement, box, scale_length)
    said = None
    if placement.avoid and into is None and replaced is None and box is not None:
        moves, said = _beside(moves, box, scene)
    moves_all = moves._replace(scale=moves.scale * unit_ratio)
    move(collection, moves_all, box, parent=placement.parent or parent)
    levels = {one: int(one[handover.LEVEL]) for one in collection.all_objects if handover.LEVEL in one}
    if preferences.name_by_prompt:
        _name_objects(collection, name_in_scene(job.name), levels)
    if placement.apply_scale and into is None and moves_all.scale != 1.0:
        _apply_scale(collection)
    provenance.stamp([collection, *top_objects(collection)], job)
    for one in collection.all_objects if job.press else ():
        one[CAME_WITH] = job.job_id
    holder.link(collection, scene, together=preferences.use_collection)
    restore(collection, scene)
    deselect(collection, scene)
    room = None if box is None else box_around(moves.apply(corner) for corner in box.corners)
    return Placed(room, said, moves, box, replaced)


def deselect(collection: bpy.types.Collection, scene: bpy.types.Scene) -> None:
    """Leave the artist's selection as it is: new objects are not in it."""
    for view_layer in scene.view_layers:
        for one in collection.all_objects:
            if one.select_get(view_layer=view_layer):
                one.select_set(False, view_layer=view_layer)


def _name_objects(collection: bpy.types.Collection, name: str, levels: Mapping[bpy.types.Object, int]) -> None:
    """Name what all hangs on, and the one mesh, if there is just one; parts keep the names that the file gave them.

    Levels of detail of that mesh, by their objects, have their number behind the name.
    """
    meshes = [one for one in collection.all_objects if one.type == "MESH" and not levels.get(one)]
    tops = top_objects(collection)
    for one in (*(tops if len(tops) == 1 else ()), *(meshes if len(meshes) == 1 and meshes != tops else ())):
        suffixes = {one: ""}
        if one in levels:
            suffixes = {other: f"_LOD{level}" for other, level in levels.items() if one in (other, other.parent)}
        free = _free_name(name, suffixes.values())
        for other, suffix in suffixes.items():
            other.name = free + suffix
            if other.data is not None:
                other.data.name = free + suffix


def _free_name(name: str, suffixes: Iterable[str]) -> str:
    """Return a name that is free with each suffix: Blender would count behind the suffix, where engines look for it."""
    wanted = [suffix for suffix in suffixes if suffix]
    candidates = (f"{name}.{number:03}" if number else name for number in count())
    return next(one for one in candidates if not any(one + suffix in bpy.data.objects for suffix in wanted))


def _apply_scale(collection: bpy.types.Collection) -> None:
    """Apply the scale that a size or a placeholder asks for, unless the model is so large that it would be felt."""
    objects = list(collection.all_objects)
    if len(objects) > _MOST_OBJECTS:
        return
    if sum(len(one.data.vertices) for one in objects if isinstance(one.data, bpy.types.Mesh)) <= _MOST_VERTICES:
        edit_ready.apply_scale(objects)


def top_objects(collection: bpy.types.Collection) -> list[bpy.types.Object]:
    """Return the objects of the collection that hang on no other."""
    return [one for one in collection.all_objects if one.parent is None]


def _placement_now(job: Job, scene: bpy.types.Scene) -> tuple[Placement, bpy.types.Object | None]:
    """Return the job's placement, with the placeholder as it is now, and the placeholder; one that is gone stays as it
    was noted. Call it before the model is in the scene: it may have an object of the same name."""
    placement = Placement.from_json(job.placement)
    if placement.placeholder is None:
        return placement, None
    present = present_of(placement.placeholder, scene)
    if present is None:
        return placement, None
    return placement._replace(placeholder=placeholder_of(present)), present


def _beside(moves: Transform, box: Box, scene: bpy.types.Scene) -> tuple[Transform, Notice | None]:
    """Return what moves a model to the next free place, and what to say of it."""
    place = box_around(moves.apply(corner) for corner in box.corners)
    view_layer = view_layers_on_show(scene)[0]
    view_layer.update()
    free = free_place.find(place, view_layer)
    if free is None:
        return moves, None
    said = text(N_("Placed beside {name}"), name=free.beside)
    return moves._replace(location=add(moves.location, free.offset)), said


def _bounds(collection: bpy.types.Collection, unit_ratio: float) -> Box | None:
    """Take the bounds that were noted, in units of the scene; None for a model without a surface."""
    noted = collection.pop(handover.BOUNDS, None)
    if noted is None:
        return None
    numbers = [float(one) * unit_ratio for one in noted]
    return Box(vector(numbers[:3]), vector(numbers[3:]))


def move(collection: bpy.types.Collection, moves: Transform, box: Box | None, *, parent: bool = False) -> None:
    """Move the top objects, or an empty above them where it is wanted, or where their own animation would undo it."""
    tops = top_objects(collection)
    if parent or (not moves.is_identity and any(moves_itself(top) for top in tops)):
        empty = bpy.data.objects.new(collection.name, None)
        empty.empty_display_size = max(box.size) / 2 if box is not None and max(box.size) > 0.0 else 1.0
        collection.objects.link(empty)
        for top in tops:
            top.parent = empty
        tops = [empty]
    if moves.is_identity:
        return
    location, rotation = Vector(moves.location), Matrix(moves.rotation)
    for top in tops:
        top.location = location + rotation @ (top.location * moves.scale)
        if not moves.only_moves:
            top.scale *= moves.scale
            _turn(top, rotation.to_quaternion())


def _turn(top: bpy.types.Object, rotation: Quaternion) -> None:
    """Turn an object further, in the way of rotating that it has."""
    if top.rotation_mode == "QUATERNION":
        top.rotation_quaternion = rotation @ top.rotation_quaternion
    elif top.rotation_mode == "AXIS_ANGLE":
        angled: Any = top.rotation_axis_angle
        axis, angle = (rotation @ Quaternion(angled[1:], angled[0])).to_axis_angle()
        angled[:] = (angle, *axis)
    else:
        turned = rotation @ top.rotation_euler.to_quaternion()
        top.rotation_euler = turned.to_euler(top.rotation_mode, top.rotation_euler)
