# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliver a finished result: the only place where results become Blender data.

What is done with it is chosen by the job's kind (`client.jobs.outcome`). Every deliverer has the same duties: nothing
else is touched, the original is kept, and when it raises the scene is as before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ...client.errors import ResultRefused
from ...client.files.saved_copy import is_saved
from ...client.jobs.outcome import Outcome, outcome_of
from ...client.jobs.placement import needs_blend
from ...client.notices import N_
from ...client.paths import Home
from ...properties.preferences import get_preferences
from ..undo import push_undo
from . import arrival, asset, new_look, new_model, parts, saved_file, selection
from .delivered import Delivered, together

__all__ = ["Delivered", "deliver", "has_file", "is_prepared"]

if TYPE_CHECKING:
    from ...client.store import Job

_STROKES_ALONE = {"SCULPT", "PAINT_VERTEX", "PAINT_WEIGHT"}
"""Modes whose undo steps hold strokes and nothing else."""


def has_file(home: Home, job: Job) -> bool:
    """Whether what was downloaded is there, of which the converter can make it again."""
    return bool(job.file) and (home.root / job.file).is_file()


def is_prepared(home: Home, job: Job) -> bool:
    """Whether all that the delivery of a job needs is there: of one whose file is only saved, the file where it is to
    be."""
    return _is_in_cache(home, job) and is_saved(job.kind, job.placement)


def _is_in_cache(home: Home, job: Job) -> bool:
    """Whether what the converter made of a job's file is there to be appended, or else the file."""
    needed = job.blend if needs_blend(job.kind, job.placement) else job.file
    return bool(needed) and (home.root / needed).is_file()


def deliver(
    home: Home, job: Job, scene: bpy.types.Scene, unfinished: asset.UnfinishedAssets, *, select: bool = False
) -> Delivered:
    """Do with a finished job's result what its kind asks for, in one undo step; raises ResultRefused.

    ``select`` chooses what is new where the scene is in Object Mode. When it raises, the scene is as before.
    """
    if not _is_in_cache(home, job):
        raise ResultRefused(N_("The model is no longer in the cache: press Import to fetch it again"))
    if bpy.context.mode in _STROKES_ALONE:
        # Going back from our step to a stroke's reads no scene: the model would stay. This one holds it without.
        push_undo(f"Tripo: before {job.name}")
    preferences, is_first = get_preferences(bpy.context), arrival.is_first()
    delivered = _DELIVERERS[outcome_of(job.kind)](home, job, scene)
    if delivered.collection is not None and preferences.mark_assets:
        asset.mark_delivered(delivered.collection, home, unfinished)
    if select and delivered.collection is not None:
        selection.select_only(delivered.collection, scene)
    if delivered.collection is not None:
        framed = delivered.room if is_first and preferences.frame_first and not delivered.in_place else None
        said = arrival.show(delivered.collection, scene, framed, textures=is_first and preferences.show_textures)
        delivered = delivered._replace(note=together(delivered.note, said))
    for one in delivered.copies:
        arrival.show(one, scene, None, textures=False)
    push_undo(f"Tripo: {job.name}")
    return delivered


_DELIVERERS = {
    Outcome.NEW_MODEL: new_model.deliver,
    Outcome.NEW_LOOK: new_look.deliver,
    Outcome.PARTS: parts.deliver,
    Outcome.SAVED_FILE: saved_file.deliver,
}
