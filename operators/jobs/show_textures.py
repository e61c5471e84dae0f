# SPDX-License-Identifier: GPL-3.0-or-later
"""Let a 3D view show textures."""

from __future__ import annotations

from typing import cast

import bpy
from bpy.types import Context, Operator

from ...session.operator_return import OperatorReturn


class TRIPO_OT_show_textures(Operator):
    """Switch this 3D view to Material Preview, which shows textures"""

    bl_idname = "tripo.show_textures"
    bl_label = "Show Textures"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Offer it in a 3D view."""
        return context.space_data is not None and context.space_data.type == "VIEW_3D"

    def execute(self, context: Context) -> OperatorReturn:
        """Switch the view that the button is in, and no other."""
        cast(bpy.types.SpaceView3D, context.space_data).shading.type = "MATERIAL"
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_show_textures,))
