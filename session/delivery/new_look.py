# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliver a textured result: onto the object that was worked on, or beside it with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ...client.jobs.provenance import facts
from ...client.paths import Home
from ...client.version import extension_version
from . import append, arrange, materials, originals
from .delivered import Delivered

if TYPE_CHECKING:
    from ...client.store import Job

BESIDE = "tripo_beside"
"""On the collection of a result that came beside: the objects that it is the texture of."""


def deliver(home: Home, job: Job, scene: bpy.types.Scene) -> Delivered:
    """Give the original its new look; beside it, or as a new model, when that cannot be. When it raises, the scene is
    as before."""
    collection = append.collection_from(home.root / job.blend)
    try:
        objects = originals.of_job(job, scene)
        reason = materials.problem_of(objects)
        transfer = materials.plan(objects, collection, scene) if objects and not reason else reason
        if isinstance(transfer, str):
            return _beside(collection, job, scene, objects, transfer)
        materials.apply(transfer, job.name, facts(job, extension_version()))
    except Exception:
        append.discard(collection)
        raise
    append.discard(collection)
    return Delivered(None)


def _beside(
    collection: bpy.types.Collection, job: Job, scene: bpy.types.Scene, objects: list[bpy.types.Object], reason: str
) -> Delivered:
    room = originals.bounds(objects, scene) if objects else None
    arrange.arrange(collection, job, scene, into=None if room is None else materials.beside(room))
    if not objects:
        gone = "The object that was textured is gone: the result is a model of its own"
        return Delivered(collection, gone if originals.are_gone(job, objects) else "")
    names = ", ".join(one.name for one in objects)
    collection[BESIDE] = {str(number): one for number, one in enumerate(objects)}
    return Delivered(collection, f"The textured model is beside {names}: {reason}")
