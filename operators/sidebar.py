"""What the sidebar shows: its state, and when it is drawn again."""

from __future__ import annotations

from typing import Any, cast

import bpy


def window_state() -> Any:
    """Return ``WindowManager.tripo``, whatever the context is."""
    managers = getattr(bpy.data, "window_managers", None)  # withheld while Blender enables an add-on
    return cast(Any, bpy.context.window_manager if managers is None else managers[0]).tripo


def redraw_sidebars(only_tab: str | None = None) -> None:
    """Redraw the sidebars of all 3D views, or those that show a tab as far as that can be told, and the preferences."""
    for window in bpy.data.window_managers[0].windows:
        for area in window.screen.areas:
            if area.type == "PREFERENCES":
                area.tag_redraw()
            if area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "UI" and only_tab in (None, getattr(region, "active_panel_category", only_tab)):
                        region.tag_redraw()
