# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliver a textured result: onto the object that was worked on, or beside it with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import bpy

from ...client.errors import ResultRefused
from ...client.formats import handover
from ...client.formats.handover import NoLook
from ...client.jobs.outcome import TRANSFER
from ...client.jobs.provenance import facts
from ...client.notices import N_, Notice, text
from ...client.paths import Home
from ...client.version import extension_version
from . import append, arrange, assign_materials, originals, result_beside
from .delivered import Delivered

if TYPE_CHECKING:
    from ...client.store import Job

_GONE = N_("The object that the look was baked for is gone: press Transfer Texture on another one")
_NOT_GIVEN = N_("The object was changed after the look was baked: press Transfer Texture again")
_CHANGED = N_("it was changed after it was sent")
_REASONS: Mapping[str, str] = {
    NoLook.OTHER_SURFACE: N_("its faces are not the same"),
    NoLook.NO_TEXTURE: N_("it has no texture coordinates"),
    NoLook.CUT: N_("its texture is cut across faces"),
    NoLook.GONE: N_("the copy that was sent is gone, so that they cannot be compared"),
}


def deliver(home: Home, job: Job, scene: bpy.types.Scene) -> Delivered:
    """Give the original its new look; beside it, or as a new model, when that cannot be. When it raises, the scene is
    as before."""
    objects = originals.of_job(job, scene)
    reason = assign_materials.problem_of(objects)
    if objects and not reason:
        has_looks, done = _give(home, job, objects)
        if done:
            if job.kind == TRANSFER:
                result_beside.hide(objects, scene)
            return Delivered(None)
        reason = text(_CHANGED) if has_looks else None
    if job.kind == TRANSFER:
        raise ResultRefused(_NOT_GIVEN if objects else _GONE)
    with append.appended(home.root / job.blend) as collection:
        noted = str(collection.pop(handover.NO_LOOK, NoLook.GONE))
        return _beside(collection, job, scene, objects, reason or text(_REASONS.get(noted, _REASONS[NoLook.GONE])))


def _give(home: Home, job: Job, objects: list[bpy.types.Object]) -> tuple[bool, bool]:
    """Give the objects the looks that were prepared; return whether there are any, and whether they fit."""
    prepared = append.looks_from(home.root / job.blend)
    try:
        transfers = assign_materials.plan(objects, prepared)
        if transfers:
            assign_materials.apply(transfers, job.name, facts(job, extension_version()))
        return bool(prepared), bool(transfers)
    finally:
        append.discard_looks(prepared)


def _beside(
    collection: bpy.types.Collection,
    job: Job,
    scene: bpy.types.Scene,
    objects: list[bpy.types.Object],
    reason: Notice | None,
) -> Delivered:
    room = originals.bounds(objects, scene)
    arrange.arrange(collection, job, scene, into=None if room is None else result_beside.place(room))
    if not objects:
        gone = text(N_("The object that was textured is gone: the result is a model of its own"))
        return Delivered(collection, gone if originals.are_gone(job, objects) else None)
    names = ", ".join(one.name for one in objects)
    result_beside.mark(collection, objects)
    words = N_("The textured model is beside {names}: {reason}")
    return Delivered(collection, text(words, names=names, reason=reason))
