# SPDX-License-Identifier: GPL-3.0-or-later
"""Paint a model anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ...client.notices import N_
from ...client.schema import NOTES, Kind
from .tool import MeshTool, tool_annotations


class TRIPO_OT_texture_model(MeshTool):
    """Paint the selected model anew from a text prompt or an image"""

    bl_idname = "tripo.texture_model"
    bl_label = "Texture Model"
    kind = Kind.TEXTURE_MODEL
    does = N_("A new look for the object; the present one is kept")
    __annotations__ = tool_annotations(Kind.TEXTURE_MODEL)
    if TYPE_CHECKING:  # made by tools/property_types.py
        image: str
        style_image: str
        keep_alpha: bool
        prompt: str
        style: str
        texture: bool
        pbr: bool
        texture_quality: str
        texture_alignment: str
        use_texture_seed: bool
        texture_seed: int
        compress: str
        bake: bool

    def draw_more(self, layout: bpy.types.UILayout) -> None:
        """Warn of an image without words."""
        from ...widgets.parameters import plain_note

        if getattr(self, "image", "").strip():
            for note in NOTES:
                if note.name == "image" and self.kind in note.kinds:
                    plain_note(layout, note.message)


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_texture_model,))
