# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliver a new model: a collection of its own, where it was asked for, and instances in all places like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ...client.paths import Home
from .. import visibility
from . import append, arrange, copies
from .delivered import Delivered

if TYPE_CHECKING:
    from ...client.store import Job


def deliver(home: Home, job: Job, scene: bpy.types.Scene) -> Delivered:
    """Put the model into a new collection of the scene. When it raises, the scene is as before."""
    places = copies.places_now(job, scene)
    with append.appended(home.root / job.blend) as collection:
        placed = arrange.arrange(collection, job, scene)
        copied = copies.make(collection, job, scene, placed, places)
    replaced = (placed.replaced, *(place.replaced for place in places))
    visibility.hide([one for one in replaced if one is not None])
    return Delivered(collection, placed.note, placed.room, copied, placed.replaced is not None)
