"""Buttons and fields found by what they stand for, not by where they were last time. Runs in Blender.

The mouse goes down a region; Blender tells of the thing below it what "Copy Data Path" and "Copy Python Command" in its
right-click menu would copy.
"""

from __future__ import annotations

from typing import Any

import bpy

from .inside import Steps, Ui

ROW = 10
"""Pixels between two looks: half of a row at an interface scale of 1."""


def below_mouse(ui: Ui, area: Any, region: Any) -> str:
    """The data path (``tripo.prompt``) or the call (``bpy.ops.tripo.text_to_3d(…)``) of what the mouse is over, or ''.

    Greyed-out buttons are told as well.
    """
    manager = bpy.context.window_manager
    kept, manager.clipboard = manager.clipboard, ""
    try:
        with bpy.context.temp_override(window=ui.window, area=area, region=region):
            operators: tuple[Any, ...] = (bpy.ops.ui.copy_data_path_button, bpy.ops.ui.copy_python_command_button)
            for copy in operators:
                if copy.poll():
                    copy()
                    if manager.clipboard:
                        return manager.clipboard
        return ""
    finally:
        manager.clipboard = kept


def find(ui: Ui, region: Any, wanted: str, *, right: int = 110, area: Any = None, top: int = 0) -> Steps:
    """Action: the middle of the first thing whose path or call contains ``wanted``; LookupError when there is none.

    Looks down a line ``right`` pixels from the region's left edge (negative: from its right edge), beginning ``top``
    pixels below its upper edge.
    """
    area = area or ui.area()
    x = region.x + (right if right >= 0 else region.width + right)
    seen: list[str] = []
    rows: list[int] = []
    for y in range(region.y + region.height - top - ROW // 2, region.y, -ROW):
        yield from ui.move(x, y, pause=0.03)
        name = below_mouse(ui, area, region)
        if wanted in name:
            rows.append(y)
        elif rows:
            break
        if name and name not in seen:
            seen.append(name)
    if not rows:
        raise LookupError(f"nothing in this region stands for {wanted!r}, only {seen}")
    return x, (rows[0] + rows[-1]) // 2


def click(ui: Ui, region: Any, wanted: str, *, right: int = 110, area: Any = None, top: int = 0) -> Steps:
    """Action: find it and click it; where it was."""
    place = yield from find(ui, region, wanted, right=right, area=area, top=top)
    yield from ui.click(*place)
    return place
