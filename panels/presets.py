# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the presets' popover in the header of Generate."""

from __future__ import annotations

import bpy
from bl_ui.utils import PresetPanel
from bpy.types import Context, Menu, Panel

from ..client.schema import PRESETS
from ..operators.generate.presets import PRESET_FOLDER


class TRIPO_PT_presets(PresetPanel, Panel):
    """Sets of options for a purpose; while it is open, Blender lists the artist's own from their folder."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "HEADER"
    bl_label = "Presets"
    preset_subdir = PRESET_FOLDER
    preset_operator = "script.execute_preset"
    preset_add_operator = "tripo.add_preset"

    def draw(self, context: Context) -> None:
        """List the shipped presets, then the artist's own with the field to add one, then the reset."""
        layout = self.layout
        layout.emboss = "PULLDOWN_MENU"
        layout.operator_context = "EXEC_DEFAULT"
        for name, preset in PRESETS.items():
            layout.operator("tripo.apply_preset", text=preset.label).preset = name
        layout.separator()
        if bpy.utils.preset_paths(PRESET_FOLDER):
            Menu.draw_preset(self, context)  # type: ignore[arg-type]
        else:
            row = layout.row(align=True)
            row.emboss = "NORMAL"
            manager = context.window_manager
            row.prop(manager, "preset_name", text="")
            row.operator(self.preset_add_operator, text="", icon="ADD").name = manager.preset_name
        layout.separator()
        layout.operator("tripo.reset_options", icon="LOOP_BACK")


register, unregister = bpy.utils.register_classes_factory((TRIPO_PT_presets,))
