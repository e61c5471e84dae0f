# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliver a converted file: save it where the artist wants it, and import it in the original's place on request."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from mathutils import Matrix

from ...client.errors import ResultRefused
from ...client.files import disk
from ...client.files.saved_copy import save_copy
from ...client.jobs.placement import Placement
from ...client.notices import N_, text
from ...client.paths import Home
from . import append, arrange, originals, provenance
from .delivered import Delivered

if TYPE_CHECKING:
    from ...client.store import Job

SUFFIX = "_retopo"


def deliver(home: Home, job: Job, scene: bpy.types.Scene) -> Delivered:
    """Save the file, under a free name when there is one of that name, and import it if that was asked for.

    Raises ResultRefused when the file cannot be saved. When it raises, neither file nor scene has changed.
    """
    placement = Placement.from_json(job.placement)
    saved = _save(home.root / job.file, placement.filepath) if placement.filepath else None
    note = None if saved is None else text(N_("Saved as {file}"), file=str(saved))
    if not placement.import_result:
        return Delivered(None, note)
    try:
        return Delivered(_import(home, job, scene), note)
    except Exception:
        if saved is not None:
            disk.remove(saved, disk.BRIEF_SECONDS, missing_ok=True)
        raise


def _save(file: Path, filepath: str) -> Path:
    target = Path(filepath)
    try:
        return save_copy(file, target)
    except FileNotFoundError as error:
        if not file.is_file():
            raise ResultRefused(N_("The file is no longer in the cache: press Import to fetch it again")) from error
        words = N_("The folder {folder} is not there: make it and press Import")
        raise ResultRefused(words, folder=str(target.parent)) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        words = N_("The file cannot be saved in {folder} ({reason}): press Import again")
        raise ResultRefused(words, folder=str(target.parent), reason=reason) from error


def _import(home: Home, job: Job, scene: bpy.types.Scene) -> bpy.types.Collection:
    collection = append.collection_from(home.root / job.blend)
    try:
        objects = originals.of_job(job, scene)
        room = originals.bounds(objects, scene) if objects else None
        arrange.arrange(collection, job, scene, into=room)
        meshes = [one for one in collection.all_objects if isinstance(one.data, bpy.types.Mesh)]
        if len(objects) == 1 and len(meshes) == 1 and _take_place(collection, meshes[0], objects[0]):
            provenance.stamp([meshes[0]], job)
    except Exception:
        append.discard(collection)
        raise
    originals.hide(objects)
    return collection


def _take_place(collection: bpy.types.Collection, mesh: bpy.types.Object, original: bpy.types.Object) -> bool:
    """Give the one mesh the original's transform and parent, with its surface where it is, and a name after it; whether
    that can be."""
    data: Any = mesh.data
    determinant = original.matrix_world.determinant()
    if abs(determinant) < 1e-12 or data.shape_keys is not None or len(mesh.modifiers) or data.users > 1:
        return False
    world = originals.world_of(mesh)
    data.transform(original.matrix_world.inverted() @ world)
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
        mesh.matrix_basis = original.matrix_world
    mesh.name = f"{original.name}{SUFFIX}"
    return True
