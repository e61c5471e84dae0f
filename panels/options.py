"""The options, one sub-panel for each group of the schema; only what the endpoint takes is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.types import Context, Panel, UILayout

from ..client.schema import Group, parameters_in
from ..parameter_props import draw_parameters
from ..placement_ui import draw_placement
from .base import TripoPanel, chosen
from .wrapping import draw_wrapped

_VARIATION_NOTES = {
    "model_seed": "Each has a model seed of its own, counted up from the one that is set",
    "texture_seed": "Each has a texture seed of its own; the service varies the shape",
    "": "The service makes each a little different",
}
_ELSEWHERE = frozenset({"auto_size"})
"""The size is chosen once, with the placement."""


class _OptionsPanel(TripoPanel):
    bl_parent_id = "TRIPO_PT_generate"
    bl_options = {"DEFAULT_CLOSED"}
    if TYPE_CHECKING:
        group: Group

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Show the panel when the endpoint has an option of this group."""
        _settings, kind, version = chosen(context)
        return bool(parameters_in(kind, version, cls.group))

    def draw(self, context: Context) -> None:
        """Draw the group's parameters; the result's panel begins with the placement."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings, kind, version = chosen(context)

        def note(column: UILayout, text: str) -> None:
            draw_wrapped(column, context, text, icon="BLANK1", dim=True)

        if self.group is Group.RESULT:
            layout.operator("tripo.place_with_mouse", icon="MOUSE_LMB")
            draw_placement(layout, settings.placement, note=note)
            _draw_default(layout)
        draw_parameters(layout, settings, kind, version, self.group, skip=_ELSEWHERE, note=note)
        if self.group is Group.SHAPE:
            column = layout.column(align=True)
            column.prop(settings, "variations")
            if settings.variations > 1:
                from ..client.variations import varied_seed

                note(column, _VARIATION_NOTES[varied_seed(kind, version)])


def _draw_default(layout: UILayout) -> None:
    row = layout.row(align=True)
    row.operator("tripo.save_placement", text="Save as Default")
    row.operator("tripo.reset_placement", text="", icon="LOOP_BACK")
    layout.separator(factor=0.5)


class TRIPO_PT_shape(_OptionsPanel, Panel):
    """Options of the shape."""

    bl_label = Group.SHAPE.value
    group = Group.SHAPE


class TRIPO_PT_surface(_OptionsPanel, Panel):
    """Options of the texture."""

    bl_label = Group.SURFACE.value
    group = Group.SURFACE


class TRIPO_PT_result(_OptionsPanel, Panel):
    """Options of the delivery."""

    bl_label = Group.RESULT.value
    group = Group.RESULT


_register, _unregister = bpy.utils.register_classes_factory((TRIPO_PT_shape, TRIPO_PT_surface, TRIPO_PT_result))


def register() -> None:
    """Register the panels."""
    _register()


def unregister() -> None:
    """Unregister the panels."""
    _unregister()
