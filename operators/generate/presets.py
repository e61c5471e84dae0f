# SPDX-License-Identifier: GPL-3.0-or-later
"""Apply, add and remove presets: the shipped ones and the artist's own."""

from typing import TYPE_CHECKING

import bpy
from bl_operators.presets import AddPresetBase
from bpy.props import EnumProperty
from bpy.types import Context, Event, Operator

from ...client.schema import BY_NAME, IN_PRESETS, PRESETS
from ...properties.parameters import held_as, properties_of
from ...properties.scene import settings_of
from ...session.operator_return import OperatorReturn

PRESET_FOLDER = "tripo_generator"
"""Below ``presets`` in the user's scripts folder, where Blender's own presets are."""
_KEPT = frozenset({"rna_type", "name", "kind", "prompt", "style", "negative_prompt", "token"})
"""What a reset leaves alone, besides images."""


def preset_properties() -> list[str]:
    """Return the properties of ``Scene.tripo`` that a preset of the artist's own decides: the style line, too."""
    return ["model_version", "style", *(name for parameter in IN_PRESETS for name in properties_of(parameter))]


class TRIPO_OT_apply_preset(Operator):
    """Set the options for a purpose; prompt, images and seeds stay"""

    bl_idname = "tripo.apply_preset"
    bl_label = "Apply Preset"
    bl_options = {"REGISTER", "UNDO"}
    bl_property = "preset"

    preset: EnumProperty(
        name="Preset",
        description="What the model is for",
        items=[(name, preset.label, preset.help) for name, preset in PRESETS.items()],
    )
    if TYPE_CHECKING:  # made by tools/property_types.py
        preset: str

    @classmethod
    def description(cls, _context: Context, properties: "TRIPO_OT_apply_preset") -> str:
        """Return what the preset is for."""
        return PRESETS[properties.preset].help

    def invoke(self, context: Context, _event: Event) -> OperatorReturn:
        """Ask which one."""
        if self.properties.is_property_set("preset"):
            return self.execute(context)
        context.window_manager.invoke_search_popup(self)
        return {"FINISHED"}

    def execute(self, context: Context) -> OperatorReturn:
        """Set every option of the preset, also those that have their default in it."""
        settings = settings_of(context.scene)
        preset = PRESETS[self.preset]
        settings.model_version = preset.version.value
        for parameter, value in preset.values.items():
            for name, held in held_as(BY_NAME[parameter], value).items():
                setattr(settings, name, held)
        return {"FINISHED"}


class TRIPO_OT_add_preset(AddPresetBase, Operator):
    """Save the options as a preset of your own, or remove one"""

    bl_idname = "tripo.add_preset"
    bl_label = "Add Tripo Preset"
    preset_menu = "TRIPO_PT_presets"
    preset_subdir = PRESET_FOLDER
    # Spelled out: with Python 3.13, Blender 4.3 does not find what `preset_defines` would define.
    preset_values = [f"bpy.context.scene.tripo.{name}" for name in preset_properties()]


class TRIPO_OT_reset_options(Operator):
    """Give every option its default; mode, texts and images stay"""

    bl_idname = "tripo.reset_options"
    bl_label = "Reset to Defaults"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: Context) -> OperatorReturn:
        """Unset the options, whichever there are."""
        settings = settings_of(context.scene)
        for known in settings.bl_rna.properties:
            if known.identifier not in _KEPT and known.type not in {"POINTER", "COLLECTION"}:
                settings.property_unset(known.identifier)
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory(
    (TRIPO_OT_apply_preset, TRIPO_OT_add_preset, TRIPO_OT_reset_options)
)
