# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliver a converted file, which the agent has saved: import it in the original's place on request."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from mathutils import Matrix

from ...client.errors import ResultRefused
from ...client.files.saved_copy import is_saved
from ...client.jobs.notices import JobNotice
from ...client.jobs.placement import Placement
from ...client.notices import N_, notice
from ...client.paths import Home
from ...properties.placement_values import world_matrix
from .. import visibility
from . import append, arrange, originals, provenance
from .delivered import Delivered
from .geometry import world_of

if TYPE_CHECKING:
    from ...client.store import Job

SUFFIX = "_retopo"


def deliver(home: Home, job: Job, scene: bpy.types.Scene) -> Delivered:
    """Tell where the agent has saved the file, and import it if that was asked for.

    Raises ResultRefused when the file could not be saved. When it raises, the scene has not changed.
    """
    placement = Placement.from_json(job.placement)
    if not is_saved(job.kind, job.placement):
        folder = Path(placement.filepath).parent
        if not folder.is_dir():
            raise ResultRefused(JobNotice.NO_FOLDER, folder=str(folder))
        known = job.notice.code == JobNotice.NOT_SAVED.code
        raise ResultRefused(job.notice if known else N_("The file is not saved yet: press Import to save it"))
    note = notice(JobNotice.SAVED, file=placement.saved) if placement.filepath else None
    return Delivered(_import(home, job, scene) if placement.import_result else None, note)


def _import(home: Home, job: Job, scene: bpy.types.Scene) -> bpy.types.Collection:
    with append.appended(home.root / job.blend) as collection:
        objects = originals.of_job(job, scene)
        arrange.arrange(collection, job, scene, into=originals.bounds(objects, scene))
        meshes = [one for one in collection.all_objects if isinstance(one.data, bpy.types.Mesh)]
        if len(objects) == 1 and len(meshes) == 1 and _take_place(collection, meshes[0], objects[0]):
            provenance.stamp([meshes[0]], job)
    visibility.hide(objects)
    return collection


def _take_place(collection: bpy.types.Collection, mesh: bpy.types.Object, original: bpy.types.Object) -> bool:
    """Give the one mesh the original's transform and parent, with its surface where it is, and a name after it; whether
    that can be."""
    data: Any = mesh.data
    there = world_matrix(original)
    determinant = there.determinant()
    if abs(determinant) < 1e-12 or data.shape_keys is not None or len(mesh.modifiers) or data.users > 1:
        return False
    world = world_of(mesh)
    data.transform(there.inverted() @ world)
    if determinant * world.determinant() < 0.0:
        data.flip_normals()
    mesh.parent = None
    bpy.data.batch_remove([one for one in collection.all_objects if one != mesh])
    mesh.rotation_mode = original.rotation_mode
    for name in ("delta_location", "delta_rotation_euler", "delta_rotation_quaternion", "delta_scale"):
        setattr(mesh, name, getattr(original, name))
    mesh.parent, mesh.parent_type, mesh.parent_bone = original.parent, original.parent_type, original.parent_bone
    mesh.matrix_parent_inverse = original.matrix_parent_inverse
    for name in ("location", "rotation_euler", "rotation_quaternion", "rotation_axis_angle", "scale"):
        setattr(mesh, name, getattr(original, name))
    if len(original.constraints) or original.parent_type.startswith("VERTEX"):
        mesh.parent, mesh.matrix_parent_inverse = None, Matrix()
        mesh.matrix_basis = there
    mesh.name = f"{original.name}{SUFFIX}"
    return True
