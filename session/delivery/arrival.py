# SPDX-License-Identifier: GPL-3.0-or-later
"""Let the artist see what has arrived: in their local view, framed and with its textures when it is the first; or say
where it is."""

from __future__ import annotations

import bpy

from ...client.jobs.geometry import Box
from ...client.notices import Notice
from ..artist_view import frame, view_layers_on_show, view_on
from ..delivered_models import PROPERTY
from ..visibility import join_local_view, whereabouts


def is_first() -> bool:
    """Whether no model of ours is in this file yet. Ask before one is delivered."""
    return not any(PROPERTY in one for one in bpy.data.collections)


def show(
    collection: bpy.types.Collection, scene: bpy.types.Scene, framed: Box | None, *, textures: bool
) -> Notice | None:
    """Show a model that has arrived in the view that the artist is in; return where it is when it cannot be seen.

    ``framed`` is the room in world space that the view is moved to, outside of modes that a moved view would disturb.
    ``textures`` gives Solid shading the colours of textures in place of those of materials. Evaluates nothing.
    """
    view_layer = view_layers_on_show(scene)[0]
    hidden = whereabouts(collection, view_layer)
    view = view_on(scene)
    if view is None or hidden is not None:
        return hidden
    join_local_view(collection, view)
    active = view_layer.objects.active
    if framed is not None and (active is None or active.mode == "OBJECT"):
        frame(view, framed)
    shading = view.space.shading
    if textures and shading.type == "SOLID" and shading.color_type == "MATERIAL":
        shading.color_type = "TEXTURE"
    return None
