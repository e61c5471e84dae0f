# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw anew what shows the extension's state."""

from __future__ import annotations

import bpy


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
