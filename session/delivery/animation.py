# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an object's own animation sets its transform."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy

_PLACES = ("location", "rotation_", "scale", "delta_")


def moves_itself(obj: bpy.types.Object) -> bool:
    """Whether a curve, a driver or a constraint of the object sets its location, rotation or scale."""
    if len(obj.constraints):
        return True
    data = obj.animation_data
    if data is None:
        return False
    paths = [*(one.data_path for one in data.drivers)]
    for action in _actions(data):
        paths += _paths(action)
    return any(path.startswith(_PLACES) for path in paths)


def _actions(data: bpy.types.AnimData) -> Iterator[bpy.types.Action]:
    if data.action is not None:
        yield data.action
    for track in data.nla_tracks:
        for strip in track.strips:
            if strip.action is not None:
                yield strip.action


def _paths(action: Any) -> Iterator[str]:
    """Yield what an action's curves animate: of layered ones (from 4.4 on) those of all slots."""
    if not hasattr(action, "layers"):
        yield from (curve.data_path for curve in action.fcurves)
        return
    for layer in action.layers:
        for strip in layer.strips:
            for bag in strip.channelbags:
                yield from (curve.data_path for curve in bag.fcurves)
