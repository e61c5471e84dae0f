# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliver a segmented model: its parts as objects under one parent, in the original's place.

The original is hidden, not changed. On request the parts become face sets and vertex groups of a copy of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import bpy
import numpy as np
from mathutils import Matrix
from mathutils.bvhtree import BVHTree

from ...client.errors import ResultRefused
from ...client.jobs.geometry import Box, vector
from ...client.notices import N_, text
from ...client.paths import Home
from ...properties.parts import OFFSET
from ...properties.placement_values import world_matrix
from .. import visibility
from . import append, arrange, originals, provenance
from .delivered import Delivered
from .geometry import points_of, world_of

if TYPE_CHECKING:
    from ...client.store import Job

ORIGINALS = "tripo_originals"
"""On the parent: the objects that were segmented."""
_STRETCH = 0.05
"""How much the sides of a result may differ from the original's and still be stretched to match them."""


def deliver(home: Home, job: Job, scene: bpy.types.Scene) -> Delivered:
    """Put the parts where the original is, which is hidden. When it raises, the scene is as before."""
    with append.appended(home.root / job.blend) as collection:
        objects = originals.of_job(job, scene)
        room = originals.bounds(objects, scene)
        parts = _flatten(collection)
        arrange.arrange(collection, job, scene, into=room, parent=True)
        parent = parts[0].parent
        assert parent is not None
        if room is not None:
            _stretch(parent, parts, room)
        _note_offsets(parts)
        parent[ORIGINALS] = {str(number): one for number, one in enumerate(objects)}
        provenance.stamp([parent], job)
    visibility.hide(objects)
    gone = text(N_("The object that was segmented is gone: the parts stand by themselves"))
    return Delivered(collection, gone if originals.are_gone(job, objects) else None)


def parts_of(parent: bpy.types.Object) -> list[bpy.types.Object]:
    """Return the parts that hang on the parent of a segmented model."""
    return [one for one in parent.children if OFFSET in one and isinstance(one.data, bpy.types.Mesh)]


def originals_of(parent: bpy.types.Object) -> list[bpy.types.Object]:
    """Return what was segmented, as far as it is still there."""
    kept: Any = parent.get(ORIGINALS)
    return [one for one in kept.values() if one is not None] if kept else []


def as_groups(parent: bpy.types.Object, original: bpy.types.Object) -> bpy.types.Object:
    """Return a copy of the original, in its collections, whose faces and vertices know their part: the face set and
    the vertex group of the part that is nearest to each. Raises ValueError when there is nothing to tell it from."""
    parts = parts_of(parent)
    tree, part_of_face = _tree(parts)
    mesh = original.data
    if tree is None or not isinstance(mesh, bpy.types.Mesh) or not len(mesh.polygons):
        raise ValueError("there are no faces")
    copy: Any = original.copy()
    copy.data = mesh = mesh.copy()
    copy.name = f"{original.name} parts"
    copy.hide_viewport = copy.hide_render = False
    for holder in original.users_collection:
        holder.objects.link(copy)
    matrix = world_matrix(original)
    middles = [matrix @ one.center for one in mesh.polygons]
    faces = np.array([part_of_face[tree.find_nearest(one)[2]] for one in middles], np.int32)  # pyright: ignore
    sets: Any = mesh.attributes.get(".sculpt_face_set") or mesh.attributes.new(".sculpt_face_set", "INT", "FACE")
    sets.data.foreach_set("value", faces + 1)
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    counts = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("loop_total", counts)
    by_corner = np.repeat(faces, counts)
    for number, part in enumerate(parts):
        group = copy.vertex_groups.new(name=part.name)
        group.add(np.unique(corners[by_corner == number]).tolist(), 1.0, "REPLACE")
    return copy


def _flatten(collection: bpy.types.Collection) -> list[bpy.types.Object]:
    """Leave only the parts, hanging on nothing, where they are; raises ResultRefused when there are none."""
    objects = list(collection.all_objects)
    parts = [one for one in objects if isinstance(one.data, bpy.types.Mesh)]
    if not parts:
        raise ResultRefused(N_("The model came without parts: press Import to fetch it again"))
    places = [world_of(one) for one in parts]
    for one, place in zip(parts, places, strict=True):
        one.parent = None
        one.matrix_parent_inverse = Matrix()
        one.matrix_basis = place
    bpy.data.batch_remove([one for one in objects if one not in parts])
    return parts


def _stretch(parent: bpy.types.Object, parts: list[bpy.types.Object], room: Box) -> None:
    """Make all three sides those of the original, where they differ by little."""
    points = np.concatenate([points_of(one.data, world_of(one)) for one in parts])
    low, high = points.min(axis=0), points.max(axis=0)
    sides = high - low
    factors = [want / have if have > 1e-9 and want > 1e-9 else 1.0 for want, have in zip(room.size, sides, strict=True)]
    if any(abs(one - 1.0) > _STRETCH for one in factors):
        return
    stretch = Matrix.Diagonal((*factors, 1.0))
    back = Matrix.Translation((-(low + high) / 2).tolist())
    parent.matrix_basis = Matrix.Translation(room.centre) @ stretch @ back @ parent.matrix_basis


def _note_offsets(parts: list[bpy.types.Object]) -> None:
    """Note on each part where it is from the middle of the model, in the parent's space."""
    boxes: list[Box] = []
    for one in parts:
        points: Any = points_of(one.data, one.matrix_basis)
        if not len(points):
            points = np.array([one.matrix_basis.translation])
        low, high = points.min(axis=0), points.max(axis=0)
        boxes.append(Box(vector(low.tolist()), vector(high.tolist())))
    low = np.min([box.low for box in boxes], axis=0)
    high = np.max([box.high for box in boxes], axis=0)
    for one, box in zip(parts, boxes, strict=True):
        one[OFFSET] = (np.array(box.centre) - (low + high) / 2).tolist()


def _tree(parts: list[bpy.types.Object]) -> tuple[Any, list[int]]:
    """Return what finds the nearest face of all parts where they are without being spread, and each one's part."""
    points: list[Any] = []
    faces: list[Any] = []
    part_of_face: list[int] = []
    for number, one in enumerate(parts):
        mesh: Any = one.data
        spread = Matrix.Translation([-float(step) for step in cast(Any, one.delta_location)])
        above = world_matrix(one.parent) @ one.matrix_parent_inverse if one.parent else Matrix()
        matrix: Any = above @ spread @ one.matrix_basis
        first = len(points)
        points += [matrix @ vertex.co for vertex in mesh.vertices]
        faces += [[first + index for index in face.vertices] for face in mesh.polygons]
        part_of_face += [number] * len(mesh.polygons)
    return (BVHTree.FromPolygons(points, faces) if faces else None), part_of_face
