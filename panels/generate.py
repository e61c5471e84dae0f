"""The head of the tab: a welcome while the key is missing, and what to make the model from."""

from __future__ import annotations

import bpy
from bpy.types import Context, Panel, UILayout

from ..preferences import KEY_PAGE, base_package, get_preferences, has_key, online_problem
from .base import TripoPanel
from .wrapping import draw_wrapped


class TRIPO_PT_generate(TripoPanel, Panel):
    """What to make and how."""

    bl_label = "Generate"

    def draw(self, context: Context) -> None:
        """Draw the welcome or the mode row."""
        layout = self.layout
        if not has_key(context):
            _draw_welcome(layout, context)
        elif online_problem():
            _draw_offline(layout, context)
        settings = context.scene.tripo
        layout.row(align=True).prop(settings, "kind", expand=True)
        split = layout.column()
        split.use_property_split = True
        split.use_property_decorate = False
        split.prop(settings, "model_version")


def _draw_welcome(layout: UILayout, context: Context) -> None:
    box = layout.box()
    box.label(text="Welcome to Tripo", icon="INFO")
    draw_wrapped(box, context, "Paste the key of your 3D AI Studio account to begin.", inset=16)
    box.prop(get_preferences(context), "api_key", text="", placeholder="API Key")
    row = box.row(align=True)
    row.operator("wm.url_open", text="Get a Key", icon="URL").url = KEY_PAGE
    row.operator("preferences.addon_show", text="Preferences", icon="PREFERENCES").module = base_package


def _draw_offline(layout: UILayout, context: Context) -> None:
    box = layout.box()
    draw_wrapped(box, context, online_problem(), icon="INTERNET_OFFLINE", inset=16)
    if not bpy.app.online_access_override:
        show = box.operator("screen.userpref_show", text="Open Preferences", icon="PREFERENCES")
        show.section = "SYSTEM"


_register, _unregister = bpy.utils.register_classes_factory((TRIPO_PT_generate,))


def register() -> None:
    """Register the panel."""
    _register()


def unregister() -> None:
    """Unregister the panel."""
    _unregister()
