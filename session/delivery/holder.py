# SPDX-License-Identifier: GPL-3.0-or-later
"""The one collection of a scene that holds all delivered models."""

from __future__ import annotations

import bpy

NAME = "Tripo"
HOLDER = "tripo_models"
"""On the collection: that it is ours, whatever it is renamed to."""


def link(collection: bpy.types.Collection, scene: bpy.types.Scene, *, together: bool) -> None:
    """Link a model to a scene: with ``together`` below the collection that holds all, which is made when there is
    none."""
    (_holder(scene) if together else scene.collection).children.link(collection)


def remove_empty() -> None:
    """Remove our collections that hold nothing."""
    for one in [one for one in bpy.data.collections if HOLDER in one and not one.children and not one.objects]:
        bpy.data.collections.remove(one)


def _holder(scene: bpy.types.Scene) -> bpy.types.Collection:
    ours = [one for one in scene.collection.children if one.library is None and one.override_library is None]
    for one in ours:
        if one.get(HOLDER) or one.name == NAME:
            return one
    made = bpy.data.collections.new(NAME)
    made[HOLDER] = True
    scene.collection.children.link(made)
    return made
