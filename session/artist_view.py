# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist looks at: view layers on show, the 3D view that they are in."""

from __future__ import annotations

import bpy


def view_layers_on_show(scene: bpy.types.Scene) -> list[bpy.types.ViewLayer]:
    """Return the view layers of a scene that are on the screen, or its first one."""
    windows = bpy.data.window_managers[0].windows
    shown = {window.view_layer.name for window in windows if window.scene == scene}
    return [one for one in scene.view_layers if one.name in shown] or list(scene.view_layers[:1])
