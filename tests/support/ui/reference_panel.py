"""A panel that never changes, to measure others against: what it takes is the same work on every machine.

It does what panels do, in like shares: rows of a list, labels in two columns, properties beside their labels, buttons,
and reading properties to find out what to say. Runs in Blender; needs nothing of the extension.
"""

from __future__ import annotations

from typing import Any

import bpy

_ROWS = 8
_READ = ("resolution_x", "resolution_y", "resolution_percentage", "fps", "fps_base", "use_border", "filepath")
_SHOWN = ("resolution_x", "resolution_y", "resolution_percentage", "use_border", "use_simplify", "use_single_layer")
_TOOLS = ("use_snap", "use_proportional_edit", "proportional_size", "use_mesh_automerge", "transform_pivot_point")


class TRIPOTEST_PT_reference(bpy.types.Panel):
    """Always the same."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Tripo"
    bl_label = "Reference"
    bl_order = -1

    def draw(self, context: bpy.types.Context) -> None:
        """Draw it all."""
        layout: Any = self.layout
        _draw_list(layout, context)
        _draw_facts(layout, context)
        _draw_settings(layout, context)
        row = layout.row(align=True)
        row.operator("wm.url_open", text="A Page", icon="URL").url = "https://example.com"
        row.operator("wm.redraw_timer", text="", icon="LOOP_BACK")


def _draw_list(layout: Any, context: bpy.types.Context) -> None:
    for number in range(_ROWS):
        narrow = context.region.width < 240 * context.preferences.system.ui_scale
        split = layout.split(factor=0.4 if narrow else 0.6)
        name = split.row(align=True)
        name.label(text="", icon="SORTTIME")
        name.label(text=f"{context.scene.name} {number}", icon="FONT_DATA", translate=False)
        row = split.row(align=True)
        row.progress(factor=number / 10, text=f"{number * 10}%")
        row.operator("wm.url_open", text="", icon="X", emboss=False).url = f"https://example.com/{number}"


def _draw_facts(layout: Any, context: bpy.types.Context) -> None:
    render: Any = context.scene.render
    facts = {name: getattr(render, name) for name in _READ}
    split = layout.split(factor=0.45)
    labels, values = split.column(align=True), split.column(align=True)
    for name, value in facts.items():
        labels.label(text=name)
        values.label(text=str(value), translate=False)


def _draw_settings(layout: Any, context: bpy.types.Context) -> None:
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    for owner, names in ((context.scene.render, _SHOWN), (context.scene.tool_settings, _TOOLS)):
        for name in names:
            column.prop(owner, name)
