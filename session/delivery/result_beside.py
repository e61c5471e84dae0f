# SPDX-License-Identifier: GPL-3.0-or-later
"""Textured results that stand beside the object that they are the texture of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import bpy

from ...client.jobs.geometry import Box, add
from .. import visibility
from ..delivered_models import BESIDE


class Beside(NamedTuple):
    """A textured result, and what it is the texture of; ``is_whole`` when none of these is gone."""

    collection: bpy.types.Collection
    objects: list[bpy.types.Object]
    is_whole: bool


def place(box: Box) -> Box:
    """Return the place beside the original, along X, of a result that cannot be put onto it."""
    offset = (box.size[0] * 1.2, 0.0, 0.0)
    return Box(add(box.low, offset), add(box.high, offset))


def mark(collection: bpy.types.Collection, objects: Sequence[bpy.types.Object]) -> None:
    """Note what a result is the texture of."""
    collection[BESIDE] = {str(number): one for number, one in enumerate(objects)}


def find(obj: bpy.types.Object, scene: bpy.types.Scene) -> Beside | None:
    """Return the newest result beside an object, or the one that the object belongs to; None without one. Quick enough
    for a drawing function: it looks at the collections of the scene."""
    for collection in reversed(scene.collection.children_recursive):
        kept: Any = collection.get(BESIDE)
        if not kept:
            continue
        found = [one for one in kept.values() if one is not None and one.name in scene.objects]
        if obj in found or collection in obj.users_collection:
            return Beside(collection, found, len(found) == len(kept))
    return None


def hide(objects: Sequence[bpy.types.Object], scene: bpy.types.Scene) -> None:
    """Hide the result beside objects, which have its look now: it is no longer offered. Nothing is removed."""
    there = find(objects[0], scene)
    if there is not None and there.objects == list(objects):
        visibility.hide(list(there.collection.all_objects))
        del there.collection[BESIDE]
