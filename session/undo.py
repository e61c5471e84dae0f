# SPDX-License-Identifier: GPL-3.0-or-later
"""Write undo steps where Blender writes none by itself."""

from __future__ import annotations

import bpy


def push_undo(message: str) -> None:
    """Close a change with an undo step; timers have no window in their context, undo needs one."""
    windows = bpy.data.window_managers[0].windows
    window = bpy.context.window or (windows[0] if windows else None)
    with bpy.context.temp_override(window=window) if window else bpy.context.temp_override():
        bpy.ops.ed.undo_push(message=message)
