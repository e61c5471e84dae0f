# SPDX-License-Identifier: GPL-3.0-or-later
"""Render views of a scene that the artist's Blender has set up and written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import bpy

from client.files import disk
from client.formats.selection import read_selection, selection_beside
from converter.source_objects import paint_unsaved


def render_views(blend: Path, name: str, shots: Sequence[tuple[float, str]], cycles: Mapping[str, Any]) -> None:
    """Render a scene of a ``.blend`` by Cycles, once for each of the ``shots``: how far what its camera hangs on is
    turned about the vertical axis, in radians, and the PNG, which appears complete or not at all.

    ``cycles`` are settings of the engine. Raises OSError, RuntimeError.
    """
    bpy.ops.wm.open_mainfile(filepath=str(blend), load_ui=False, use_scripts=False)
    paint_unsaved(read_selection(selection_beside(blend)))
    scene: Any = bpy.data.scenes[name]
    scene.render.engine = "CYCLES"
    for setting, value in cycles.items():
        setattr(scene.cycles, setting, value)
    turntable = cast(bpy.types.Object, scene.camera.parent)
    for turn, target in shots:
        turntable.rotation_euler.z = turn
        partial = Path(target).with_suffix(".partial.png")
        scene.render.filepath = str(partial)
        bpy.ops.render.render(write_still=True, scene=name)
        disk.replace(partial, Path(target))
