# SPDX-License-Identifier: GPL-3.0-or-later
"""Image Editor ▸ Send to Tripo: in the Image menu and the context menus."""

from __future__ import annotations

import bpy
from bpy.types import Context, Menu, SpaceImageEditor

from ..client.notices import N_
from ..properties.image_slots import SLOT_LABELS

_PLACES = ("IMAGE_MT_image", "IMAGE_MT_uvs_context_menu", "IMAGE_MT_mask_context_menu")
"""Where the entry hangs. In its View mode the editor has no right-click menu: that button samples a colour."""


class IMAGE_MT_tripo_send(Menu):
    """Which image of the next request the shown image becomes."""

    bl_label = "Send to Tripo"

    def draw(self, context: Context) -> None:
        """List the slots."""
        layout = self.layout
        for slot, label in SLOT_LABELS.items():
            text = N_("Image to 3D") if slot == "image" else label
            entry = layout.operator(
                "tripo.send_image", text=text, icon="IMAGE_DATA" if slot == "image" else "RENDERLAYERS"
            )
            entry.slot = slot
            if slot == "image":
                layout.separator()


def _draw_entry(self: Menu, context: Context) -> None:
    space = context.space_data
    if isinstance(space, SpaceImageEditor) and space.image is not None:
        self.layout.separator()
        self.layout.menu(IMAGE_MT_tripo_send.__name__, icon="MESH_UVSPHERE")


_register, _unregister = bpy.utils.register_classes_factory((IMAGE_MT_tripo_send,))


def register() -> None:
    """Register the menu and hang it into the editor's own."""
    _register()
    for place in _PLACES:
        if hasattr(bpy.types, place):
            getattr(bpy.types, place).append(_draw_entry)


def unregister() -> None:
    """Take it out again and unregister it."""
    for place in _PLACES:
        if hasattr(bpy.types, place):
            getattr(bpy.types, place).remove(_draw_entry)
    _unregister()
