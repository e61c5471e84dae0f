# SPDX-License-Identifier: GPL-3.0-or-later
"""Bake animation that an importer leaves in the model's file into keys and shape keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bpy
import numpy as np
from mathutils import Euler, Matrix
from numpy.typing import NDArray

from client.formats.handover import Loss, Lost
from converter.arrays import to_array

_CACHES = {"TRANSFORM_CACHE", "MESH_SEQUENCE_CACHE"}
MOST_VALUES = 50_000_000
"""Coordinates of all frames together: 200 MB that Blender would keep in memory and in the artist's file."""
_CHANNELS = {"location": 3, "rotation_euler": 3, "scale": 3}
_Frames = NDArray[np.float64]


def bake(scene: bpy.types.Scene) -> list[Lost]:
    """Replace what reads the animation from a file; return what had to be left out. The frame is as before."""
    moved = [one for one in bpy.data.objects if _cached(one.constraints)]
    shaped = [one for one in bpy.data.objects if _cached(one.modifiers)]
    if not moved and not shaped:
        return []
    frames = list(range(scene.frame_start, scene.frame_end + 1))
    wanted = len(frames) * (9 * len(moved) + sum(3 * _vertices(one) for one in shaped))
    lost: list[Lost] = []
    if wanted > MOST_VALUES:
        lost += [Lost(Loss.ANIMATION)]
        matrices, shapes = {}, {}
    else:
        matrices, shapes = _sampled(scene, frames, moved, shaped)
    for one in (*moved, *shaped):
        for stack in (one.constraints, one.modifiers):
            for cached in _cached(stack):
                stack.remove(cached)
    caches: Any = bpy.data.cache_files
    bpy.data.batch_remove(list(caches))
    for obj, found in matrices.items():
        _key_transform(obj, frames, found)
    for obj, points in shapes.items():
        if points is None:
            lost.append(Lost(Loss.ANIMATION, obj.name))
        else:
            _key_shape(obj, frames, points)
    return lost


def _cached(stack: Iterable[Any]) -> list[Any]:
    return [one for one in stack if one.type in _CACHES]


def _vertices(obj: bpy.types.Object) -> int:
    return len(obj.data.vertices) if isinstance(obj.data, bpy.types.Mesh) else 0


def _sampled(
    scene: bpy.types.Scene, frames: list[int], moved: list[bpy.types.Object], shaped: list[bpy.types.Object]
) -> tuple[dict[bpy.types.Object, list[Matrix]], dict[bpy.types.Object, NDArray[np.float32] | None]]:
    """Return each object's matrix in its parent and each mesh's points (frames, 3 × vertices), None where the number of
    points changes or there are none, for all frames."""
    before = scene.frame_current
    matrices: dict[bpy.types.Object, list[Matrix]] = {one: [] for one in moved}
    points: dict[bpy.types.Object, list[NDArray[np.float32]]] = {one: [] for one in shaped}
    for frame in frames:
        scene.frame_set(frame)
        depsgraph = bpy.context.evaluated_depsgraph_get()
        for obj, found in matrices.items():
            world = obj.evaluated_get(depsgraph).matrix_world.copy()
            if obj.parent is not None:
                above = obj.parent.evaluated_get(depsgraph).matrix_world @ obj.matrix_parent_inverse
                world = above.inverted_safe() @ world
            found.append(world)
        for obj, shapes in points.items():
            shapes.append(_points(obj.evaluated_get(depsgraph)))
    scene.frame_set(before)
    same = {obj: {len(one) for one in shapes} == {3 * _vertices(obj)} for obj, shapes in points.items()}
    return matrices, {obj: np.array(shapes) if same[obj] and shapes[0].size else None for obj, shapes in points.items()}


def _points(evaluated: Any) -> NDArray[np.float32]:
    if not isinstance(evaluated.data, bpy.types.Mesh):
        return np.empty(0, np.float32)
    return to_array(evaluated.data.vertices, "co", 3).ravel()


def _key_transform(obj: Any, frames: list[int], matrices: list[Matrix]) -> None:
    obj.rotation_mode = "XYZ"
    values = np.empty((len(frames), 9))
    turned = Euler()
    for number, matrix in enumerate(matrices):
        location, rotation, scale = matrix.decompose()
        turned = rotation.to_euler("XYZ", turned)
        values[number] = (*location, *turned, *scale)
    obj.location, obj.rotation_euler, obj.scale = values[0, :3], values[0, 3:6], values[0, 6:]
    first = 0
    for path, count in _CHANNELS.items():
        channels = values[:, first : first + count]
        first += count
        if np.ptp(channels, axis=0).max() > 1e-6:
            _key(obj, path, frames, channels)


def _key_shape(obj: Any, frames: list[int], points: NDArray[np.float32]) -> None:
    """One shape for each frame, played one after the other by the evaluation time of absolute shape keys."""
    if np.ptp(points, axis=0).max() <= 1e-6:
        obj.data.vertices.foreach_set("co", points[0])
        return
    for frame, shape in zip(frames, points, strict=True):
        key = obj.shape_key_add(name=f"Frame {frame}", from_mix=False)
        key.data.foreach_set("co", shape)
        key.interpolation = "KEY_LINEAR"
    keys: Any = obj.data.shape_keys
    keys.use_relative = False
    times = np.array([[one.frame] for one in keys.key_blocks])
    _key(keys, "eval_time", [frames[0], frames[-1]], times[[0, -1]])


def _key(block: Any, path: str, frames: list[int], values: _Frames) -> None:
    """Write keys with straight lines between them: one column of ``values`` for each channel of a property."""
    block.keyframe_insert(path, frame=frames[0])
    curves = [one for one in _curves(block) if one.data_path == path]
    for curve in curves:
        keys = curve.keyframe_points
        keys.clear()
        keys.add(len(frames))
        column = values[:, curve.array_index]
        keys.foreach_set("co", np.column_stack([frames, column]).astype(np.float32).ravel())
        for key in keys:
            key.interpolation = "LINEAR"
        curve.update()


def _curves(block: Any) -> Any:
    action = block.animation_data.action
    if not hasattr(action, "layers"):
        return action.fcurves
    # Since 4.4 an action has layers, and since 5.0 nothing else.
    return action.layers[0].strips[0].channelbag(block.animation_data.action_slot).fcurves
