# SPDX-License-Identifier: GPL-3.0-or-later
"""Select what has just arrived, for those who want that."""

from __future__ import annotations

import bpy

from ..artist_view import view_layers_on_show
from .arrange import top_objects


def select_only(collection: bpy.types.Collection, scene: bpy.types.Scene) -> None:
    """Select a collection's objects and nothing else, as importers do, in the view layers that are in Object Mode."""
    for view_layer in view_layers_on_show(scene):
        view_layer.update()  # until then it may hold gaps where objects were removed
        active = view_layer.objects.active
        if active is not None and active.mode != "OBJECT":
            continue
        mine = set(collection.all_objects)
        present = [one for one in view_layer.objects if one in mine or one.select_get(view_layer=view_layer)]
        for one in present:
            one.select_set(one in mine, view_layer=view_layer)
        tops = [one for one in top_objects(collection) if one.visible_get(view_layer=view_layer)]
        if tops:
            view_layer.objects.active = tops[0]
